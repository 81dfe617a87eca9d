// A gateway on a memory network with its HTTP doors open on a free port, and what asks them.
import { Examples, Validator1 } from "../../src/handlers/index.js";
import {
  createGateway,
  createMemoryNetwork,
  type Gateway,
  type GatewayOptions,
  type MemoryNetwork,
} from "../../src/index.js";

export const BASIC = `Basic ${Buffer.from("svc:pw").toString("base64")}`;

export interface HttpGateway {
  readonly gateway: Gateway;
  readonly network: MemoryNetwork;
  readonly url: string;
  readonly port: number;
  post(path: string, body: string | Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export async function startHttpGateway(options: Partial<GatewayOptions> = {}): Promise<HttpGateway> {
  const network = createMemoryNetwork();
  const gateway = createGateway({
    link: network.link("rpc.example.org"),
    services: [Examples, Validator1],
    access: [{ allow: "svc@localhost" }],
    ...options,
    http: {
      port: 0,
      users: [{ name: "svc", password: "pw", jid: "svc@localhost" }],
      tokens: [{ token: "t0ken", jid: "bot@localhost/cron" }],
      domains: ["localhost"],
      ...options.http,
    },
  });
  await gateway.start();
  const port = gateway.http?.port ?? 0;
  const url = `http://127.0.0.1:${port}`;
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(url + path, { redirect: "manual", ...init });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return {
    gateway,
    network,
    url,
    port,
    post: (path, body, headers = {}) =>
      ask(path, {
        method: "POST",
        body,
        headers: {
          authorization: BASIC,
          "content-type": path.startsWith("/RPC2") ? "text/xml" : "application/json",
          ...headers,
        },
      }),
    get: (path, headers = { authorization: BASIC }) => ask(path, { headers }),
    stop: () => gateway.stop({ drainMs: 100 }),
  };
}

export function methodCall(method: string, params = ""): string {
  return `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params}</params></methodCall>`;
}

export function param(value: string): string {
  return `<param><value>${value}</value></param>`;
}
