// Settings: read, checked and merged once.
export { checkSettings, type ReadSettings, readSettings } from "./read-settings.js";
export { readSecret, type SecretSource } from "./secrets.js";
export { SettingsError, type SettingsProblem } from "./settings-error.js";
export { type LinkSettings, type Settings, settingsSchema } from "./settings-schema.js";
export { parseSettingsText, type SettingsSource } from "./settings-source.js";
