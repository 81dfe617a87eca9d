// Wizards whose function, result or next step disagree with their steps.
import { defineWizard, int, string } from "jabber-rpc-under-test";

const what = { fields: { amount: int } };

// expect-error: TS2322 Type 'number | undefined' is not assignable to type 'string | Promise<string>'
export const wrongResult = defineWizard("a.a", { steps: { what }, returns: string }, (values) => values.what?.amount);

// expect-error: TS2339 Property 'when' does not exist
export const wrongStep = defineWizard("a.b", { steps: { what }, returns: string }, ({ when }) => String(when));

// expect-error: TS2551 Property 'amout' does not exist
export const wrongField = defineWizard("a.c", { steps: { what }, returns: int }, (values) => values.what?.amout ?? 0);

// expect-error: TS2322 Type '"whence"' is not assignable
export const wrongNext = defineWizard("a.d", { steps: { what: { ...what, next: () => "whence" } } }, () => {});
