// The name and version this software announces; a test holds them against package.json.

/** Shown in jabber:iq:version, disco#info and `--version`. */
export const SOFTWARE = Object.freeze({ name: "jabber-rpc", version: "0.1.0" });
