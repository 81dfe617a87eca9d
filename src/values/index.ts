// The value model that every front shares: exact values, shapes, conversions, and errors with a path.
export { formatBase64, parseBase64 } from "./base64-text.js";
export { checkExact } from "./check-exact.js";
export {
  checkArray,
  checkBoolean,
  checkBytes,
  checkDate,
  checkDouble,
  checkInt,
  checkLong,
  checkNil,
  checkString,
  checkStruct,
  enumerationError,
  missingMember,
} from "./checks.js";
export { type DateZone, formatDateTime, formatIsoDateTime, isCompactDateTime, parseDateTime } from "./date-text.js";
export { describeValue } from "./describe-value.js";
export { Enclosing, MAX_VALUE_DEPTH, tooDeep } from "./enclosing.js";
export { cannotTravel, exactOf, memberOf } from "./exact-of.js";
export type { ExactValue, WireTypeName } from "./exact-value.js";
export { exactFromJson } from "./from-json.js";
export { type ExactJson, type JsonValue, jsonOf, jsonOfExact, jsonOfValue } from "./json.js";
export { naturalOf } from "./natural-of.js";
export { isPlainObject, setOwn } from "./own-property.js";
export { compileReader, type ValueReader } from "./reader.js";
export { type Shape, type ShapeKind, unnamed } from "./shape.js";
export { isShaped, type Shaped, withShape } from "./shaped.js";
export { type PathSegment, ValueError } from "./value-error.js";
export { isTypedWord, readWord, type WordOptions } from "./words.js";
