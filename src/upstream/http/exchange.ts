// One request and its whole answer on a connection pool: limited in size while it arrives, and ended from outside.

import type { Dispatcher } from "undici";
import { messageOf } from "../../message-of.js";
import { UpstreamFailure } from "../failure.js";

/** One request. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  /** Path and query, percent-encoded, from `/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** One whole answer. */
export interface HttpAnswer {
  readonly status: number;
  /** In lower case, without parameters: `application/json`; empty if none was said. */
  readonly contentType: string;
  /** The charset of the content type, in lower case. */
  readonly charset: string;
  /** Of a redirect. */
  readonly location: string | undefined;
  /** As it came: see `decompress`. */
  readonly contentEncoding: string;
  readonly body: Buffer;
}

/** A request that is under way. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #maxBytes: number;
  readonly #end: (outcome: HttpAnswer | UpstreamFailure) => void;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #status = 0;
  #headers: Readonly<Record<string, string | string[] | undefined>> = {};
  #controller: Dispatcher.DispatchController | undefined;
  #failure: UpstreamFailure | undefined;

  /** @param end called exactly once */
  constructor(maxBytes: number, end: (outcome: HttpAnswer | UpstreamFailure) => void) {
    this.#maxBytes = maxBytes;
    this.#end = end;
  }

  /** Ends it: its connection is closed, also if there is none yet. */
  abort(failure: UpstreamFailure): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#end(failure);
    this.#controller?.abort(failure);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure !== undefined) controller.abort(this.#failure);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.#status = status;
    this.#headers = headers;
    // Whoever announces too much is not read at all.
    if (Number(headers["content-length"] ?? 0) > this.#maxBytes) this.#tooLarge();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) this.#tooLarge();
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#failure !== undefined) return;
    const { type, charset } = readContentType(one(this.#headers["content-type"]));
    const [only] = this.#chunks;
    this.#end({
      status: this.#status,
      contentType: type,
      charset,
      location: this.#headers["location"] === undefined ? undefined : one(this.#headers["location"]),
      contentEncoding: one(this.#headers["content-encoding"]).toLowerCase(),
      body: only !== undefined && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks, this.#bytes),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#failure !== undefined) return;
    const isOverflow = "code" in error && error.code === "UND_ERR_HEADERS_OVERFLOW";
    this.#failure = isOverflow
      ? new UpstreamFailure("too-large", "the headers of its answer are too long")
      : new UpstreamFailure("unreachable", "it cannot be reached", { cause: causeOf(error) });
    this.#end(this.#failure);
  }

  #tooLarge(): void {
    this.abort(new UpstreamFailure("too-large", `its answer has more than ${this.#maxBytes} bytes`));
  }
}

function one(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? "";
}

function readContentType(text: string): { readonly type: string; readonly charset: string } {
  const [type = "", ...parameters] = text.toLowerCase().split(";");
  const charset = parameters.map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(parameter)?.[1]);
  return { type: type.trim(), charset: charset.find((value) => value !== undefined) ?? "" };
}

/** Connecting to several addresses of a host fails with one error for each. */
function causeOf(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(messageOf).join("; ") : messageOf(error);
}
