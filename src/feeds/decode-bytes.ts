// Bytes to text by the charset that they are said to be in (RFC 7303 §3; XML 1.0 appendix F).

import { FeedProblem } from "./feed-problem.js";

/** A mark at the beginning wins, then the content type, then the XML declaration, then UTF-8. Throws {@link FeedProblem}. */
export function decodeBytes(body: Uint8Array, contentType: string): string {
  const charset = markOf(body) ?? charsetOf(contentType) ?? declaredCharset(body) ?? "utf-8";
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(charset, { fatal: true });
  } catch {
    throw new FeedProblem("charset", `charset ${JSON.stringify(charset.slice(0, 40))} is not known`);
  }
  try {
    const text = decoder.decode(body);
    return decoder.encoding === "windows-1252" ? text.replace(/[\x80-\x9f]/g, fromWindows) : text;
  } catch {
    throw new FeedProblem("charset", `it says that it is ${decoder.encoding}, and has bytes that are not`);
  }
}

/** From 0x80 on; the five that are none stay what they are. */
const WINDOWS_1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

/** COMPAT(Node 20): its decoder of windows-1252 is one of ISO 8859-1. */
function fromWindows(character: string): string {
  return WINDOWS_1252[character.charCodeAt(0) - 0x80] ?? character;
}

function markOf(body: Uint8Array): string | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return "utf-8";
  if (body[0] === 0xff && body[1] === 0xfe) return "utf-16le";
  return body[0] === 0xfe && body[1] === 0xff ? "utf-16be" : undefined;
}

function charsetOf(contentType: string): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1];
}

/** A declaration is ASCII, whatever comes after it. */
function declaredCharset(body: Uint8Array): string | undefined {
  const head = Buffer.from(body.subarray(0, 200)).toString("latin1");
  return /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']+)["']/.exec(head)?.[1];
}
