/** What becomes of an invoice that is not everyday's: for another company, large, in other characters, of the same name. */
import { expect } from "@playwright/test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { it } from "./books";
import { row, status } from "./sandbox";

const SAMPLE = resolve("samples/invoice-two-rates.xml");
const DOSSIER = "Bakkerij Korenwolf";

/** The sample as a file of its own. */
function variant(dir: string, name: string, change: (xml: string) => string, encoding: BufferEncoding = "utf8"): string {
  const file = join(dir, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, Buffer.from(change(readFileSync(SAMPLE, "utf8")), encoding));
  return file;
}

const numbered = (number: string) => (xml: string) => xml.replaceAll("ZB-2026-0417", number);

it("an invoice for another company stops with both names; a person says that it is theirs, and it is booked", async ({ site, page }) => {
  site.connect();
  const theirs = variant(site.dir, "theirs.xml", (xml) => xml.replaceAll("Bakkerij Korenwolf BV", "Another Company NV").replaceAll("0711222333", "0888888822"));
  const [activation, task] = await site.deliver("KOREN", [theirs], DOSSIER);
  await site.untilAll([activation!], "succeeded");
  await site.untilAll([task!], "action_required");
  expect(site.balances("KOREN")).toEqual({});

  await site.sandbox.signIn(page, "admin_sandbox");
  const panel = await site.sandbox.panel(page, task!);
  await expect(status(page)).toHaveText("Action employee required");
  await expect(panel.getByRole("heading", { level: 2 })).toContainText(`Another Company NV or ${DOSSIER}`);
  await panel.getByRole("button", { name: "It is ours: book it" }).click();
  await expect(row(page, task!)).toHaveAttribute("data-state", "succeeded");
  await expect(panel).toContainText("Looked at and confirmed");
  expect(site.bookings("KOREN")).toBe(1);
});

it("[T7.5] the reason why a document cannot be booked stands at the task in the reader's words, with who can mend it", async ({ site, page }) => {
  site.connect();
  const [, task] = await site.deliver("WRONG", [resolve("samples/invoice-wrong-total.xml")]);
  await site.untilAll([task!], "failed");
  await site.sandbox.signIn(page, "admin_sandbox");
  const panel = await site.sandbox.panel(page, task!);
  await expect(panel.locator(".lead").first()).toHaveText("The total with VAT should be 1775.17; 1757.17 is written.");
  await expect(panel).toContainText("Only the supplier can mend it");
  expect(site.balances("WRONG")).toEqual({});
});

it("one refused file stops none of the others: each has its line, and what is large, of the same name or in other characters is booked", async ({ site }) => {
  site.connect();
  const pdf = Buffer.alloc(1_700_000, "%PDF").toString("base64");
  const attached = `<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="a.pdf">${pdf}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference><cac:AccountingSupplierParty>`;
  const utf16 = (xml: string) => "\ufeff" + numbered("ZB-4")(xml).replace("UTF-8", "UTF-16");
  const files = [
    variant(site.dir, "a/invoice.xml", numbered("ZB-1")),
    variant(site.dir, "b/invoice.xml", numbered("ZB-2")),
    variant(site.dir, "large.xml", (xml) => numbered("ZB-3")(xml).replace("<cac:AccountingSupplierParty>", attached)),
    join(site.dir, "none.xml"),
    variant(site.dir, "strange.xml", (xml) => xml.replace("UTF-8", "KOI8-R")),
    variant(site.dir, "utf-16.xml", utf16, "utf16le"),
    variant(site.dir, "latin.xml", (xml) => numbered("ZB-5")(xml).replace("UTF-8", "ISO-8859-1").replace("Drukkerij", "Drükkerij"), "latin1"),
    variant(site.dir, "ascii.xml", (xml) => numbered("ZB-6")(xml).replace("UTF-8", "US-ASCII").replace(/[^\x00-\x7f]/g, "")),
    variant(site.dir, "too-large.xml", (xml) => xml + " ".repeat(26 << 20)),
    variant(site.dir, `${"x".repeat(240)}.xml`, numbered("ZB-7")),
  ];
  const said = await site.say("MANY", files, "--activate", DOSSIER);
  expect(said.code).toBe(1);
  expect(said.err).toEqual([
    "none.xml: not delivered. There is no such file.",
    "strange.xml: not delivered. Its characters are in KOI8-R, which is not read; UTF-8, UTF-16, US-ASCII, ISO-8859-1, ISO-8859-15 and windows-1252 are.",
    "too-large.xml: not delivered. It has 27 MiB; a document may have 25.",
    "3 of 11 were refused; all others were delivered.",
  ]);
  const tasks = said.out.map((line) => /^task (\d+) /.exec(line)![1]!);
  expect(tasks).toHaveLength(8);
  expect(said.out[1]).toContain("invoice.xml (ZB-1 Drukkerij De Zilverberk BV) queued");
  await site.untilAll(tasks, "succeeded");
  expect(site.bookings("MANY")).toBe(7);
  // once more, under whatever name: nothing new
  const again = await site.say("MANY", [variant(site.dir, "c/other.xml", numbered("ZB-1"))]);
  expect([again.code, again.out]).toEqual([0, [`task ${tasks[1]} process_booking_proposal other.xml (ZB-1 Drukkerij De Zilverberk BV) succeeded (delivered before)`]]);
});

it("a corrected file of the same name is delivered and does not wait for the wrong one", async ({ site }) => {
  site.connect();
  const wrong = variant(site.dir, "invoice.xml", (xml) => xml.replace(">1775.17</cbc:PayableAmount>", ">1775.18</cbc:PayableAmount>"));
  const [, first] = await site.deliver("AGAIN", [wrong], DOSSIER);
  await site.untilAll([first!], "failed");
  const [second] = await site.deliver("AGAIN", [variant(site.dir, "invoice.xml", (xml) => xml)], false);
  await site.untilAll([second!], "succeeded");
  // another name for the dossier is said, and stops nothing
  const said = await site.say("AGAIN", [variant(site.dir, "next.xml", numbered("ZB-2"))], "--activate", "Another name");
  expect([said.code, said.out.length, said.err[0]]).toEqual([1, 1, "AGAIN: not activated. AGAIN was activated before, under another name or in another package; that stays as it is."]);
});
