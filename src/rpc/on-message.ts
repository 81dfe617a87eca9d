// @onMessage: marks a method of a service as a handler of chat messages. Legacy and standard decorators.

import type { MessageHandler } from "./messages.js";
import { addMessagesToClass, markMessageFunction, serviceOf } from "./service-mark.js";

/** Decorates a method that takes a message; legacy and standard. */
export interface MessageMethodDecorator {
  <M extends MessageHandler>(method: M, context: ClassMethodDecoratorContext<ThisParameterType<M>, M>): void;
  <M extends MessageHandler>(target: object, name: string, property: TypedPropertyDescriptor<M>): void;
}

/**
 * Makes a method of a class with `@rpcService` receive the chat messages that people write to the gateway. A text that it
 * returns is the answer; it may also be decorated with `@rpcMethod`.
 *
 * @throws TypeError for a static or private method, a property, an accessor or a symbol
 */
export function onMessage(): MessageMethodDecorator {
  return (first: unknown, second: unknown, slot?: PropertyDescriptor): void => {
    // Only a standard decorator gets a context; a legacy one gets the property's name.
    if (typeof second === "object" && second !== null) decorateStandard(first, second as ClassMethodDecoratorContext);
    else decorateLegacy(first, second, slot);
  };
}

function decorateLegacy(target: unknown, property: unknown, slot?: PropertyDescriptor): void {
  const isMethod = typeof target === "object" && target !== null && typeof slot?.value === "function";
  if (!isMethod || typeof property !== "string")
    throw new TypeError(`${String(property)}: @onMessage is for methods of an object`);
  addMessagesToClass(target.constructor, property);
}

function decorateStandard(method: unknown, context: ClassMethodDecoratorContext): void {
  const property = context.name;
  const isMethod = context.kind === "method" && !context.static && !context.private;
  if (!isMethod || typeof method !== "function" || typeof property !== "string")
    throw new TypeError(`${String(property)}: @onMessage is for public methods of an object`);
  markMessageFunction(method);
  context.addInitializer(function () {
    const service = serviceOf((this as object).constructor);
    if (service !== undefined && !service.messages.includes(property))
      throw new TypeError(`${property}: another decorator replaced the method; put @onMessage above it`);
  });
}
