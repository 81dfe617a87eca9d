// Upstreams that an OpenAPI document describes.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { messageOf } from "../../message-of.js";
import { UpstreamFailure } from "../failure.js";
import type { Caller, Offers } from "../offer.js";
import { type OpenApiSettings, UpstreamSettingsError } from "../settings.js";
import { textOfBody } from "../text-of-body.js";
import { type OpenApiDocument, operationsOf, readDocument } from "./document.js";
import { methodOf } from "./operation.js";

/** The address that tells the origin of an OpenAPI upstream. Throws {@link UpstreamSettingsError}. */
export function openApiAddress({ name, url, file, baseUrl }: OpenApiSettings): string {
  if ((url === undefined) === (file === undefined))
    throw new UpstreamSettingsError(name, "url", "either url or file expected");
  const address = baseUrl ?? url;
  if (address === undefined)
    throw new UpstreamSettingsError(name, "baseUrl", "needed with file: where the operations are");
  return address;
}

/** What the document offers now. */
export async function readOpenApi(
  settings: OpenApiSettings,
  caller: Caller,
  ownHeaders: ReadonlySet<string>,
  remark: (problem: string) => void,
): Promise<Offers> {
  const text = await textOfDocument(settings, caller);
  const document = await readDocument(text);
  if (document.problem !== undefined) remark(`the document is not quite OpenAPI: ${document.problem}`);
  const basePath = basePathOf(settings, document);
  const context = { references: document.references, basePath, ownHeaders, caller };
  return {
    version: createHash("sha256").update(text).digest("base64"),
    offers: operationsOf(document).map((operation) => ({
      id: operation.id,
      build: (name) => methodOf(name, operation, context),
    })),
  };
}

async function textOfDocument({ name, url, file, baseUrl }: OpenApiSettings, caller: Caller): Promise<string> {
  if (file !== undefined) {
    try {
      return await readFile(file, "utf8");
    } catch (error) {
      throw new UpstreamSettingsError(name, "file", messageOf(error));
    }
  }
  const { pathname, search, origin } = new URL(url ?? "");
  if (baseUrl !== undefined && new URL(baseUrl).origin !== origin)
    throw new UpstreamSettingsError(
      name,
      "baseUrl",
      "url and baseUrl must have one origin; save the document and use file",
    );
  const accept = "application/json, application/yaml;q=0.9, */*;q=0.5";
  return caller.ask({ method: "GET", path: pathname + search, headers: { accept } }, (answer) => {
    if (answer.status === 200) return textOfBody(answer);
    throw new UpstreamFailure("odd-status", `its description answers HTTP ${answer.status}`);
  });
}

/** Where the operations are: never outside the origin that the settings name. */
function basePathOf({ name, url, baseUrl }: OpenApiSettings, { server }: OpenApiDocument): string {
  if (baseUrl !== undefined) return withoutSlash(new URL(baseUrl).pathname);
  const here = new URL(url ?? "");
  const target = new URL(server ?? "/", here);
  if (target.origin !== here.origin)
    throw new UpstreamSettingsError(
      name,
      "url",
      `the document names the server ${target.origin}, and only ${here.origin} may be called; say where with baseUrl`,
    );
  return withoutSlash(target.pathname);
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, "");
}
