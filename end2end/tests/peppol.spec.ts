/** The main job on real input: invoices in, booked in a real bookkeeping package, to the cent. */
import { expect } from "@playwright/test";
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { buyer, it, type Balances, type Site } from "./books";
import { Proxy } from "./machine";
import { BOOK, DELETE, SYNC, alive, row, status } from "./sandbox";

const SAMPLES = resolve("samples");
const PEPPOL = resolve("../../shared/data/peppol");

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

it("[T1.4] our own sample invoices and credit note are booked in hledger, to the cent", async ({ site }) => {
  await booksEveryDocument(site, SAMPLES, OWN);
});

it("[T1.5] a deletion takes its booking out of hledger's books, and a synchronisation brings back the balances that hledger has", async ({ site }) => {
  site.connect();
  const two = join(SAMPLES, "invoice-two-rates.xml"), credit = join(SAMPLES, "credit-note.xml");
  const [activation, invoice, note] = await site.deliver("BOOKS", [two, credit]);
  await site.untilAll([activation!, invoice!, note!], "succeeded");
  await site.sandbox.manages("employee", "BOOKS");
  const synchronised = async (): Promise<Balances> => {
    const id = await site.sandbox.one({ kind: SYNC, dossier: "BOOKS" });
    await site.untilAll([id], "succeeded");
    const { balances } = (await site.sandbox.task(id)).attempts.at(-1).report.succeeded.result;
    return Object.fromEntries(balances.map((b: { account: string; amount: string; commodity: string }) => [b.account, `${b.amount} ${b.commodity}`]));
  };
  const both = {
    ...bought("S21", "726.10 EUR"), ...bought("S6", "503.50 EUR"), ...vat("S21", "152.48 EUR"), ...vat("S6", "30.21 EUR"),
    ...supplier("Drukkerij De Zilverberk BV", "-1775.17 EUR"), ...supplier("Meubelwerf Veenhuis B.V.", "362.88 EUR"),
  };
  expect(site.balances("BOOKS")).toEqual(both);
  expect(await synchronised()).toEqual(both);
  expect(site.bookings("BOOKS")).toBe(2);

  const removal = await site.sandbox.one({ kind: DELETE, dossier: "BOOKS", payload: { task: invoice } });
  await site.untilAll([removal], "succeeded");
  expect(site.bookings("BOOKS")).toBe(1);
  expect(site.balances("BOOKS")).toEqual(OWN["credit-note.xml"]);
  expect(await synchronised()).toEqual(OWN["credit-note.xml"]);
});

// the published examples are not part of the project; our own samples above say the same without them
if (existsSync(PEPPOL)) {
  it("the ten published Peppol examples are booked in hledger, to the cent", async ({ site }) => {
    expect(readdirSync(PEPPOL).filter((f) => f.endsWith(".xml")).sort()).toEqual(Object.keys(EXAMPLES).sort());
    await booksEveryDocument(site, PEPPOL, EXAMPLES);
  });
}

it("[T7.5] documents that cannot be right are not booked: they stop, red, with the reason", async ({ site, page }) => {
  site.connect();
  const wrong = await site.deliver("WRONG", [join(SAMPLES, "invoice-wrong-total.xml")]);
  const bomb = await site.deliver("BOMB", [join(SAMPLES, "invoice-entity-bomb.xml")]);
  await site.untilAll([wrong[0]!, bomb[0]!], "succeeded");
  await site.untilAll([wrong[1]!, bomb[1]!], "failed");
  await site.sandbox.signIn(page, "admin_sandbox");
  for (const [id, reason] of [
    [wrong[1]!, "The total with VAT should be 1775.17; 1757.17 is written."],
    [bomb[1]!, "The file holds definitions (DOCTYPE) that are not safe to read."],
  ] as const) {
    const { failure } = await site.sandbox.task(id);
    expect(failure.code).toBe("document_invalid");
    expect(failure.detail).toMatch(/\S/);
    const panel = await site.sandbox.panel(page, id);
    await expect(status(page)).toHaveText("With support");
    await expect(panel.locator(".lead").first()).toHaveText(reason);
    await expect(row(page, id)).toHaveAttribute("data-state", "failed");
  }
  expect(site.balances("WRONG")).toEqual({});
  expect(site.balances("BOMB")).toEqual({});
});

it("[M10.4] a document of a closed month turns orange; once the month is open again, a restart books it", async ({ site, page }) => {
  const file = join(SAMPLES, "invoice-two-rates.xml");
  site.connect();
  const [activation] = await site.deliver("CLOSED", [], buyer(file));
  await site.untilAll([activation!], "succeeded");
  const month = closeMonth(site, "CLOSED", file);
  const [task] = await site.deliver("CLOSED", [file], false);
  await site.untilAll([task!], "action_required");
  expect(site.balances("CLOSED")).toEqual({});

  await site.sandbox.manages("employee", "CLOSED");
  await site.sandbox.signIn(page, "employee_sandbox");
  const panel = await site.sandbox.panel(page, task!);
  await expect(status(page)).toHaveText("Action employee required");
  await expect(panel.getByRole("heading", { level: 2 })).toHaveText(`Open booking period ${month} · hledger`);
  await expect(panel.locator("section.todo ol > li")).not.toHaveCount(0);
  await expect(panel.locator("section.todo")).toContainText(month);

  // she does what the instruction says, then restarts
  rmSync(join(site.books, "CLOSED", "closed.txt"));
  await panel.getByRole("button", { name: /^Restart task/ }).click();
  await expect(status(page)).toHaveText("Done");
  await expect(row(page, task!)).toHaveAttribute("data-state", "succeeded");
  expect(site.balances("CLOSED")).toEqual(OWN["invoice-two-rates.xml"]);
  expect(site.bookings("CLOSED")).toBe(1);
});

it("delivering the same file twice makes one task and one booking", async ({ site }) => {
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

it("[T6.6] the connector killed with -9 between booking and report, and in the middle of others: the books hold each document once", async ({ site, page }) => {
  await site.sandbox.shortLeases(page);
  const files = Object.keys(OWN);
  const activations: string[] = [], tasks: string[] = [];
  let connector = site.connect();
  for (const file of files) activations.push(...(await site.deliver(code(file), [], buyer(join(SAMPLES, file)))));
  await site.untilAll(activations, "succeeded");
  await site.sandbox.manages("employee", ...files.map(code));
  await site.kill(connector);

  // no report comes through, and the package answers slowly, so that the kill falls between its steps
  const between = new Proxy();
  await between.start(site.desk);
  try {
    between.losesReports = true;
    site.desk = between.url;
    const slow = join(site.dir, "slow-hledger");
    writeFileSync(slow, '#!/bin/sh\nsleep 0.15\nexec hledger "$@"\n');
    chmodSync(slow, 0o755);
    for (const file of files) tasks.push(...(await site.deliver(code(file), [join(SAMPLES, file)], false)));
    const booked = () => files.filter((f) => site.bookings(code(f)) > 0).length;
    // what the first had under way is still in its hands, as the desk knows it: the second has two more
    for (const hands of [2, 4]) {
      const before = booked();
      connector = site.connect("--program", slow, "--max-parallel", String(hands));
      await expect.poll(booked, { intervals: [20] }).toBeGreaterThan(before);
      await site.kill(connector);
    }
    expect(await Promise.all(tasks.map((id) => site.sandbox.status(id)))).not.toContain("succeeded");
    const before = booked();

    // another machine at the same books knows nothing of what the dead one had not told
    between.losesReports = false;
    site.state = join(site.dir, "state-of-another");
    site.connect();
    await site.untilAll(tasks, "succeeded");
    const found = await Promise.all(tasks.map((id) => site.sandbox.task(id)));
    const again = found.filter((t) => t.attempts.at(-1).report.succeeded.result.already);
    expect(again).toHaveLength(before);
    for (const task of again) {
      const outcomes: string[] = task.attempts.map((a: { outcome: string }) => a.outcome);
      expect(outcomes.length).toBeGreaterThan(1);
      expect(outcomes).toEqual([...Array(outcomes.length - 1).fill("lease_over"), "succeeded"]);
    }
    for (const file of files) {
      expect(site.bookings(code(file)), file).toBe(1);
      expect(site.balances(code(file)), file).toEqual(OWN[file]);
    }
  } finally {
    between.stop();
  }
});

it("each booking can be followed from the page to the books", async ({ site, page }) => {
  site.connect();
  const [activation, booking] = await site.deliver("FOLLOW", [join(SAMPLES, "credit-note.xml")]);
  await site.untilAll([activation!, booking!], "succeeded");
  const task = await site.sandbox.task(booking!);
  expect(task.kind).toBe(BOOK);
  expect(task.attempts.at(-1).report.succeeded.result.document_no).toBe("CN-260033");
  await site.sandbox.signIn(page, "admin_sandbox");
  await page.goto(`${site.sandbox.server.url}/o/sandbox/tasks/${booking}`);
  await alive(page);
  await expect(status(page)).toHaveText("Done");
  await expect(page.locator("main")).toContainText("Meubelwerf Veenhuis B.V.");
  await expect(page.locator("main")).toContainText("CN-260033");
  expect(readFileSync(site.journal("FOLLOW"), "utf8")).toContain("CN-260033");
});
