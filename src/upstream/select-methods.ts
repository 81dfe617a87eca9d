// From the offers of an upstream to its methods: include, names, collisions, and what cannot be called.

import { messageOf } from "../message-of.js";
import { type MethodSpec, methodNameProblem } from "../rpc/index.js";
import { compileGlob, isNamed, methodNameOf, someOf } from "./names.js";
import type { Offer, Offers } from "./offer.js";
import { type CommonUpstreamSettings, UpstreamSettingsError } from "./settings.js";

/** What the offers come to. */
export interface Selection {
  readonly methods: readonly MethodSpec[];
  /** Operations that `include` does not match. */
  readonly leftOut: readonly string[];
  /** What a person should know: operations that cannot be called, patterns that match nothing. */
  readonly remarks: readonly string[];
}

/** So many names are shown where `include` is missing. */
const MAX_SHOWN = 200;

/**
 * The methods that the settings ask for.
 *
 * @throws UpstreamSettingsError if `include` is missing, a named operation cannot be called, or two have one name
 */
export function selectMethods(
  settings: CommonUpstreamSettings,
  { offers, areNamed = false }: Offers,
  maxMethods: number,
): Selection {
  const fail = (key: string, message: string): UpstreamSettingsError =>
    new UpstreamSettingsError(settings.name, key, message);
  const include = settings.include ?? (areNamed ? ["*"] : undefined);
  if (include === undefined) {
    const shown = someOf(
      offers.map(({ id }) => id),
      MAX_SHOWN,
    );
    throw fail("include", `say which operations become methods; ${settings.name} has: ${shown}`);
  }
  const matchers = include.map((pattern) => ({ pattern, matches: compileGlob(pattern) }));
  const isIncluded = ({ id }: Offer): boolean => matchers.some(({ matches }) => matches(id));
  const remarks = [
    ...matchers
      .filter(({ matches }) => !offers.some(({ id }) => matches(id)))
      .map(({ pattern }) => `include: ${pattern} matches nothing`),
    ...Object.keys(settings.names ?? {})
      .filter((id) => !offers.some((one) => one.id === id))
      .map((id) => `names: there is no ${id}`),
  ];
  const included = offers.filter(isIncluded);
  if (included.length > maxMethods)
    throw fail("include", `matches ${included.length} operations; the limit is ${maxMethods} (maxUpstreamMethods)`);

  const byName = new Map<string, { readonly id: string; readonly method: MethodSpec }>();
  for (const offer of included) {
    const name = nameOf(settings, offer.id);
    const problem = methodNameProblem(name);
    if (problem !== undefined) throw fail("names", `${offer.id}: ${problem}`);
    const other = byName.get(name);
    if (other !== undefined)
      throw fail("names", `${other.id} and ${offer.id} would both be ${name}; give one of them another name`);
    try {
      byName.set(name, { id: offer.id, method: offer.build(name) });
    } catch (error) {
      const text = `${offer.id} cannot be called: it ${messageOf(error)}`;
      if (isNamed(offer.id, include)) throw fail("include", text);
      remarks.push(text);
    }
  }
  return {
    methods: [...byName.values()].map(({ method }) => method),
    leftOut: offers.filter((offer) => !isIncluded(offer)).map(({ id }) => id),
    remarks,
  };
}

function nameOf({ name, prefix = name, names = {} }: CommonUpstreamSettings, id: string): string {
  const own = Object.hasOwn(names, id) ? names[id] : undefined;
  // `shop.` and `shop` mean the same.
  const head = prefix.replace(/\.$/, "");
  const local = own ?? methodNameOf(id);
  return head === "" ? local : `${head}.${local}`;
}
