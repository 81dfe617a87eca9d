// A gateway with one upstream, and a caller of it.
import { afterAll, afterEach } from "vitest";
import type { LogFields, Logger } from "../../src/observe/index.js";
import { createMethodTable, type MethodSpec, type MethodTable } from "../../src/rpc/index.js";
import { createTestGateway, type TestGatewayOptions } from "../../src/testing.js";
import { createUpstreams, type UpstreamSettings, type Upstreams } from "../../src/upstream/index.js";
import type { ExactValue } from "../../src/values/index.js";
import { type Answer, answerJson, startServer, type TestServer } from "./http-server.js";

const endings: (() => Promise<void>)[] = [];

/** Ends what {@link atEnd} was told, the last first. To be called once in every file. */
export function stopAfterEach(): void {
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
}

/** The same once, after the last test of the file: for files whose tests share gateways. */
export function stopAfterAll(): void {
  afterAll(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
}

/** Makes something when it is first asked for, and keeps it. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Runs after the test. */
export function atEnd(end: () => Promise<void>): void {
  endings.push(end);
}

/** A server that is stopped after the test. */
export async function serve(answer: Answer): Promise<TestServer> {
  const server = await startServer(answer);
  atEnd(() => server.stop());
  return server;
}

/** Events of a log, for tests of what it tells. */
export interface RecordedLog extends Logger {
  readonly lines: { readonly event: string; readonly fields: LogFields }[];
}

export function recordLog(): RecordedLog {
  const lines: RecordedLog["lines"] = [];
  const add = (event: string, fields: LogFields = {}): void => void lines.push({ event, fields });
  return { lines, debug: add, info: add, warn: add, error: add };
}

/** How tests call a method of an upstream. */
export interface Caller {
  call(method: string, ...params: unknown[]): Promise<unknown>;
  callExact(method: string, ...params: unknown[]): Promise<ExactValue>;
  readonly as: (jid: string) => { call(method: string, ...params: unknown[]): Promise<unknown> };
}

/** A gateway with these upstreams. */
export async function gatewayOf(
  upstreams: readonly UpstreamSettings[],
  options: Omit<TestGatewayOptions, "upstreams"> = {},
): Promise<Caller> {
  const gateway = await createTestGateway({ ...options, upstreams });
  atEnd(() => gateway.stop());
  const to = gateway.jid.full;
  const alice = gateway.as("alice@example.org/desk");
  return {
    call: (method, ...params) => alice.call(to, method, params),
    callExact: (method, ...params) => alice.callExact(to, method, params),
    as: (jid) => ({ call: (method, ...params) => gateway.as(jid).call(to, method, params) }),
  };
}

/** What a test says of an upstream; address and name are given. */
export type Part<T> = T extends UpstreamSettings ? Partial<Omit<T, "kind" | "url" | "name">> : never;

/** An OpenAPI document with these paths. */
export function documentOf(paths: object, rest: object = {}): object {
  return { openapi: "3.0.3", info: { title: "Test", version: "1" }, paths, ...rest };
}

/** A document with one operation, `POST /do`, and this much of it. */
export function operationOf(operation: object, rest: object = {}): object {
  return documentOf(
    { "/do": { post: { operationId: "do", responses: { 200: { description: "ok" } }, ...operation } } },
    rest,
  );
}

/** A document with several operations, `do0`, `do1` … at `/0`, `/1` …: checking a document takes longer than a test. */
export function operationsOf(operations: readonly object[], rest: object = {}): object {
  const paths = operations.map((operation, index) => [
    `/${index}`,
    { post: { operationId: `do${index}`, responses: { 200: { description: "ok" } }, ...operation } },
  ]);
  return documentOf(Object.fromEntries(paths), rest);
}

/** What a success answers, as a document says it. */
export function answers(schema: unknown, media = "application/json"): object {
  return { responses: { 200: { description: "ok", content: { [media]: { schema } } } } };
}

/** A gateway over a web application that has this document at /openapi.json and answers everything else so. */
export async function openApiGateway(
  document: object,
  answer: Answer,
  settings: Part<Extract<UpstreamSettings, { kind: "openapi" }>> = {},
  options: Omit<TestGatewayOptions, "upstreams"> = {},
): Promise<Caller & { readonly server: TestServer }> {
  const server = await serve((request, response) => {
    if (request.url === "/openapi.json") answerJson(response, document);
    else answer(request, response);
  });
  const url = `${server.origin}/openapi.json`;
  const caller = await gatewayOf([{ name: "web", kind: "openapi", url, include: ["*"], ...settings }], options);
  return { ...caller, server };
}

/** Upstreams over a table of their own, for what a gateway does not show. */
export async function tableOf(
  settings: readonly UpstreamSettings[],
  log = recordLog(),
): Promise<{
  readonly table: MethodTable;
  readonly upstreams: Upstreams;
  readonly log: RecordedLog;
  names(): string[];
}> {
  const table = createMethodTable();
  const upstreams = await createUpstreams({ settings, table, log });
  atEnd(() => upstreams.stop());
  return { table, upstreams, log, names: () => table.list().map(({ name }: MethodSpec) => name) };
}
