/** Lists taken along: as CSV, and on paper. */
import { expect, type Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { BOOK, failed, row, test, type Sandbox } from "./sandbox";

const CLOSED = failed("period_not_open", { period: "201802" });
const TRICKY = "=HYPERLINK(\"http://evil\");a,b مرحبا";

async function stopped(sandbox: Sandbox): Promise<string[]> {
  await sandbox.dossiers("adsolut", "AAA", "BBB");
  const ids: string[] = [];
  for (const [dossier, subject] of [["AAA", TRICKY], ["BBB", "plain.pdf"]] as const) {
    ids.push(await sandbox.fail({ kind: BOOK, dossier, subject }, CLOSED));
  }
  return ids;
}

async function get(sandbox: Sandbox, page: Page, list: string, more = ""): Promise<{ status: number; text: string; name: string }> {
  const answer = await page.request.get(`${sandbox.server.url}/api/desk/export/${list}.csv?office=${more}`);
  return { status: answer.status(), text: (await answer.body()).toString("utf8"), name: answer.headers()["content-disposition"] ?? "" };
}

test("[S8] the Follow-up page's list as CSV: what the filter shows, with formulas defused", async ({ sandbox, page }) => {
  const ids = await stopped(sandbox);
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/tasks");
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export as CSV" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/^tasks-sandbox-\d{4}-\d\d-\d\d\.csv$/);
  const text = readFileSync((await download.path())!, "utf8");
  const lines = text.split("\r\n");
  expect(lines[0]).toBe("\ufeffNumber,Status,Kind,Subject,Dossier code,Dossier,Package,Delivered,Since,Instruction");
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(new RegExp(`^${ids[0]},Action required,Process booking proposal,"'=HYPERLINK\\(""http://evil""\\);a,b مرحبا",AAA,Client AAA,Adsolut,\\d{4}-\\d\\d-\\d\\dT[\\d:.]+\\+0[12]:00,`));
  expect(lines[2]).toContain(",plain.pdf,BBB,");
  expect(lines[3]).toBe("");
});

test("[S8] the export has the page's filter, the reader's language and its separator", async ({ sandbox, page }) => {
  await stopped(sandbox);
  await sandbox.signIn(page, "support");
  await page.context().addCookies([{ name: "nw_language", value: "nl", url: sandbox.server.url }]);
  const all = await get(sandbox, page, "tasks", "sandbox&status=succeeded");
  expect(all.name).toMatch(/filename="taken-sandbox-/);
  expect(all.text.split("\r\n")[0]).toBe("\ufeffNummer;Status;Soort;Onderwerp;Dossiercode;Dossier;Pakket;Aangeleverd;Sinds;Instructie");
  expect(all.text.trim().split("\r\n")).toHaveLength(3);
  const plain = await get(sandbox, page, "tasks", "sandbox&q=plain&nonsense=1&status=what");
  expect(plain.text.trim().split("\r\n")).toHaveLength(2);
});

test("[S8] clients, audit log and users are taken along as their pages are filtered", async ({ sandbox, page }) => {
  await sandbox.dossiers("wings", "FLOWS");
  await stopped(sandbox);
  await sandbox.signIn(page, "support");
  const link = page.getByRole("link", { name: "Export as CSV" });
  const lines = async () => {
    const answer = await page.request.get(new URL((await link.getAttribute("href"))!, page.url()).href);
    return (await answer.text()).trim().split("\r\n").slice(1);
  };
  const codes = async () => (await lines()).map((l) => l.split(",")[0]);
  for (const [filter, found] of [["", ["AAA", "BBB", "FLOWS"]], ["?status=act", ["AAA", "BBB"]], ["?status=flow", ["FLOWS"]], ["?status=sup", []], ["?q=client%20b", ["BBB"]], ["?package=wings", ["FLOWS"]], ["?mine=1", []]] as const) {
    await sandbox.open(page, `/o/sandbox/clients${filter}`);
    expect(await codes(), filter).toEqual(found);
  }
  await sandbox.open(page, "/o/gent/audit?what=sign_in");
  const signed = await lines();
  expect(signed.length).toBeGreaterThan(0);
  for (const line of signed) expect(line.split(",")[2]).toBe("sign_in");
  await sandbox.open(page, "/o/gent/users?q=lotte");
  const people = await lines();
  expect(people).toHaveLength(1);
  expect(people[0]).toContain("lotte@halden-vos.example");
});

test("[S8] every list can be taken along by those who may see its page, and by nobody else", async ({ sandbox, page, browser }) => {
  await sandbox.signIn(page, "support");
  for (const list of ["tasks", "clients", "audit", "connectors", "users", "causes"]) {
    const { status, text } = await get(sandbox, page, list, "gent");
    expect(status, list).toBe(200);
    const columns = text.split("\r\n")[0]!.split(",").length;
    expect(columns, list).toBeGreaterThan(4);
  }
  expect((await get(sandbox, page, "clients", "gent")).text).toContain('BAKSM,Bakkerij De Smet,Adsolut,"Lotte Maes, Emma Claes",');
  expect((await get(sandbox, page, "users", "gent")).text).toContain("lotte@halden-vos.example");
  expect((await get(sandbox, page, "nothing", "gent")).status).toBe(404);
  expect((await get(sandbox, page, "tasks", "nowhere")).status).toBe(404);

  const context = await browser.newContext();
  const employee = await context.newPage();
  expect((await get(sandbox, employee, "tasks", "gent")).status).toBe(401);
  await sandbox.signIn(employee, "employee");
  for (const [list, status] of [["tasks", 200], ["clients", 200], ["audit", 403], ["connectors", 403], ["users", 403], ["causes", 403]] as const) {
    expect((await get(sandbox, employee, list, "gent")).status, list).toBe(status);
  }
  const clients = (await get(sandbox, employee, "clients", "gent")).text.trim().split("\r\n").slice(1);
  expect(clients.map((l) => l.split(",")[0])).toEqual(["BAKSM", "FLORE", "HENDR", "PEETE", "VANDI"]);
  expect((await get(sandbox, employee, "tasks", "sandbox")).status).toBe(404);
  await context.close();
});

test("[S8] on paper: the list and what to do, with the status in words, and none of the buttons", async ({ sandbox, page }) => {
  const ids = await stopped(sandbox);
  await sandbox.signIn(page, "support");
  await sandbox.panel(page, ids[1]!, "failed,action_required");
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(row(page, ids[1]!)).toBeVisible();
  await expect(page.locator("#detail h2").first()).toBeVisible();
  await expect(page.locator("#detail").getByTestId("status")).toHaveText("Action employee required");
  for (const hidden of [".side .nav", ".tabbar", ".fb", "#detail button", ".top .r"]) {
    for (const one of await page.locator(hidden).all()) await expect(one, hidden).toBeHidden();
  }
  const ink = await page.evaluate(() => {
    const title = getComputedStyle(document.querySelector("#detail h2")!);
    return { text: title.color, paper: getComputedStyle(document.body).backgroundColor };
  });
  expect(ink).toEqual({ text: "rgb(0, 0, 0)", paper: "rgb(255, 255, 255)" });
});
