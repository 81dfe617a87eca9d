// A data form as plain data: what is asked, what was answered, or a table of results (XEP-0004 §3; XEP-0122 §3).

/** What a form is for: asking, answering, declining to answer, telling. */
export type FormType = "form" | "submit" | "cancel" | "result";

/** XEP-0004 §3.3. */
export const FIELD_TYPES = [
  "boolean",
  "fixed",
  "hidden",
  "jid-multi",
  "jid-single",
  "list-multi",
  "list-single",
  "text-multi",
  "text-private",
  "text-single",
] as const;

/** One of {@link FIELD_TYPES}. */
export type FieldType = (typeof FIELD_TYPES)[number];

/** One choice of a list. */
export interface FieldOption {
  readonly label?: string;
  readonly value: string;
}

/** How a value is checked beside its datatype (XEP-0122 §3.2). A regex is a POSIX one, so it is carried and never run. */
export type ValidationMethod =
  | { readonly kind: "basic" }
  | { readonly kind: "open" }
  | { readonly kind: "range"; readonly min?: string; readonly max?: string }
  | { readonly kind: "regex"; readonly pattern: string };

/** What XEP-0122 says of one field. */
export interface Validation {
  /** Such as `xs:int`; unknown ones count as `xs:string`. */
  readonly datatype: string;
  readonly method: ValidationMethod;
  /** How many values a list-multi takes. */
  readonly listRange?: { readonly min?: number; readonly max?: number };
}

/** One field. */
export interface Field {
  /** Absent in many submissions, and then as in the form that was sent; in a form absent means text-single. */
  readonly type?: FieldType;
  /** Its name; only a fixed field may have none. */
  readonly var?: string;
  readonly label?: string;
  readonly desc?: string;
  readonly isRequired?: boolean;
  readonly values: readonly string[];
  readonly options?: readonly FieldOption[];
  readonly validation?: Validation;
}

/** One form. */
export interface Form {
  readonly type: FormType;
  readonly title?: string;
  /** One line each. */
  readonly instructions?: readonly string[];
  readonly fields: readonly Field[];
  /** The columns of a table of results. */
  readonly reported?: readonly Field[];
  /** The rows: every one has a field for each column. */
  readonly items?: readonly (readonly Field[])[];
}

/** The field that says which kind of form this is (XEP-0068). */
export const FORM_TYPE = "FORM_TYPE";

const MULTI_TYPES: ReadonlySet<FieldType> = new Set(["hidden", "jid-multi", "list-multi", "text-multi"]);

/** The type of a field of a form, where absent means text-single (XEP-0004 §3.2). */
export function typeOf(field: Field): FieldType {
  return field.type ?? "text-single";
}

/** True for the types whose fields may have more than one value (XEP-0004 §3.2). */
export function isMulti(type: FieldType): boolean {
  return MULTI_TYPES.has(type);
}

/** True for the types whose fields have options. */
export function isList(type: FieldType): boolean {
  return type === "list-single" || type === "list-multi";
}

/** True if values outside the options are taken: by `<open/>`, and by any method but basic (XEP-0122 §3.2). */
export function isOpen({ validation }: Field): boolean {
  return validation !== undefined && validation.method.kind !== "basic";
}
