// Makes the instances of decorated classes with inversify. Loaded only when there are services: a program that just calls
// needs neither inversify nor the quarter second that loading it takes.
import type { Container, Newable } from "inversify";
import { messageOf } from "../message-of.js";
import { CallContext } from "./call.js";
import { CallStorage } from "./call-storage.js";
import type { FollowedItem, ItemFollow, ItemHandler } from "./items.js";
import type { ChatMessage, MessageHandler } from "./messages.js";
import type { MethodSpec } from "./method-spec.js";
import { type ItemMark, type MethodMark, type ServiceClass, serviceOf } from "./service-mark.js";

/** Binds what services are injected with. What it returns is awaited and dropped, so that a fluent binding may be its body. */
export type Bind = (container: Container) => unknown;

/** Options of {@link createServices}. */
export interface ServicesOptions {
  readonly services: readonly ServiceClass[];
  readonly bind?: readonly Bind[];
}

/** Services that are ready to be called. */
export interface Services {
  readonly methods: readonly MethodSpec[];
  /** What is marked with `@onMessage`. */
  readonly onMessage: readonly MessageHandler[];
  /** What is marked with `@onItem`. */
  readonly onItem: readonly ItemFollow[];
  /** Carries the running call to whoever has CallContext injected; for the dispatcher. */
  readonly storage: CallStorage;
  /** Unbinds everything, so that the container's deactivations run. May be called again. */
  readonly close: () => Promise<void>;
}

/**
 * Builds decorated classes and gives their methods.
 *
 * A class that `bind` has not bound is a singleton. One that it has bound otherwise is resolved for every call. Each is
 * resolved here already, so that what is missing stops the start and not a call.
 *
 * @throws TypeError for a class without `@rpcService` and for one that cannot be built, with the reason
 */
export async function createServices({ services, bind = [] }: ServicesOptions): Promise<Services> {
  const { Container, injectable } = await import("inversify");
  const container = new Container();
  const storage = new CallStorage();
  const provideContext = (): CallContext => {
    storage.use();
    return storage.injected;
  };
  const marks = services.map((service) => {
    const mark = serviceOf(service);
    if (mark === undefined) throw new TypeError(`${nameOf(service)}: a class with @rpcService(prefix) expected`);
    makeInjectable(service, injectable());
    return { service, mark };
  });
  for (const context of contextClasses(services)) container.bind(context).toDynamicValue(provideContext);
  for (const one of bind) await one(container);
  const methods: MethodSpec[] = [];
  const onMessage: MessageHandler[] = [];
  const onItem: ItemFollow[] = [];
  for (const { service, mark } of marks) {
    const resolve = await resolver(container, service);
    for (const method of mark.methods) methods.push(specOf(mark.prefix, method, resolve));
    for (const item of mark.items) onItem.push(followOf(`${mark.prefix}.${item.property}`, item, resolve));
    for (const property of mark.messages) onMessage.push(messageHandlerOf(property, resolve));
  }
  return {
    methods: Object.freeze(methods),
    onMessage: Object.freeze(onMessage),
    onItem: Object.freeze(onItem),
    storage,
    close: () => container.unbindAllAsync(),
  };
}

/** How to get the instance for a call: always the same one if its scope says so. */
async function resolver(container: Container, service: ServiceClass): Promise<() => object> {
  const identifier = identifierOf(service);
  try {
    if (!container.isBound(identifier)) container.bind(identifier).toSelf().inSingletonScope();
    const first = await container.getAsync(identifier);
    const second = await container.getAsync(identifier);
    if (first === second) return () => first;
    // What is resolved for every call must be there at once; this throws where it is not.
    container.get(identifier);
    return () => container.get(identifier);
  } catch (error) {
    const reason = messageOf(error);
    throw new TypeError(`${service.name} cannot be built: ${hintFor(service)}${reason}`, { cause: error });
  }
}

/** What most likely went wrong, where the class shows it. */
function hintFor(service: ServiceClass): string {
  const types = constructorTypes(service);
  if (types === undefined && service.length > 0)
    return (
      'its constructor has parameters but no metadata; set "emitDecoratorMetadata": true beside "experimentalDecorators": true ' +
      "in tsconfig.json, or bind the class in bind(container): "
    );
  const lost = types?.indexOf(Function) ?? -1;
  if (lost >= 0)
    return `parameter ${lost + 1} of its constructor may be a class that was imported by \`import type\`; import the class itself: `;
  return "";
}

function specOf(prefix: string, mark: MethodMark, resolve: () => object): MethodSpec {
  const { property, name, ...rest } = mark;
  return Object.freeze({
    ...rest,
    name: `${prefix}.${name}`,
    handler: (args: unknown[], call: CallContext): unknown => {
      const instance = resolve();
      // The mark was made from the method of this name.
      const methods = instance as Record<string, (...args: unknown[]) => unknown>;
      return methods[property]?.(...args, call);
    },
  });
}

function messageHandlerOf(property: string, resolve: () => object): MessageHandler {
  return (message: ChatMessage, call: CallContext) => {
    // The compiler has seen that the marked method is one.
    const methods = resolve() as Record<string, MessageHandler>;
    return methods[property]?.(message, call);
  };
}

function followOf(name: string, { property, ...topic }: ItemMark, resolve: () => object): ItemFollow {
  return {
    ...topic,
    name,
    handler: (item: FollowedItem) => {
      // The compiler has seen that the marked method takes an item.
      const methods = resolve() as Record<string, ItemHandler>;
      return methods[property]?.(item);
    },
  };
}

function makeInjectable(service: ServiceClass, injectable: ClassDecorator): void {
  const isMarked = Reflect.getOwnMetadataKeys(service).includes("@inversifyjs/core/classIsInjectableFlagReflectKey");
  if (!isMarked) injectable(service);
}

/** Ours, and that of another copy of the package from which a service may have imported it. */
function contextClasses(services: readonly ServiceClass[]): ReadonlySet<typeof CallContext> {
  const classes = new Set<typeof CallContext>([CallContext]);
  for (const service of services)
    for (const type of constructorTypes(service) ?? [])
      if (CallContext.isContextClass(type)) classes.add(type as typeof CallContext);
  return classes;
}

function constructorTypes(service: ServiceClass): readonly unknown[] | undefined {
  const types: unknown = Reflect.getOwnMetadata("design:paramtypes", service);
  return Array.isArray(types) ? types : undefined;
}

function identifierOf(service: ServiceClass): Newable<object> {
  // inversify's type for the same thing says `any` where ours says `never`.
  return service as unknown as Newable<object>;
}

function nameOf(value: unknown): string {
  return typeof value === "function" ? value.name : String(value);
}
