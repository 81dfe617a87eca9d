// @onItem: marks a method of a service as a handler of the items of a topic. Legacy and standard decorators.

import type { FollowOptions, ItemHandler } from "./items.js";
import { addItemsToClass, type ItemMark, markItemFunction, serviceOf } from "./service-mark.js";

/** Decorates a method that takes an item; legacy and standard. */
export interface ItemMethodDecorator {
  <M extends ItemHandler>(method: M, context: ClassMethodDecoratorContext<ThisParameterType<M>, M>): void;
  <M extends ItemHandler>(target: object, name: string, property: TypedPropertyDescriptor<M>): void;
}

/**
 * Makes a method of a class with `@rpcService` take the items of a topic: those that it holds when the gateway starts, and every one
 * that is published, each once. What was missed is fetched. A method may follow several topics.
 *
 * @param service the address of a publish-subscribe service
 * @throws TypeError for a topic without service or node, a static or private method, a property, an accessor or a symbol
 */
export function onItem(service: string, node: string, options: Omit<FollowOptions, "name"> = {}): ItemMethodDecorator {
  if (service === "" || node === "") throw new TypeError("@onItem(service, node): both expected");
  return (first: unknown, second: unknown, slot?: PropertyDescriptor): void => {
    const mark = (property: string): ItemMark => Object.freeze({ ...options, property, service, node });
    // Only a standard decorator gets a context; a legacy one gets the property's name.
    if (typeof second === "object" && second !== null)
      decorateStandard(first, second as ClassMethodDecoratorContext, mark);
    else decorateLegacy(first, second, mark, slot);
  };
}

function decorateLegacy(
  target: unknown,
  property: unknown,
  mark: (property: string) => ItemMark,
  slot?: PropertyDescriptor,
): void {
  const isMethod = typeof target === "object" && target !== null && typeof slot?.value === "function";
  if (!isMethod || typeof property !== "string")
    throw new TypeError(`${String(property)}: @onItem is for methods of an object`);
  addItemsToClass(target.constructor, mark(property));
}

function decorateStandard(
  method: unknown,
  context: ClassMethodDecoratorContext,
  mark: (property: string) => ItemMark,
): void {
  const property = context.name;
  const isMethod = context.kind === "method" && !context.static && !context.private;
  if (!isMethod || typeof method !== "function" || typeof property !== "string")
    throw new TypeError(`${String(property)}: @onItem is for public methods of an object`);
  markItemFunction(method, mark(property));
  context.addInitializer(function () {
    const service = serviceOf((this as object).constructor);
    if (service !== undefined && !service.items.some((item) => item.property === property))
      throw new TypeError(`${property}: another decorator replaced the method; put @onItem above it`);
  });
}
