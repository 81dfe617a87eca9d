// What upstreams may cost all together; what one may cost stands in its own settings (docs/upstreams.md).

import { type LimitsOf, limitDefaults } from "../limit-table.js";

/** Every limit of this folder that is not a setting of one upstream. */
export const UPSTREAM_LIMIT_TABLE = Object.freeze({
  maxDescriptionBytes: {
    unit: "bytes",
    default: 16_777_216,
    doc: "Size of an upstream's description, decompressed: an OpenAPI document, rpc.discover, system.listMethods.",
  },
  maxUpstreamMethods: { unit: "methods", default: 1_000, doc: "Methods that one upstream may bring." },
});

/** The numbers of {@link UPSTREAM_LIMIT_TABLE}. */
export type UpstreamLimits = LimitsOf<typeof UPSTREAM_LIMIT_TABLE>;

/** The defaults, with the given limits in their place. */
export function withDefaultLimits(given: Partial<UpstreamLimits> = {}): UpstreamLimits {
  return { ...limitDefaults(UPSTREAM_LIMIT_TABLE), ...given };
}
