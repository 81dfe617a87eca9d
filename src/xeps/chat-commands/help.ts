// What a person is told of the methods that may be called as commands in chat.

import { type MethodSpec, RESERVED_PREFIX, typeNameOf } from "../../rpc/index.js";

/** More methods are not listed in a message. */
const MAX_LISTED = 30;

/** The commands of somebody who may call these methods. */
export function helpText(allowed: readonly MethodSpec[], prefix: string): string {
  const methods = allowed.filter(({ name }) => !name.startsWith(RESERVED_PREFIX));
  if (methods.length === 0) return "You may call no method here.";
  const more = methods.length - MAX_LISTED;
  return [
    `Commands that you may give (${prefix}help NAME tells more of one):`,
    ...methods.slice(0, MAX_LISTED).map((spec) => usageOf(spec, prefix)),
    ...(more > 0 ? [`and ${more} more, which ${prefix}system.listMethods tells`] : []),
  ].join("\n");
}

/** How one method is called, and what it does. */
export function helpOn(spec: MethodSpec, prefix: string): string {
  return [`Usage: ${usageOf(spec, prefix)}`, spec.doc ?? ""].filter((line) => line !== "").join("\n");
}

/** `!shop.order item:string [count:int]` */
function usageOf({ name, params, rest }: MethodSpec, prefix: string): string {
  const words = params.map((param, index) => {
    const word = `${param.name ?? `param${index + 1}`}:${typeNameOf(param.shape)}`;
    return param.shape.kind === "optional" ? `[${word}]` : word;
  });
  return [`${prefix}${name}`, ...words, ...(rest === undefined ? [] : ["…"])].join(" ");
}
