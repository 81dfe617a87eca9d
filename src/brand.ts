// Marks of classes that hold across two copies of the package in one process, which instanceof does not.

/** True for an object that has the mark, a `Symbol.for`, of a class of ours. */
export function hasBrand(value: unknown, brand: symbol): boolean {
  return typeof value === "object" && value !== null && brand in value;
}
