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

test("the Follow-up page's list as CSV: what the filter shows, with formulas defused", async ({ sandbox, page }) => {
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

test("[S1.2] an export has the page's filter, the reader's language and its separator", async ({ sandbox, page }) => {
  await stopped(sandbox);
  await sandbox.signIn(page, "support");
  await page.context().addCookies([{ name: "nw_language", value: "nl", url: sandbox.server.url }]);
  for (const [list, head] of Object.entries(LISTS)) expect((await get(sandbox, page, list, "sandbox")).text.split("\r\n")[0], list).toBe(`\ufeff${head}`);
  const all = await get(sandbox, page, "tasks", "sandbox&status=succeeded");
  expect(all.name).toMatch(/filename="taken-sandbox-/);
  expect(all.text.trim().split("\r\n")).toHaveLength(3);
  const plain = await get(sandbox, page, "tasks", "sandbox&q=plain&nonsense=1&status=what");
  expect(plain.text.trim().split("\r\n")).toHaveLength(2);
});

test("clients, audit log and users are taken along as their pages are filtered", async ({ sandbox, page }) => {
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

/** The lists, with the first line of each as a Dutch reader gets it. */
const LISTS = {
  tasks: "Nummer;Status;Soort;Onderwerp;Dossiercode;Dossier;Pakket;Aangeleverd;Sinds;Instructie",
  clients: "Dossiercode;Dossier;Status;Pakket;Beheerders;Actie vereist;Bij support;In wachtrij of bezig;Laatst afgewerkt",
  audit: "Wanneer;Persoon;Wat;Waarop;Voor;Na",
  connectors: "Naam;Versie;Pakketten;Laatst gehoord;Aangehouden omdat;Ingetrokken",
  users: "Naam;E-mailadres;Rol;Taal;Toegevoegd;Vertrokken",
  causes: 'Pakket;Code;Oorzaak;Taken nu gestopt;"Keren, laatste 14 dagen";Eerst gezien;Laatst gezien;Opgenomen door;Opgelost',
  jobs: "Nummer;Status;Module;Soort;Omschrijving;Ondernemingen;Schema;Uitgevoerd als;Server;Laatste uitvoering;Volgende uitvoering",
  runs: "Nummer;Status;Job;Soort;Omschrijving;Gepland;Begonnen;Beëindigd;Ondernemingen klaar;Ondernemingen mislukt;Wat ze deed;Opmerking;Uitgevoerd als",
};

test("[T11.3] every list can be taken along by those who may see its page, and by nobody else", async ({ sandbox, page, browser }) => {
  const may = {
    nobody: {}, employee: ["tasks", "clients"], operator: ["tasks", "clients", "connectors", "jobs", "runs"],
    admin: ["tasks", "clients", "audit", "connectors", "users", "jobs", "runs"], support: Object.keys(LISTS),
    client: [], employee_no: [],
  };
  for (const [role, lists] of Object.entries(may)) {
    const person = await (await browser.newContext()).newPage();
    if (role !== "nobody") await sandbox.signIn(person, role);
    for (const list of Object.keys(LISTS)) {
      const { status, text } = await get(sandbox, person, list, "gent");
      const outside = role === "client" || role === "employee_no";
      const wanted = role === "nobody" ? 401 : outside ? 404 : (lists as string[]).includes(list) ? 200 : 403;
      expect(status, `${role}: ${list}`).toBe(wanted);
      // what is refused tells nothing
      const { type, status: told } = status === 200 ? { type: "about:blank", status } : JSON.parse(text);
      expect([type, told], `${role}: ${list}`).toEqual(["about:blank", wanted]);
    }
    await person.context().close();
  }
  await sandbox.signIn(page, "support");
  expect((await get(sandbox, page, "clients", "gent")).text).toContain('BAKSM,Bakkerij De Smet,Action required,Adsolut,"Lotte Maes, Emma Claes",');
  expect((await get(sandbox, page, "users", "gent")).text).toContain("lotte@halden-vos.example");
  expect((await get(sandbox, page, "nothing", "gent")).status).toBe(404);
  expect((await get(sandbox, page, "tasks", "nowhere")).status).toBe(404);
  const employee = await (await browser.newContext()).newPage();
  await sandbox.signIn(employee, "employee");
  const clients = (await get(sandbox, employee, "clients", "gent")).text.trim().split("\r\n").slice(1);
  expect(clients.map((l) => l.split(",")[0])).toEqual(["BAKSM", "FLORE", "HENDR", "PEETE", "VANDI"]);
  const tasks = async (of: Page) => (await get(sandbox, of, "tasks", "gent&status=failed,action_required,queued,running,succeeded,cancelled")).text.trim().split("\r\n").slice(1);
  const theirs = await tasks(employee);
  expect(theirs.length).toBeGreaterThan(0);
  for (const line of theirs) expect(line).toMatch(/,(BAKSM|FLORE|HENDR|PEETE|VANDI),/);
  expect((await tasks(page)).filter((line) => line.includes(",CLAES,"))).not.toEqual([]);
});

test("on paper: the list and what to do, with the status in words, and none of the buttons", async ({ sandbox, page }) => {
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
