// The fifty states in alphabetical order, as the first XML-RPC example numbered them: 6 is Colorado.

/** Names by number, from 1: `stateNames[number - 1]`. */
export const stateNames: readonly string[] = Object.freeze(
  (
    "Alabama,Alaska,Arizona,Arkansas,California,Colorado,Connecticut,Delaware,Florida,Georgia,Hawaii,Idaho,Illinois," +
    "Indiana,Iowa,Kansas,Kentucky,Louisiana,Maine,Maryland,Massachusetts,Michigan,Minnesota,Mississippi,Missouri," +
    "Montana,Nebraska,Nevada,New Hampshire,New Jersey,New Mexico,New York,North Carolina,North Dakota,Ohio,Oklahoma," +
    "Oregon,Pennsylvania,Rhode Island,South Carolina,South Dakota,Tennessee,Texas,Utah,Vermont,Virginia,Washington," +
    "West Virginia,Wisconsin,Wyoming"
  ).split(","),
);
