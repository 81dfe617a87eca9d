// Settings: read, checked and merged once.
export { checkSettings, type ReadSettings, readSettings } from "./read-settings.js";
export { readSecret, type SecretSource } from "./secrets.js";
export type { LinkSettings, Settings, UpstreamRow } from "./settings-schema.js";
export { parseSettingsText, type SettingsSource, yamlFormat } from "./settings-source.js";
