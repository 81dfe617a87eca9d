// What the decorators leave on a class. Marks are Symbol.for keys: two copies of the package may meet in one process.

import { messageOf } from "../message-of.js";
import type { Shape } from "../values/index.js";
import type { FollowOptions } from "./items.js";
import { checkMethodName } from "./method-name.js";
import type { MethodOptions, Param } from "./method-spec.js";

const SERVICE = Symbol.for("jabber-rpc.service");
const METHODS = Symbol.for("jabber-rpc.methods");
const METHOD = Symbol.for("jabber-rpc.method");
const MESSAGES = Symbol.for("jabber-rpc.messages");
const MESSAGE = Symbol.for("jabber-rpc.message");
const ITEMS = Symbol.for("jabber-rpc.items");
const ITEM = Symbol.for("jabber-rpc.item");

/** A class that can be constructed; its parameters are the container's business. */
export type ServiceClass = new (...args: never[]) => object;

/** What `@rpcMethod` says of one method. */
export interface MethodMark extends MethodOptions {
  /** The property that holds the function. */
  readonly property: string;
  /** The name under the service's prefix; the property's own by default. */
  readonly name: string;
  readonly params: readonly Param[];
  readonly returns?: Shape;
}

/** What one `@onItem` says of a method. */
export interface ItemMark extends FollowOptions {
  readonly property: string;
  readonly service: string;
  readonly node: string;
}

/** What `@rpcService` says of a class. */
export interface ServiceMark {
  readonly prefix: string;
  readonly methods: readonly MethodMark[];
  /** The properties that hold handlers of messages. */
  readonly messages: readonly string[];
  /** The topics whose items methods take. */
  readonly items: readonly ItemMark[];
}

/** The mark of a class that `@rpcService` decorated, itself and not only a class above it. */
export function serviceOf(candidate: unknown): ServiceMark | undefined {
  if (typeof candidate !== "function") return undefined;
  // Only markService defines this key.
  return Object.getOwnPropertyDescriptor(candidate, SERVICE)?.value as ServiceMark | undefined;
}

/** Adds a method to the list of its class: legacy decorators, which know the class. */
export function addMethodToClass(owner: object, where: string, mark: MethodMark): void {
  // Only this function defines the key.
  const list = Object.getOwnPropertyDescriptor(owner, METHODS)?.value as MethodMark[] | undefined;
  if (list?.some((other) => other.property === mark.property))
    throw new TypeError(`${where}: decorated with @rpcMethod twice`);
  if (list !== undefined) list.push(mark);
  else Object.defineProperty(owner, METHODS, { value: [mark] });
}

/** Marks the function itself: standard decorators, which do not know the class yet. */
export function markFunction(method: object, where: string, mark: MethodMark): void {
  if (Object.hasOwn(method, METHOD)) throw new TypeError(`${where}: decorated with @rpcMethod twice`);
  Object.defineProperty(method, METHOD, { value: mark });
}

/** Adds a handler of messages to the list of its class: legacy decorators. */
export function addMessagesToClass(owner: object, property: string): void {
  // Only this function defines the key.
  const list = Object.getOwnPropertyDescriptor(owner, MESSAGES)?.value as string[] | undefined;
  if (list !== undefined) list.push(property);
  else Object.defineProperty(owner, MESSAGES, { value: [property] });
}

/** Marks the function itself as a handler of messages: standard decorators. */
export function markMessageFunction(method: object): void {
  Object.defineProperty(method, MESSAGE, { value: true });
}

/** Adds a topic to the list of its class: legacy decorators. */
export function addItemsToClass(owner: object, mark: ItemMark): void {
  // Only this function defines the key.
  const list = Object.getOwnPropertyDescriptor(owner, ITEMS)?.value as ItemMark[] | undefined;
  if (list !== undefined) list.push(mark);
  else Object.defineProperty(owner, ITEMS, { value: [mark] });
}

/** Marks the function itself as taking the items of a topic: standard decorators. */
export function markItemFunction(method: object, mark: ItemMark): void {
  // Only this function defines the key.
  const list = Object.getOwnPropertyDescriptor(method, ITEM)?.value as ItemMark[] | undefined;
  if (list !== undefined) list.push(mark);
  else Object.defineProperty(method, ITEM, { value: [mark] });
}

/** Collects the marks of a class and of those above it. Throws a TypeError for bad and doubled names. */
export function markService(target: ServiceClass, prefix: string): void {
  const where = `@rpcService on ${target.name}`;
  if (serviceOf(target) !== undefined) throw new TypeError(`${where}: decorated twice`);
  inContext(where, () => checkMethodName(prefix));
  const methods = [...marksOf(target).values()];
  const messages = [...messagesOf(target)];
  const items = itemsOf(target);
  if (methods.length === 0 && messages.length === 0 && items.length === 0)
    throw new TypeError(`${where}: no method is decorated with @rpcMethod`);
  const names = new Set<string>();
  for (const { name, property } of methods) {
    inContext(`${target.name}.${property}`, () => checkMethodName(`${prefix}.${name}`));
    if (names.has(name)) throw new TypeError(`${target.name}.${property}: there is another method named "${name}"`);
    names.add(name);
  }
  const mark: ServiceMark = Object.freeze({
    prefix,
    methods: Object.freeze(methods),
    messages: Object.freeze(messages),
    items: Object.freeze(items),
  });
  Object.defineProperty(target, SERVICE, { value: mark });
}

/** By property; a class's own mark replaces that of a class above it. */
function marksOf(target: ServiceClass): Map<string, MethodMark> {
  const marks = new Map<string, MethodMark>();
  for (const owner of lineOf(target)) {
    const list = (Object.getOwnPropertyDescriptor(owner, METHODS)?.value ?? []) as readonly MethodMark[];
    for (const mark of list) marks.set(mark.property, mark);
    for (const [, method] of methodsOf(owner)) {
      if (!Object.hasOwn(method, METHOD)) continue;
      const mark = method[METHOD] as MethodMark;
      marks.set(mark.property, mark);
    }
  }
  return marks;
}

/** The properties that `@onMessage` marked, those of a class above first. */
function messagesOf(target: ServiceClass): ReadonlySet<string> {
  const properties = new Set<string>();
  for (const owner of lineOf(target)) {
    const list = (Object.getOwnPropertyDescriptor(owner, MESSAGES)?.value ?? []) as readonly string[];
    for (const property of list) properties.add(property);
    for (const [property, method] of methodsOf(owner)) if (Object.hasOwn(method, MESSAGE)) properties.add(property);
  }
  return properties;
}

/** The topics that `@onItem` named, those of a class above first. */
function itemsOf(target: ServiceClass): readonly ItemMark[] {
  const marks: ItemMark[] = [];
  for (const owner of lineOf(target)) {
    marks.push(...((Object.getOwnPropertyDescriptor(owner, ITEMS)?.value ?? []) as readonly ItemMark[]));
    for (const [, method] of methodsOf(owner))
      if (Object.hasOwn(method, ITEM)) marks.push(...(method[ITEM] as readonly ItemMark[]));
  }
  return marks;
}

/** A class and those above it, the uppermost first. */
function lineOf(target: ServiceClass): readonly object[] {
  const line: object[] = [];
  for (let one: object | null = target; typeof one === "function"; one = Object.getPrototypeOf(one)) line.unshift(one);
  return line;
}

/** The methods that a class itself has, by property. */
function methodsOf(owner: object): readonly (readonly [property: string, method: Readonly<Record<symbol, unknown>>])[] {
  const prototype: unknown = Object.getOwnPropertyDescriptor(owner, "prototype")?.value;
  if (typeof prototype !== "object" || prototype === null) return [];
  return Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([property, { value }]) =>
    typeof value === "function" ? [[property, value] as const] : [],
  );
}

function inContext(where: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new TypeError(`${where}: ${messageOf(error)}`, { cause: error });
  }
}
