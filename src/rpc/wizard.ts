// Wizards: one function whose values a person gives step by step, in a chat client's forms. Only ad-hoc commands run them.
import type { Shape } from "../values/index.js";
import type { CallContext } from "./call.js";
import { type AnyDescriptor, isDescriptor, type Members, type StructIn, shapeOf, struct } from "./descriptors.js";
import type { Returned } from "./handler-types.js";
import { checkMethodName } from "./method-name.js";
import { type MethodSpec, optionsOf } from "./method-spec.js";

/** The descriptors of every step's fields, by the step's name. */
export type StepFields = Readonly<Record<string, Members>>;

/** The values of the steps that were asked; one that was skipped is undefined. */
export type WizardValues<S extends StepFields> = { readonly [Name in keyof S]?: StructIn<S[Name]> };

/** One step: a form of fields, and what comes after it. */
export interface WizardStep<M extends Members, S extends StepFields> {
  readonly title?: string;
  /** One line or more for people. */
  readonly doc?: string;
  /** As the members of a struct; `optional` ones may be left empty. */
  readonly fields: M;
  /** The name of the next step, which must be a later one; undefined ends the wizard. Default: the one below. */
  readonly next?: (values: WizardValues<S>) => (keyof S & string) | undefined;
}

/** What a wizard asks and gives. Without `returns` it is void. */
export interface WizardDefinition<S extends StepFields, R extends AnyDescriptor | undefined> {
  /** In the order in which they are asked. */
  readonly steps: { readonly [Name in keyof S]: WizardStep<S[Name], S> };
  readonly returns?: R;
  /** One line or more for people. */
  readonly doc?: string;
  /** How long the run behind the last step may take, in milliseconds. Default: the dispatcher's, 20,000. */
  readonly deadlineMs?: number;
}

/** One step as the commands see it. */
export interface WizardStepSpec {
  readonly name: string;
  readonly title?: string;
  readonly doc?: string;
  readonly fields: Readonly<Record<string, Shape>>;
  readonly next?: (values: Readonly<Record<string, unknown>>) => string | undefined;
}

/** A wizard: to the dispatcher a method whose one parameter is a struct of the steps. */
export interface WizardSpec extends MethodSpec {
  readonly steps: readonly WizardStepSpec[];
}

/** True for what {@link defineWizard} makes. */
export function isWizard(spec: MethodSpec): spec is WizardSpec {
  return "steps" in spec;
}

/**
 * A wizard. Its function receives the values of all steps, then the context of the call; it runs once, behind the last step.
 * It goes among the methods of a gateway and shares their names.
 *
 * @throws TypeError for a bad name, a name under `system.`, no step, a step that is named by a number, or something else
 * than descriptors
 */
export function defineWizard<S extends StepFields, R extends AnyDescriptor | undefined = undefined>(
  name: string,
  definition: WizardDefinition<S, R>,
  run: (values: WizardValues<NoInfer<S>>, call: CallContext) => Returned<NoInfer<R>> | Promise<Returned<NoInfer<R>>>,
): WizardSpec {
  checkMethodName(name);
  const { returns, doc, deadlineMs } = definition;
  if (returns !== undefined && !isDescriptor(returns)) throw new TypeError(`${name}: returns is no descriptor`);
  // The steps are read one by one; what the compiler knows of each is not needed any more.
  const steps = stepsOf(name, definition.steps as Readonly<Record<string, WizardStep<Members, StepFields>>>);
  const values: Shape = Object.freeze({
    kind: "struct",
    members: Object.fromEntries(steps.map((step): [string, Shape] => [step.name, stepShape(step)])),
  });
  // The dispatcher reads by the same descriptors by which the compiler has checked the function.
  const call = run as (values: unknown, call: CallContext) => unknown;
  return Object.freeze({
    name,
    params: Object.freeze([{ name: "values", shape: values }]),
    ...(returns === undefined ? {} : { returns: shapeOf(returns) }),
    ...optionsOf(name, {
      ...(doc === undefined ? {} : { doc }),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    }),
    steps,
    handler: (args: unknown[], context: CallContext): unknown => call(args[0], context),
  });
}

function stepsOf(
  where: string,
  steps: Readonly<Record<string, WizardStep<Members, StepFields>>>,
): readonly WizardStepSpec[] {
  const specs = Object.entries(steps).map(([name, { title, doc, fields, next }]): WizardStepSpec => {
    // Objects put names that look like numbers first, whatever their order in the source.
    if (/^\d+$/.test(name)) throw new TypeError(`${where}: a step cannot be named ${name}, which has no order`);
    const shape = shapeOf(struct(fields));
    return Object.freeze({
      name,
      ...(title === undefined ? {} : { title }),
      ...(doc === undefined ? {} : { doc }),
      fields: shape.kind === "struct" ? shape.members : {},
      // The engine gives it the values that the step's own descriptors have read.
      ...(next === undefined ? {} : { next: next as NonNullable<WizardStepSpec["next"]> }),
    });
  });
  if (specs.length === 0) throw new TypeError(`${where}: a wizard has at least one step`);
  return Object.freeze(specs);
}

function stepShape({ fields }: WizardStepSpec): Shape {
  return { kind: "optional", inner: { kind: "struct", members: fields } };
}
