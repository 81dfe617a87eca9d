// The numbers of the gateway as Prometheus reads them (text format 0.0.4). Who is no admin sees his own.

import type { Access, CallCounts, Dispatcher } from "../rpc/index.js";
import type { ClosedDoor } from "./door.js";

/** What numbers are taken from. */
export interface MetricsOptions {
  readonly counts: CallCounts;
  readonly access: Pick<Access, "isAdmin">;
  readonly dispatcher: Pick<Dispatcher, "inFlight">;
  readonly isOnline: () => boolean;
}

/** `GET /metrics`. */
export function createMetricsDoor({ counts, access, dispatcher, isOnline }: MetricsOptions): ClosedDoor {
  return {
    path: "/metrics",
    method: "GET",
    open: false,
    handle: ({ requester }) => {
      const isAdmin = access.isAdmin(requester.jid);
      const calls = isAdmin ? counts.all() : counts.of(requester.jid);
      const lines = [
        ...head("jabber_rpc_calls_total", "counter", "Calls that ended, by method and outcome."),
        ...calls.map(
          ({ method, outcome, count }) =>
            `jabber_rpc_calls_total{method="${escapeLabel(method)}",outcome="${outcome}"} ${count}`,
        ),
        ...head("jabber_rpc_link_up", "gauge", "1 while the link to XMPP is up."),
        `jabber_rpc_link_up ${isOnline() ? 1 : 0}`,
        ...(isAdmin
          ? [
              ...head("jabber_rpc_calls_in_flight", "gauge", "Calls that run."),
              `jabber_rpc_calls_in_flight ${dispatcher.inFlight}`,
            ]
          : []),
      ];
      return { type: "text/plain; version=0.0.4; charset=utf-8", text: `${lines.join("\n")}\n` };
    },
  };
}

function head(name: string, type: "counter" | "gauge", help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
