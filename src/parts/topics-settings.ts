// From a settings file to hosted topics, each error with its line.

import type { ReadSettings } from "../config/index.js";
import { withDefaultLimits } from "../limits.js";
import { SettingsError } from "../settings-error.js";
import { checkTopicOptions, type TopicOptions, TopicOptionsError } from "../xeps/index.js";

/** The hosted topics of the settings; undefined without. Throws {@link SettingsError}. */
export function readTopicsSettings({ settings, source }: ReadSettings): readonly TopicOptions[] | undefined {
  const { topics, link } = settings;
  if (topics === undefined) return undefined;
  const problem = (path: readonly (string | number)[], text: string): SettingsError => {
    const key = path.map((part) => (typeof part === "number" ? `[${part}]` : part)).join("");
    return new SettingsError(source.file, [{ line: source.lineOf(path), key, problem: text }]);
  };
  if (link.mode === "client")
    throw problem(["topics"], "only a gateway in mode standalone or component can host topics");
  try {
    checkTopicOptions(topics, withDefaultLimits(settings.limits).topicNameChars);
  } catch (error) {
    if (!(error instanceof TopicOptionsError)) throw error;
    const { index, message } = error;
    throw problem(["topics", index], message.slice(`topics[${index}].`.length));
  }
  return topics;
}
