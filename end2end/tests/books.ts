/** The office's own side of an invoice: its books, the delivering system and the connector, as an operator would run them. */
import { expect } from "@playwright/test";
import { execFile, execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sandbox, test } from "./sandbox";

const BIN = () => process.env.NACHTWACHT_BIN ?? "";

/** Account → balance, as `hledger bal` says it. */
export type Balances = Record<string, string>;

/** Whom a document is for. */
export const buyer = (file: string): string =>
  /<cac:AccountingCustomerParty>[\s\S]*?<cbc:RegistrationName>([^<]*)</.exec(readFileSync(file, "utf8"))![1]!.trim();

/** What the delivering command says, line by line. */
export interface Said {
  code: number;
  out: string[];
  err: string[];
}

export class Site {
  readonly dir = mkdtempSync(join(tmpdir(), "nachtwacht-books-"));
  readonly books = join(this.dir, "books");
  /** Where a connector finds the desk, and keeps what it has not told yet. */
  desk: string;
  state = join(this.dir, "state");
  private connectors: ChildProcess[] = [];
  private said = "";

  constructor(readonly sandbox: Sandbox) {
    this.desk = sandbox.server.url;
    writeFileSync(join(this.dir, "integration.token"), sandbox.keys.sandbox.integration_token + "\n");
    writeFileSync(join(this.dir, "connector.token"), sandbox.keys.sandbox.connector_tokens[0] + "\n");
  }

  /** `nachtwacht deliver`, which must succeed; gives the tasks' numbers. A dossier is activated under its buyer's name. */
  async deliver(dossier: string, files: string[], activate: string | false = files[0] ? buyer(files[0]) : `Books of ${dossier}`): Promise<string[]> {
    const said = await this.say(dossier, files, ...(activate === false ? [] : ["--activate", activate]));
    expect(said.err.join("\n")).toBe("");
    return said.out.map((line) => /^task (\d+) /.exec(line)![1]!);
  }

  /** `nachtwacht deliver`, whatever comes of it. */
  say(dossier: string, files: string[], ...more: string[]): Promise<Said> {
    const args = ["deliver", "--url", this.sandbox.server.url, "--token-file", join(this.dir, "integration.token"), "--dossier", dossier];
    const lines = (text: string) => text.split("\n").filter((line) => line !== "");
    return new Promise((resume) => {
      const child = execFile(BIN(), [...args, ...more, ...files], (_, out, err) => {
        resume({ code: child.exitCode ?? -1, out: lines(out), err: lines(err) });
      });
    });
  }

  /** `nachtwacht connector --adapter hledger --long-poll`. */
  connect(...more: string[]): ChildProcess {
    const args = ["connector", "--url", this.desk, "--token-file", join(this.dir, "connector.token"), "--adapter", "hledger"];
    args.push("--books", this.books, "--state", this.state, "--long-poll", ...more);
    // a group of its own: killed together with the package's program it has started
    const child = spawn(BIN(), args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (this.said += text));
    this.connectors.push(child);
    return child;
  }

  /** Kills a connector with -9, and what it runs. */
  async kill(connector: ChildProcess): Promise<void> {
    if (connector.exitCode !== null || connector.signalCode !== null) return;
    const gone = new Promise((resume) => connector.once("exit", resume));
    process.kill(-connector.pid!, "SIGKILL");
    await gone;
  }

  journal(dossier: string): string {
    return join(this.books, dossier, "main.journal");
  }

  /** The balance of every account of a dossier, checked by hledger itself. */
  balances(dossier: string): Balances {
    execFileSync("hledger", ["check", "-f", this.journal(dossier), "accounts", "commodities"]);
    const csv = execFileSync("hledger", ["bal", "-f", this.journal(dossier), "-O", "csv", "--no-total"], { encoding: "utf8" });
    return Object.fromEntries(csv.trim().split("\n").slice(1).map((line) => [...line.matchAll(/"([^"]*)"/g)].map((m) => m[1]!)));
  }

  /** How many bookings a dossier has. */
  bookings(dossier: string): number {
    const csv = execFileSync("hledger", ["print", "-f", this.journal(dossier), "-O", "csv"], { encoding: "utf8" });
    // a line for each posting: number of the booking, date, …
    return new Set([...csv.matchAll(/^"(\d+)","\d{4}-\d\d-\d\d"/gm)].map((m) => m[1])).size;
  }

  async untilAll(ids: string[], wanted: string, timeout = 45_000): Promise<void> {
    const all = async () => Promise.all(ids.map(async (id) => `${id} ${await this.sandbox.status(id)}`));
    await expect.poll(all, { timeout, message: this.said }).toEqual(ids.map((id) => `${id} ${wanted}`));
  }

  async close(): Promise<void> {
    for (const connector of this.connectors) await this.kill(connector);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export const it = test.extend<{ site: Site }>({
  site: async ({ sandbox }, use) => {
    const site = new Site(sandbox);
    await use(site);
    await site.close();
  },
});
