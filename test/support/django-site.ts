// The example site of Django as its README starts it: the site, its gateway and its worker, each a process.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLI, PYTHON, ROOT, type RunningProcess, runProcess, startProcess } from "./processes.js";
import { freePorts } from "./server-process.js";

/** A site that runs. */
export interface DjangoSite {
  readonly url: string;
  readonly xmppPort: number;
  /** Ends the worker; calls then wait for their deadline. */
  stopWorker(): Promise<void>;
  /** Ends everything, and gives the exit codes of gateway and worker, and how often the worker said that it waits for the tables. */
  stop(): Promise<{ readonly exitCodes: readonly number[]; readonly waits: number }>;
}

const WAITS = /^waiting for the gateway's tables/m;
const FOLDER = join(ROOT, "examples/django");

/**
 * Starts a site.
 *
 * @param users name to password
 * @param database variables of `website/settings.py`: none for SQLite
 */
export async function startDjangoSite(
  users: Readonly<Record<string, string>>,
  database: Readonly<Record<string, string>>,
): Promise<DjangoSite> {
  const state = await mkdtemp(join(tmpdir(), "jabber-rpc-django-"));
  const [port, xmppPort] = await freePorts();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...database,
    SITE_STATE: state,
    SITE_URL: url,
    SITE_XMPP_PORT: String(xmppPort),
    SITE_GATEWAY: `${process.execPath} ${CLI}`,
    PYTHONDONTWRITEBYTECODE: "1",
  };
  const options = { cwd: FOLDER, env };
  const manage = (...words: string[]): RunningProcess => startProcess(PYTHON, ["manage.py", ...words], options);
  await runToEnd(["migrate"], env);
  for (const [name, password] of Object.entries(users))
    await runToEnd(["createsuperuser", "--noinput", "--username", name, "--email", `${name}@example.org`], {
      ...env,
      DJANGO_SUPERUSER_PASSWORD: password,
    });
  const site = manage("runserver", "--noreload", `127.0.0.1:${port}`);
  // In the order in which nobody should start them: the worker waits.
  const worker = manage("xmpp_worker");
  await worker.until("stderr", WAITS);
  const gateway = manage("xmpp");
  await gateway.until("stdout", /^ready localhost/m);
  await worker.until("stdout", /^ready$/m);
  await answers(url, site);
  return {
    url,
    xmppPort,
    stopWorker: async () => {
      worker.signal("SIGTERM");
      await worker.ended;
    },
    stop: async () => {
      gateway.signal("SIGTERM");
      worker.signal("SIGTERM");
      const ended = await Promise.all([gateway.ended, worker.ended]);
      await site.stop();
      await rm(state, { recursive: true, force: true });
      const waits = ended[1].stderr.split("\n").filter((line) => WAITS.test(line)).length;
      return { exitCodes: ended.map(({ exitCode }) => exitCode), waits };
    },
  };
}

async function runToEnd(words: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const { exitCode, stderr } = await runProcess(PYTHON, ["manage.py", ...words], { cwd: FOLDER, env });
  if (exitCode !== 0) throw new Error(`manage.py ${words.join(" ")} ended with ${exitCode}: ${stderr}`);
}

/** The development server does not say when it listens. */
async function answers(url: string, site: RunningProcess): Promise<void> {
  const ended = site.ended.then(({ stderr }) => {
    throw new Error(`the site ended: ${stderr}`);
  });
  const asking = (async () => {
    for (;;) {
      if (
        await fetch(`${url}/login/`).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  await Promise.race([asking, ended]);
}

/** A browser: it keeps cookies, and sends the token that forms carry. */
export interface Browser {
  /** The page as HTML. */
  get(path: string): Promise<string>;
  /** Fills in the form of that page and gives the page that comes then. */
  post(path: string, fields: Readonly<Record<string, string>>): Promise<string>;
  /** Reads the page again until it says that. */
  until(path: string, text: string): Promise<string>;
}

/** A browser that is logged in. */
export async function openBrowser(url: string, username: string, password: string): Promise<Browser> {
  const cookies = new Map<string, string>();
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
    const response = await fetch(url + path, { ...init, redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return response;
  };
  const get = async (path: string): Promise<string> => {
    const response = await ask(path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
    return response.text();
  };
  const browser: Browser = {
    get,
    post: async (path, fields) => {
      const [, token = ""] = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(await get(path)) ?? [];
      const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: token });
      const response = await ask(path, { method: "POST", body });
      const location = response.headers.get("location");
      if (response.status !== 302 || location === null) throw new Error(`POST ${path}: ${response.status}`);
      return get(location);
    },
    until: async (path, text) => {
      for (;;) {
        const page = await get(path);
        if (page.includes(text)) return page;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
  await browser.post("/login/", { username, password });
  return browser;
}
