// Why a database cannot be used, in one line for the operator: what, where, what was expected. A password is never shown.

import { hasBrand } from "../brand.js";
import { messageOf } from "../message-of.js";

const DATABASE_PROBLEM = Symbol.for("jabber-rpc.DatabaseProblem");

/** A database that cannot be opened, or lacks its tables. The cause is the library's error. */
export class DatabaseProblem extends Error {
  override readonly name = "DatabaseProblem";
  readonly [DATABASE_PROBLEM] = true;

  static is(error: unknown): error is DatabaseProblem {
    return hasBrand(error, DATABASE_PROBLEM);
  }
}

/** What a url with another beginning is answered. */
export const NO_DATABASE_URL = "expected sqlite:FILE or postgresql://…";

/** Codes of the network, and of the server (PostgreSQL 15, Appendix A), and what each means here. */
const POSTGRES_PROBLEMS: Readonly<Record<string, (place: PostgresPlace) => string>> = {
  ECONNREFUSED: ({ server }) => `nothing listens at ${server}; a running PostgreSQL expected`,
  ENOTFOUND: ({ host }) => `there is no host ${host}`,
  EAI_AGAIN: ({ host }) => `the address of the host ${host} cannot be found now`,
  EHOSTUNREACH: ({ server }) => `${server} cannot be reached`,
  ENETUNREACH: ({ server }) => `${server} cannot be reached`,
  ETIMEDOUT: ({ server }) => `${server} does not answer`,
  "28P01": ({ user, server }) => `${server} does not take the password of the user ${user}`,
  "28000": ({ user, server }) => `${server} does not let the user ${user} in`,
  "3D000": ({ database, server }) => `there is no database ${database} at ${server}`,
  "53300": ({ server }) => `${server} has too many connections`,
};

interface PostgresPlace {
  readonly host: string;
  readonly server: string;
  readonly user: string;
  readonly database: string;
}

/** Says why PostgreSQL cannot be used. */
export function postgresProblem(url: string, error: unknown): DatabaseProblem {
  const said = messageOf(error);
  const place = placeOf(url);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const isLate = /timeout/i.test(said) && code === "";
  const explain = POSTGRES_PROBLEMS[isLate ? "ETIMEDOUT" : code];
  const problem = place === undefined || explain === undefined ? said : explain(place);
  return new DatabaseProblem(`postgresql: ${problem}`, { cause: error });
}

function placeOf(url: string): PostgresPlace | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port, username, pathname } = new URL(url);
  const host = hostname === "" ? "localhost" : hostname;
  const user = username === "" ? "of this process" : `"${decoded(username)}"`;
  const database = pathname.length < 2 ? "of the user's name" : `"${decoded(pathname.slice(1))}"`;
  return { host, server: `${host}:${port === "" ? "5432" : port}`, user, database };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
