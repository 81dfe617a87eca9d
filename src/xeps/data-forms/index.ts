// XEP-0004 Data Forms, XEP-0068 field standardisation, XEP-0122 validation: both directions.

export { datatypeHint } from "./datatypes.js";
export { decodeForm, findForm } from "./decode-form.js";
export { encodeForm } from "./encode-form.js";
export {
  type Field,
  type FieldOption,
  type FieldType,
  FORM_TYPE,
  type Form,
  type FormType,
  isList,
  isMulti,
  isOpen,
  typeOf,
  type Validation,
} from "./form.js";
export { type FieldProblem, readSubmission, type Submission } from "./read-submission.js";
