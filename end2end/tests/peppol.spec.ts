/** The main job on real input: invoices in, booked in a real bookkeeping package, to the cent. */
import { expect } from "@playwright/test";
import { execFile, execFileSync, spawn, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { BOOK, Sandbox, alive, row, status, test, withShortLease } from "./sandbox";

const SAMPLES = resolve("samples");
const PEPPOL = resolve("../../shared/data/peppol");
const BIN = () => process.env.NACHTWACHT_BIN ?? "";

/** Account → balance, as `hledger bal` says it. */
type Balances = Record<string, string>;

const supplier = (name: string, amount: string): Balances => ({ [`liabilities:payable:${name}`]: amount });
const bought = (category: string, amount: string): Balances => ({ [`expenses:purchases:${category}`]: amount });
const vat = (category: string, amount: string): Balances => ({ [`assets:vat:deductible:${category}`]: amount });

/** What each of the project's own documents comes to. */
const OWN: Record<string, Balances> = {
  "invoice-two-rates.xml": {
    ...bought("S21", "1026.00 EUR"), ...bought("S6", "503.50 EUR"), ...vat("S21", "215.46 EUR"), ...vat("S6", "30.21 EUR"),
    ...supplier("Drukkerij De Zilverberk BV", "-1775.17 EUR"),
  },
  "credit-note.xml": { ...bought("S21", "-299.90 EUR"), ...vat("S21", "-62.98 EUR"), ...supplier("Meubelwerf Veenhuis B.V.", "362.88 EUR") },
  "invoice-allowance-charge-prepaid.xml": {
    ...bought("S25", "6881.75 DKK"), ...vat("S25", "1720.44 DKK"), "expenses:rounding": "-0.19 DKK", "assets:prepaid": "-2000.00 DKK",
    ...supplier("Nordlys Kontorteknik ApS", "-6602.00 DKK"),
  },
  "invoice-reverse-charge.xml": { ...bought("AE", "4250.00 EUR"), ...bought("K", "1180.40 EUR"), ...supplier("Staalbouw Hoogerheide B.V.", "-5430.40 EUR") },
  "invoice-zero-exempt.xml": { ...bought("E", "6900.00 NOK"), ...bought("Z", "1158.00 NOK"), ...supplier("Fjordlys Kurssenter AS", "-8058.00 NOK") },
};

const base = { ...bought("S25", "1325.00 EUR"), ...vat("S25", "331.25 EUR"), ...supplier("SupplierOfficialName Ltd", "-1656.25 EUR") };
const correction = { ...bought("S25", "-1325.00 EUR"), ...vat("S25", "-331.25 EUR"), ...supplier("SupplierOfficialName Ltd", "1656.25 EUR") };

/** What each of the published Peppol examples comes to. */
const EXAMPLES: Record<string, Balances> = {
  "base-example.xml": base,
  "sales-order-example.xml": base,
  "base-creditnote-correction.xml": correction,
  "base-negative-inv-correction.xml": correction,
  "Allowance-example.xml": {
    ...bought("S25", "4900.00 EUR"), ...bought("E", "1000.00 EUR"), ...vat("S25", "1225.00 EUR"), "assets:prepaid": "-1000.00 EUR",
    ...supplier("SupplierOfficialName Ltd", "-6125.00 EUR"),
  },
  "Vat-category-S.xml": {
    ...bought("S25", "5000.00 EUR"), ...bought("S15", "2000.00 EUR"), ...vat("S25", "1250.00 EUR"), ...vat("S15", "300.00 EUR"),
    ...supplier("SupplierOfficialName Ltd", "-8550.00 EUR"),
  },
  "Norwegian-example-1.xml": {
    ...bought("S25", "1460.50 NOK"), ...bought("S15", "1.00 NOK"), ...bought("E", "-25.00 NOK"), ...vat("S25", "365.13 NOK"),
    ...vat("S15", "0.15 NOK"), "expenses:rounding": "0.22 NOK", "assets:prepaid": "-1000.00 NOK", ...supplier("The Sellercompany ASA", "-802.00 NOK"),
  },
  "vat-category-E.xml": { ...bought("E", "1200.00 GBP"), ...supplier("The Sellercompany Incorporated", "-1200.00 GBP") },
  "vat-category-Z.xml": { ...bought("Z", "1200.00 GBP"), ...supplier("The Sellercompany Incorporated", "-1200.00 GBP") },
  "vat-category-O.xml": { ...bought("O", "3200.00 SEK"), ...supplier("The Sellercompany Incorporated", "-3200.00 SEK") },
};

/** The office's own side: its books, the delivering system and the connector, as an operator would run them. */
class Site {
  readonly dir = mkdtempSync(join(tmpdir(), "nachtwacht-books-"));
  readonly books = join(this.dir, "books");
  private connectors: ChildProcess[] = [];
  private said = "";

  constructor(readonly sandbox: Sandbox) {
    writeFileSync(join(this.dir, "integration.token"), sandbox.keys.sandbox.integration_token + "\n");
    writeFileSync(join(this.dir, "connector.token"), sandbox.keys.sandbox.connector_tokens[0] + "\n");
  }

  /** `nachtwacht deliver`; gives the tasks' numbers. */
  async deliver(dossier: string, files: string[], activate = true): Promise<string[]> {
    const args = ["deliver", "--url", this.sandbox.server.url, "--token-file", join(this.dir, "integration.token"), "--dossier", dossier];
    if (activate) args.push("--activate", `Books of ${dossier}`);
    const { stdout } = await promisify(execFile)(BIN(), [...args, ...files]);
    return stdout.trim().split("\n").map((line) => /^task (\d+) /.exec(line)![1]!);
  }

  /** `nachtwacht connector --adapter hledger --long-poll`. */
  connect(...more: string[]): ChildProcess {
    const args = ["connector", "--url", this.sandbox.server.url, "--token-file", join(this.dir, "connector.token"), "--adapter", "hledger"];
    args.push("--books", this.books, "--state", join(this.dir, "state"), "--long-poll", ...more);
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

  async untilAll(ids: string[], wanted: string, timeout = 20_000): Promise<void> {
    const all = async () => Promise.all(ids.map(async (id) => `${id} ${await this.sandbox.status(id)}`));
    await expect.poll(all, { timeout, message: this.said }).toEqual(ids.map((id) => `${id} ${wanted}`));
  }

  async close(): Promise<void> {
    for (const connector of this.connectors) await this.kill(connector);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

const code = (file: string) => basename(file, ".xml").toUpperCase().replace(/[^A-Z0-9]/g, "").slice(0, 32);

async function booksEveryDocument(site: Site, folder: string, expected: Record<string, Balances>): Promise<void> {
  site.connect();
  const tasks: string[] = [];
  for (const file of Object.keys(expected)) tasks.push(...(await site.deliver(code(file), [join(folder, file)])));
  await site.untilAll(tasks, "succeeded");
  for (const [file, balances] of Object.entries(expected)) {
    expect(site.balances(code(file)), file).toEqual(balances);
    expect(site.bookings(code(file)), file).toBe(1);
  }
}

/** Closes the month of a document in a dossier's books, as the accountant does; gives it as YYYY-MM. */
function closeMonth(site: Site, dossier: string, file: string): string {
  const month = /<cbc:IssueDate>(\d{4}-\d{2})/.exec(readFileSync(file, "utf8"))![1]!;
  writeFileSync(join(site.books, dossier, "closed.txt"), `${month}\n`);
  return month;
}

const it = test.extend<{ site: Site }>({
  site: async ({ sandbox }, use) => {
    const site = new Site(sandbox);
    await use(site);
    await site.close();
  },
});

it("[T1][T6] our own sample invoices and credit note are booked in hledger, to the cent", async ({ site }) => {
  await booksEveryDocument(site, SAMPLES, OWN);
});

// the published examples are not part of the project; our own samples above say the same without them
if (existsSync(PEPPOL)) {
  it("[T1][T6] the ten published Peppol examples are booked in hledger, to the cent", async ({ site }) => {
    expect(readdirSync(PEPPOL).filter((f) => f.endsWith(".xml")).sort()).toEqual(Object.keys(EXAMPLES).sort());
    await booksEveryDocument(site, PEPPOL, EXAMPLES);
  });
}

it("[T7] documents that cannot be right are not booked: they stop, red, with the reason", async ({ site }) => {
  site.connect();
  const wrong = await site.deliver("WRONG", [join(SAMPLES, "invoice-wrong-total.xml")]);
  const bomb = await site.deliver("BOMB", [join(SAMPLES, "invoice-entity-bomb.xml")]);
  await site.untilAll([wrong[0]!, bomb[0]!], "succeeded");
  await site.untilAll([wrong[1]!, bomb[1]!], "failed");
  for (const id of [wrong[1]!, bomb[1]!]) {
    const { failure } = await site.sandbox.task(id);
    expect(failure.code).toBe("document_invalid");
    expect(failure.detail).not.toBe("");
  }
  expect(site.balances("WRONG")).toEqual({});
  expect(site.balances("BOMB")).toEqual({});
});

it("[M9][M10][T6] a document of a closed month turns orange; once the month is open again, a restart books it", async ({ site, page }) => {
  const file = existsSync(PEPPOL) ? join(PEPPOL, "base-example.xml") : join(SAMPLES, "invoice-two-rates.xml");
  const balances = existsSync(PEPPOL) ? EXAMPLES["base-example.xml"]! : OWN["invoice-two-rates.xml"]!;
  site.connect();
  const [activation] = await site.deliver("CLOSED", []);
  await site.untilAll([activation!], "succeeded");
  const month = closeMonth(site, "CLOSED", file);
  const [task] = await site.deliver("CLOSED", [file], false);
  await site.untilAll([task!], "action_required");
  expect(site.balances("CLOSED")).toEqual({});

  await site.sandbox.signIn(page, "support");
  const panel = await site.sandbox.panel(page, task!);
  await expect(status(page)).toHaveText("Action employee required");
  await expect(panel.getByRole("heading", { level: 2 })).toHaveText(`Open booking period ${month} · hledger`);
  await expect(panel.locator("section.todo ol > li")).not.toHaveCount(0);
  await expect(panel.locator("section.todo")).toContainText(month);

  // the accountant does what the instruction says, then restarts
  rmSync(join(site.books, "CLOSED", "closed.txt"));
  await panel.getByRole("button", { name: /^Restart task/ }).click();
  await expect(status(page)).toHaveText("Done");
  await expect(row(page, task!)).toHaveAttribute("data-state", "succeeded");
  expect(site.balances("CLOSED")).toEqual(balances);
  expect(site.bookings("CLOSED")).toBe(1);
});

it("[T6] delivering the same file twice makes one task and one booking", async ({ site }) => {
  const file = join(SAMPLES, "invoice-two-rates.xml");
  const first = await site.deliver("TWICE", [file]);
  const second = await site.deliver("TWICE", [file]);
  expect(second).toEqual(first);
  site.connect();
  await site.untilAll(first, "succeeded");
  expect(await site.deliver("TWICE", [file])).toEqual(first);
  await site.untilAll(first, "succeeded");
  expect(site.bookings("TWICE")).toBe(1);
  expect(site.balances("TWICE")).toEqual(OWN["invoice-two-rates.xml"]);
});

it("[T6] a connector killed with -9 in the middle of its work never books twice", async () => {
  const sandbox = await withShortLease(3);
  const site = new Site(sandbox);
  try {
    // the package answers slowly, so that the kill falls between its steps
    const slow = join(site.dir, "slow-hledger");
    writeFileSync(slow, '#!/bin/sh\nsleep 0.15\nexec hledger "$@"\n');
    chmodSync(slow, 0o755);
    const files = Object.keys(OWN);
    const tasks: string[] = [];
    for (const file of files) tasks.push(...(await site.deliver(code(file), [join(SAMPLES, file)])));

    const booked = () => files.filter((f) => existsSync(site.journal(code(f))) && site.bookings(code(f)) > 0).length;
    for (let kills = 0; kills < 2; kills++) {
      const before = booked();
      const connector = site.connect("--program", slow, "--max-parallel", "2");
      await expect.poll(booked, { intervals: [20] }).toBeGreaterThan(before);
      await site.kill(connector);
    }
    const attempts = async () => (await Promise.all(tasks.map((id) => sandbox.task(id)))).flatMap((t) => t.attempts);
    expect((await attempts()).filter((a) => a.outcome === "running").length, "the kill fell into running work").toBeGreaterThan(0);

    site.connect();
    await site.untilAll(tasks, "succeeded", 30_000);
    expect((await attempts()).some((a) => a.outcome === "lease_over"), "work was taken back from the dead connector").toBe(true);
    for (const file of files) {
      expect(site.bookings(code(file)), file).toBe(1);
      expect(site.balances(code(file)), file).toEqual(OWN[file]);
    }
  } finally {
    await site.close();
    await sandbox.server.kill();
  }
});

it("[T1][T6] each booking can be followed from the page to the books", async ({ site, page }) => {
  site.connect();
  const [activation, booking] = await site.deliver("FOLLOW", [join(SAMPLES, "credit-note.xml")]);
  await site.untilAll([activation!, booking!], "succeeded");
  const task = await site.sandbox.task(booking!);
  expect(task.kind).toBe(BOOK);
  expect(task.attempts.at(-1).report.succeeded.result.document_no).toBe("CN-260033");
  await site.sandbox.signIn(page, "support");
  await page.goto(`${site.sandbox.server.url}/o/sandbox/tasks/${booking}`);
  await alive(page);
  await expect(status(page)).toHaveText("Done");
  await expect(page.locator("main")).toContainText("credit-note.xml");
  await expect(page.locator("main")).toContainText("CN-260033");
  expect(readFileSync(site.journal("FOLLOW"), "utf8")).toContain("CN-260033");
});
