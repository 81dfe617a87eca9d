// From a settings file to the policy of subscriptions; what is wrong is said with its line.

import type { ReadSettings } from "../config/index.js";
import { tryParseJid } from "../jid.js";
import { AccessRuleError, compileAccess } from "../rpc/index.js";
import { SettingsError } from "../settings-error.js";
import type { SubscriptionOptions } from "./presence-policy.js";

/** The policy of the settings; undefined without. Throws {@link SettingsError}. */
export function readPresenceSettings({ settings, source }: ReadSettings): SubscriptionOptions | undefined {
  const { presence, link } = settings;
  if (presence === undefined) return undefined;
  const fail = (path: readonly (string | number)[], problem: string): never => {
    const key = `${path[0]}${path
      .slice(1)
      .map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`))
      .join("")}`;
    throw new SettingsError(source.file, [{ line: source.lineOf([...path]), key, problem }]);
  };
  const { subscriptions, allow, admin } = presence;
  if (link.mode === "standalone")
    return fail(["presence"], "not in stand-alone mode, where the gateway is a contact of every account");
  for (const [index, pattern] of allow.entries()) {
    try {
      compileAccess([{ allow: pattern }]);
    } catch (error) {
      if (!(error instanceof AccessRuleError)) throw error;
      fail(["presence", "allow", index], error.message.replace(/^access\[0\]\.allow: /, ""));
    }
  }
  if (subscriptions === "ask" && admin === undefined)
    return fail(["presence", "subscriptions"], "ask needs admin: the address of who is asked");
  const jid = tryParseJid(admin);
  if (admin !== undefined && (jid === undefined || jid.local === ""))
    return fail(["presence", "admin"], "the address of a person such as admin@example.org expected");
  return { subscriptions, allow, ...(admin === undefined ? {} : { admin }) };
}
