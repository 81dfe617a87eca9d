// Names of strangers as identifiers: safe in the language they are written in, and no two the same.

/** Makes names: each call gives one that it has not given before. */
export function createIdentifiers(reserved: ReadonlySet<string>): (text: string) => string {
  const taken = new Set<string>();
  return (text) => {
    const plain = text.replace(/[^A-Za-z0-9_]+/g, "_").slice(0, 100) || "_";
    // No name begins with an underscore: those are the generated code's own.
    const begun = /^[A-Za-z]/.test(plain) ? plain : `x${plain}`;
    const safe = reserved.has(begun) ? `${begun}_` : begun;
    let name = safe;
    for (let number = 2; taken.has(name) || reserved.has(name); number++) name = `${safe}_${number}`;
    taken.add(name);
    return name;
  };
}
