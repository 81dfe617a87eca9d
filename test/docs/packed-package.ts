// The package as npm packs it, unpacked into a folder: what a user gets, without a registry.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ROOT } from "./pages.js";

const BLOCK = 512;

/** Packs the checkout and unpacks it into `target`. Returns the paths in the package. */
export function unpackPackage(target: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "jabber-rpc-pack-"));
  try {
    const npm = ["pack", "--ignore-scripts", "--json", "--silent", "--pack-destination", folder];
    const printed = execFileSync("npm", npm, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const [{ filename } = { filename: "" }] = JSON.parse(printed) as readonly { readonly filename: string }[];
    return untar(gunzipSync(readFileSync(join(folder, filename))), target);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Reads a tar archive (POSIX ustar) of plain files, all under `package/`, as npm writes them. */
function untar(archive: Buffer, target: string): string[] {
  const paths: string[] = [];
  for (let at = 0; at < archive.length; ) {
    const text = (start: number, length: number): string =>
      archive.toString("utf8", at + start, at + start + length).split("\0", 1)[0] ?? "";
    const [name, prefix] = [text(0, 100), text(345, 155)];
    if (name === "") break;
    const size = Number.parseInt(text(124, 12), 8);
    const path = (prefix === "" ? name : `${prefix}/${name}`).replace(/^package\//, "");
    if (text(156, 1) === "0") {
      paths.push(path);
      mkdirSync(dirname(join(target, path)), { recursive: true });
      writeFileSync(join(target, path), archive.subarray(at + BLOCK, at + BLOCK + size), {
        mode: Number.parseInt(text(100, 8), 8),
      });
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return paths;
}
