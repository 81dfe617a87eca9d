// Plain objects as maps: a member called `__proto__` or `constructor` is a member like any other.

/** Sets an own, enumerable property, whatever its name. Plain assignment to `__proto__` would replace the prototype. */
export function setOwn<T>(target: Record<string, T>, name: string, value: T): void {
  if (name === "__proto__") {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  } else target[name] = value;
}

/** True for `{…}` and for an object without prototype; false for arrays, class instances and everything built in. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
