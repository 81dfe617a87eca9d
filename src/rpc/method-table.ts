// The methods that can be called: an own registry, so that a name is never looked up on an object.
import { compileReader } from "../values/index.js";
import type { Reader } from "./arguments.js";
import { checkMethodName, methodNameProblem, RESERVED_PREFIX } from "./method-name.js";
import { checkOptionalOnlyTrails, type MethodSpec, requiredCount } from "./method-spec.js";
import { isWizard, type WizardSpec } from "./wizard.js";

/** A method with what is computed once when it is added. */
export interface RegisteredMethod {
  readonly spec: MethodSpec;
  /** One for each parameter. */
  readonly readers: readonly Reader[];
  readonly restReader: Reader | undefined;
  readonly required: number;
}

/** A registry of methods, and of the wizards that share their names. */
export interface MethodTable {
  /** Adds all or none. Throws a TypeError for a bad, reserved or taken name. */
  add(specs: Iterable<MethodSpec>): void;
  /** The same for names under `system.` only. */
  addReserved(specs: Iterable<MethodSpec>): void;
  /** Removes a method; calls that run go on. False if there was none. */
  remove(name: string): boolean;
  find(name: string): RegisteredMethod | undefined;
  /** All methods, sorted by name. The array is never changed: a later one is another. */
  list(): readonly MethodSpec[];
  /** A wizard; `find` gives only methods. */
  findWizard(name: string): RegisteredMethod | undefined;
  /** All wizards, sorted by name. */
  listWizards(): readonly WizardSpec[];
  /** Calls back after every change, until the returned function is called. */
  onChange(listener: () => void): () => void;
}

/** An empty registry. */
export function createMethodTable(): MethodTable {
  let methods: ReadonlyMap<string, RegisteredMethod> = new Map();
  let sorted: readonly MethodSpec[] | undefined;
  const listeners = new Set<() => void>();

  const replace = (next: ReadonlyMap<string, RegisteredMethod>): void => {
    methods = next;
    sorted = undefined;
    for (const listener of listeners) listener();
  };
  const findKind = (name: string, isWizardWanted: boolean): RegisteredMethod | undefined => {
    const found = methods.get(name);
    return found !== undefined && isWizard(found.spec) === isWizardWanted ? found : undefined;
  };
  const addAll = (specs: Iterable<MethodSpec>, checkName: (name: string) => void): void => {
    const next = new Map(methods);
    for (const spec of specs) {
      checkName(spec.name);
      const taken = next.get(spec.name)?.spec;
      if (taken !== undefined)
        throw new TypeError(`"${spec.name}": there is a ${isWizard(taken) ? "wizard" : "method"} of this name already`);
      next.set(spec.name, registered(spec));
    }
    if (next.size !== methods.size) replace(next);
  };

  const sortedSpecs = (): MethodSpec[] =>
    [...methods.values()].map((method) => method.spec).sort((a, b) => (a.name < b.name ? -1 : 1));

  return {
    add: (specs) => addAll(specs, checkMethodName),
    addReserved: (specs) => addAll(specs, checkReservedName),
    remove(name) {
      const next = new Map(methods);
      const found = next.delete(name);
      if (found) replace(next);
      return found;
    },
    find: (name) => findKind(name, false),
    list() {
      sorted ??= Object.freeze(sortedSpecs().filter((spec) => !isWizard(spec)));
      return sorted;
    },
    findWizard: (name) => findKind(name, true),
    listWizards: () => sortedSpecs().filter(isWizard),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function registered(spec: MethodSpec): RegisteredMethod {
  checkOptionalOnlyTrails(spec.name, spec.params);
  return Object.freeze({
    spec,
    readers: spec.params.map((param) => compileReader(param.shape)),
    restReader: spec.rest === undefined ? undefined : compileReader(spec.rest),
    required: requiredCount(spec.params),
  });
}

function checkReservedName(name: string): void {
  const problem = methodNameProblem(name);
  if (problem !== undefined) throw new TypeError(problem);
  if (!name.startsWith(RESERVED_PREFIX)) throw new TypeError(`"${name}" is not under ${RESERVED_PREFIX}`);
}
