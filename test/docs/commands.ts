// The commands that the documentation shows, each with what it must print. Those without a server are run by
// commands.test.ts; the interop tests take `documentedCommands("prosody")` and run them against a server.
import { type Block, blocksIn, type Page, placeOf, readPages } from "./pages.js";

/** Where a block's commands are run: here without a server, with Prosody, with the gateway of `npm start` or that of examples/gateway.http.yaml, or nowhere. */
export type CommandPlace =
  | "here"
  | "standalone"
  | "standalone-serve"
  | "http"
  | "http-serve"
  | "prosody"
  | "prosody-serve"
  | "manual";

/** One command line. */
export interface DocumentedCommand {
  /** `docs/calling.md:12`. */
  readonly place: string;
  /** For a shell, in the folder of the checkout. */
  readonly command: string;
  /** The lines it must print; `…` stands for any text in a line, and alone for any lines. Empty: not shown. */
  readonly output: readonly string[];
}

/**
 * The commands of one kind, in the order of the pages. For `prosody` these hold: a gateway with
 * examples/gateway.client.yaml is at responder@localhost/gateway, JABBER_RPC_SERVICE, JABBER_RPC_JID (alice@localhost) and
 * JABBER_RPC_PASSWORD are set, ALICE_PASSWORD too, and every `127.0.0.1:5222` stands for the server's true port. Lines
 * that begin with `export ` are settings of that kind and left out.
 */
export function documentedCommands(
  kind: CommandPlace,
  pages: readonly Page[] = readPages(),
): readonly DocumentedCommand[] {
  return blocksIn(pages, "console")
    .filter((block) => placeOfCommands(block) === kind)
    .flatMap(commandsOf)
    .filter(({ command }) => !command.startsWith("export "));
}

/** True if what was printed is what the page shows. */
export function printsAsShown(printed: string, output: readonly string[]): boolean {
  const pattern = output.map((line) => (line === "…" ? "(?:[^\n]*\n)*?" : `${glob(line)}\n`)).join("");
  return new RegExp(`^${pattern}$`).test(printed.endsWith("\n") || printed === "" ? printed : `${printed}\n`);
}

function glob(line: string): string {
  return line
    .split("…")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^\n]*");
}

function placeOfCommands({ words }: Block): CommandPlace {
  const [word = "here"] = words;
  if (!isPlace(word)) throw new Error(`console ${word}: no such kind of command`);
  return word;
}

function isPlace(word: string): word is CommandPlace {
  return [
    "here",
    "standalone",
    "standalone-serve",
    "http",
    "http-serve",
    "prosody",
    "prosody-serve",
    "manual",
  ].includes(word);
}

function commandsOf(block: Block): DocumentedCommand[] {
  const commands: { place: string; command: string; output: string[] }[] = [];
  for (const line of block.text.split("\n").slice(0, -1)) {
    if (line.startsWith("$ ")) commands.push({ place: placeOf(block), command: line.slice(2), output: [] });
    else commands.at(-1)?.output.push(line);
  }
  return commands;
}
