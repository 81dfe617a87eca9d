// Which addresses are out in the open: a redirect of somebody else's server must not lead into the own network
// (RFC 6890; IANA special-purpose registries).

import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

// Two lists: one of both takes every address of IPv4 for its mapped form in IPv6.
const PRIVATE = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [address, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  PRIVATE.ipv4.addSubnet(address, prefix, "ipv4");
for (const [address, prefix] of [
  ["::", 96],
  ["::ffff:0:0", 96],
  ["64:ff9b::", 96],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  PRIVATE.ipv6.addSubnet(address, prefix, "ipv6");

/** Whether the host of a URL may be asked on somebody else's word; names are looked at when they are resolved. */
export function isPublicAddress(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  const version = isIP(bare);
  if (version === 0) return bare !== "localhost" && !bare.endsWith(".localhost");
  const family = version === 4 ? "ipv4" : "ipv6";
  return !PRIVATE[family].check(bare, family);
}

/** Resolves a name as usual, but not to an address of the own network. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, "", 0);
    const inside = addresses.find(({ address }) => !isPublicAddress(address));
    const [first] = addresses;
    if (inside !== undefined || first === undefined)
      return callback(
        new Error(`${hostname} resolves to ${inside?.address ?? "nothing"}, which is no public address`),
        "",
        0,
      );
    if (options.all === true) return callback(null, addresses);
    return callback(null, first.address, first.family);
  });
};
