/** Guided procedures as the source has them: hold, create, check, delete; after a release; over a holiday (J2, J9, J24, J32). */
import { readFileSync } from "node:fs";
import { expect, type Locator, type Page } from "@playwright/test";
import { axe, watchErrors } from "./support";
import { alive, DONE, test, type Sandbox } from "./sandbox";
import { change } from "./jobs";
import { active, autopay, desk, detail, doJob, helloJobs, ready, runNow, setUp, vouchers } from "./jobs_support";

test.use({ viewport: { width: 1440, height: 900 } });

function card(page: Page, job: number): Locator {
  return page.locator(`[data-card="${job}"]`);
}

function column(page: Page, step: string): Locator {
  return page.locator(`[data-column="${step}"] [data-card]`);
}

/** The day so many days from today, as a date field wants it. */
function inDays(n: number): string {
  return new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
}

async function board(sandbox: Sandbox, page: Page, id: number): Promise<void> {
  await sandbox.open(page, `/o/sandbox/procedures/${id}`);
}

test("[J9] a job is replaced: the old one from Queued to Waiting, the new one checked, the old one deleted", async ({ sandbox, page }) => {
  const errors = watchErrors(page);
  await ready(sandbox, page, "1", "2");
  const old = await setUp(page, sandbox, vouchers(["1", "2"], ["07:30"]));
  await sandbox.open(page, "/o/sandbox/procedures");
  await page.getByLabel("Job number or description").fill(String(old));
  await page.locator("section", { hasText: "Replace one job" }).getByRole("button", { name: "Begin" }).click();
  await expect(page.getByRole("heading", { name: "Replace Postere bilag alle selskap" })).toBeVisible();
  await expect(page.getByTestId("delete")).toBeDisabled();
  await expect(page.getByText("Delete is available when all are checked or left out.").first()).toBeVisible();
  await page.getByTestId("create").click();
  await expect(column(page, "created")).toHaveCount(1);
  expect((await detail(page, sandbox, old)).line.standing).toBe("on_hold");
  const { cards } = await desk(page, sandbox, "procedure", { id: 1 });
  const twin = cards[0].twin as number;
  const made = await detail(page, sandbox, twin);
  expect(made.form).toEqual((await detail(page, sandbox, old)).form);
  expect([...(await active(page, sandbox)).values()]).toEqual([1]);
  // the comparison, line by line
  await card(page, old).locator("summary").click();
  for (const what of ["status", "start", "interval", "run_as", "outputs", "description"]) {
    await expect(card(page, old).locator(`[data-compared="${what}"]`)).toBeVisible();
  }
  await expect(card(page, old).locator('[data-compared="start"]')).toContainText("07:30");
  // undo: the twin is gone, the old one is in the queue again
  await card(page, old).getByRole("button", { name: "Undo" }).click();
  await expect(column(page, "to_do")).toHaveCount(1);
  expect((await detail(page, sandbox, old)).line.standing).toBe("active");
  await page.getByTestId("create").click();
  await expect(page.getByTestId("match")).toHaveText("1 new job matches its old one.");
  await page.getByTestId("check").click();
  await expect(column(page, "checked")).toHaveCount(1);
  await page.getByTestId("delete").click();
  await page.getByTestId("delete-confirm").click();
  await expect(column(page, "deleted")).toHaveCount(1);
  await expect(page.getByTestId("undo-all")).toHaveCount(0);
  const { lines } = await desk(page, sandbox, "jobs", { ask: {} });
  expect(lines.map((l: any) => l.standing)).toEqual(["active"]);
  expect(lines[0].id).toBeGreaterThan(old);
  expect(errors).toEqual([]);
});

test("[J9] what differs is bold, holds the job back, and may be accepted", async ({ sandbox, page }) => {
  await ready(sandbox, page, "1");
  const old = await setUp(page, sandbox, vouchers(["1"], ["07:30"]));
  const id = await desk<number>(page, sandbox, "start_replace", { job: old });
  await desk(page, sandbox, "take_step", { id, jobs: [], step: "create" });
  const { cards } = await desk(page, sandbox, "procedure", { id });
  await desk(page, sandbox, "save_job", { id: cards[0].twin, version: 1, form: vouchers(["1"], ["07:40"]), despite: "test", confirmed: true });
  await board(sandbox, page, id);
  await expect(page.getByTestId("match")).toHaveText("0 of 1 match. 1 need a look.");
  const start = card(page, old).locator('[data-compared="start"]');
  await expect(start).toHaveClass(/bad/);
  await expect(start.locator("td").nth(1)).toHaveCSS("font-weight", "700");
  await page.getByTestId("check").click();
  await expect(card(page, old)).toContainText("Something differs.");
  await card(page, old).getByRole("button", { name: "Accept the differences" }).click();
  await expect(column(page, "checked")).toHaveCount(1);
  await expect(card(page, old)).toContainText("Its differences were accepted.");
});

test("[J2] after a release the jobs of a module are set up again by phases, and two people see the same board", async ({ sandbox, page, browser }) => {
  await ready(sandbox, page, "1", "2", "3");
  const first = await setUp(page, sandbox, vouchers(["1"], ["07:30"]));
  const order = await setUp(page, sandbox, autopay("2", ["08:15"]));
  const invoices = await setUp(page, sandbox, vouchers(["3"], ["09:00"], {
    kind: "transfer_invoices", description: "Overføring av fakturaer alle selskap", params: {}, run_as: "PROGRAMSERVERBRUKER INNKJØP",
    outputs: [{ what: "report", path: "FAKTURA", file: "Overfoering_{date}", format: "DEFAULT" }],
  }));
  const running = await runNow(page, sandbox, order);
  await sandbox.open(page, "/o/sandbox/procedures");
  const release = page.locator("section", { hasText: "Set up again after a release" }).first();
  await release.getByRole("checkbox", { name: /Invoicing/ }).uncheck();
  await page.getByTestId("start-release").click();
  await expect(page.getByRole("heading", { name: "Set up again after a release: Economy" })).toBeVisible();
  await expect(column(page, "to_do")).toHaveCount(2);
  await expect(page.locator(`[data-card="${invoices}"]`)).toHaveCount(0);
  const other = await (await browser.newContext()).newPage();
  await sandbox.signIn(other, "support");
  await other.goto(page.url());
  await alive(other);
  // the order is cancelled before a new one is placed: its run must be over first
  await expect(card(page, order)).toContainText("The old order is cancelled before a new one is placed.");
  await page.getByTestId("create").click();
  await expect(column(page, "created")).toHaveCount(1);
  await expect(card(page, order)).toContainText("A run is under way.");
  await expect(column(other, "created")).toHaveCount(1);
  await sandbox.report(running[0]!, DONE);
  await other.getByTestId("create").click();
  await expect(column(page, "created")).toHaveCount(2);
  await expect(page.getByTestId("match")).toHaveText("All 2 new jobs match their old ones.");
  await page.getByTestId("check").click();
  await expect(column(other, "checked")).toHaveCount(2);
  await card(other, first).getByRole("button", { name: "Undo" }).click();
  await expect(page.getByTestId("delete")).toBeDisabled();
  await card(page, first).getByRole("button", { name: "Leave out" }).click();
  await expect(page.getByTestId("delete")).toHaveText("Delete 1 old job");
  await page.getByTestId("delete").click();
  await page.getByTestId("delete-confirm").click();
  await expect(other.getByText("2 of 2 done")).toBeVisible();
  expect([...(await active(page, sandbox)).values()]).toEqual([1, 1, 1]);
});

test("[J2] the program is killed in the middle: no job is lost or doubled, and the procedure goes on", async ({ sandbox, page }) => {
  test.setTimeout(120_000);
  const codes = Array.from({ length: 12 }, (_, i) => String(i + 1));
  await ready(sandbox, page, ...codes);
  for (const [i, code] of codes.entries()) await setUp(page, sandbox, autopay(code, [`08:${String(i * 4).padStart(2, "0")}`]));
  const id = await desk<number>(page, sandbox, "start_release", { modules: ["economy"] });
  // the phase is cut off somewhere on its way
  const cut = page.request.post(`${sandbox.server.url}/api/desk/take_step`, { data: { office: "sandbox", id, jobs: [], step: "create" } }).catch(() => null);
  await new Promise((resume) => setTimeout(resume, 30));
  await sandbox.crash();
  await cut;
  expect([...(await active(page, sandbox)).entries()].filter(([, n]) => n !== 1)).toEqual([]);
  expect((await active(page, sandbox)).size).toBe(12);
  await board(sandbox, page, id);
  const { cards } = await desk(page, sandbox, "procedure", { id });
  for (const c of cards) expect(c.step === "created").toBe(c.twin !== null);
  if (cards.some((c: any) => c.step === "to_do")) await page.getByTestId("create").click();
  await expect(column(page, "created")).toHaveCount(12);
  await page.getByTestId("check").click();
  await expect(column(page, "checked")).toHaveCount(12);
  await page.getByTestId("undo-all").click();
  await page.getByTestId("undo-confirm").click();
  await expect(page.getByTestId("undo-all")).toHaveCount(0);
  const now = await active(page, sandbox);
  expect([...now.values()]).toEqual(Array(12).fill(1));
});

test("[J24] remittance and dunning are put off to a later day with who agreed, by date alone, and can be taken back", async ({ sandbox, page }) => {
  await ready(sandbox, page, "1", "2");
  const pay = await setUp(page, sandbox, autopay("1", ["08:15"]));
  const other = await setUp(page, sandbox, vouchers(["2"], ["07:30"]));
  const before = (await detail(page, sandbox, pay)).line.next.at;
  await sandbox.open(page, "/o/sandbox/procedures?tab=postpone");
  await expect(page.locator(`[name="job-${pay}"]`)).toBeChecked();
  await expect(page.locator(`[name="job-${other}"]`)).not.toBeChecked();
  await page.locator("[name=date]").fill(inDays(10));
  await page.getByLabel("Who agreed to it").fill("Kari Moen");
  const line = page.locator(`[data-moved="${pay}"]`);
  await expect(line.locator("td")).toHaveCount(3);
  await expect(line.locator("td").last()).toHaveText(/(9|10)$/);
  await expect(line).toContainText("08:15");
  await page.getByTestId("postpone").click();
  await expect(page.getByTestId("postponed")).toContainText("1 job starts again on");
  await expect(page.locator(".board-head")).toContainText("agreed with Kari Moen");
  const after = await detail(page, sandbox, pay);
  expect(after.form.schedule.not_before).toBe(inDays(10));
  expect(after.form.schedule.at).toEqual(["08:15"]);
  const days = Math.round((after.line.next.at - before) / 86_400_000);
  expect([9, 10]).toContain(days);
  expect((await detail(page, sandbox, other)).form.schedule.not_before).toBeUndefined();
  await page.getByTestId("undo-all").click();
  await page.getByTestId("undo-confirm").click();
  await expect(page.getByTestId("postponed")).toContainText("This was taken back");
  expect((await detail(page, sandbox, pay)).line.next.at).toBe(before);
});

test("[J24] a public holiday or a weekend as new first day is warned of; the day before the return there is a reminder", async ({ sandbox, page }) => {
  await ready(sandbox, page, "1");
  await setUp(page, sandbox, autopay("1", ["08:15"]));
  await sandbox.open(page, "/o/sandbox/procedures?tab=postpone");
  const year = new Date().getMonth() === 11 && new Date().getDate() > 24 ? new Date().getFullYear() + 1 : new Date().getFullYear();
  await page.locator("[name=date]").fill(`${year}-12-25`);
  await expect(page.getByTestId("day-warning").filter({ hasText: "is a holiday in the calendar BE" })).toBeVisible();
  await page.locator("[name=date]").fill(inDays(1));
  await page.getByLabel("Who agreed to it").fill("Kari Moen");
  await page.getByTestId("postpone").click();
  await expect(page.getByTestId("postponed")).toBeVisible();
  await page.getByRole("link", { name: "Procedures" }).first().click();
  await expect(page.getByTestId("reminder")).toContainText("1 job starts again on");
});

test("[J24] when its day has come a job runs again at its own time, without anybody's doing", async ({ sandbox, page }) => {
  await ready(sandbox, page, "1");
  const pay = await setUp(page, sandbox, autopay("1", ["08:15"]));
  await sandbox.open(page, "/o/sandbox/procedures?tab=postpone");
  await page.locator("[name=date]").fill(inDays(10));
  await page.getByLabel("Who agreed to it").fill("Kari Moen");
  await page.getByTestId("postpone").click();
  await expect(page.getByTestId("postponed")).toContainText("1 job starts again on");
  const procedure = page.url().split("/").pop();
  expect(await sandbox.claim()).toEqual([]);
  // the days pass, until its time on the day that was agreed
  await change(sandbox, `UPDATE job SET body = json_set(body, '$.schedule.not_before', date('now')), next_at = unixepoch('now') * 1000 WHERE id = ${pay};
    UPDATE procedure SET body = json_set(body, '$.date', date('now', '-1 day')) WHERE id = ${procedure};`);
  await helloJobs(sandbox);
  const tasks = await sandbox.claim(0, { wait_seconds: 10 });
  expect(tasks.map((t) => t.payload.job)).toEqual([pay]);
  await sandbox.report(tasks[0]!, DONE);
  await sandbox.open(page, `/o/sandbox/procedures/${procedure}`);
  await expect(page.getByTestId("postponed")).toContainText("The jobs run again since");
  expect((await detail(page, sandbox, pay)).line.status).toBe("queued");
});

test("[J32] all jobs go into a file; a deleted one comes back from it, put aside; a broken file is refused with line and reason", async ({ sandbox, page }) => {
  await ready(sandbox, page, "1", "2");
  const first = await setUp(page, sandbox, vouchers(["1"], ["07:30"]));
  const second = await setUp(page, sandbox, { ...autopay("2", ["08:15"]), after: first } as any);
  await sandbox.open(page, "/o/sandbox/procedures?tab=file");
  const saved = page.waitForEvent("download");
  await page.getByTestId("export-jobs").click();
  const file = readFileSync((await (await saved).path())!, "utf8");
  expect(JSON.parse(file).jobs.map((j: any) => j.number)).toEqual([first, second]);
  const choose = (name: string, text: string) => page.getByLabel("File").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
  await choose("same.json", file);
  await expect(page.getByTestId("import-report")).toContainText("0 new, 0 changed, 2 the same, 0 broken");
  await doJob(page, sandbox, second, "delete");
  await choose("back.json", file);
  await expect(page.getByTestId("import-report")).toContainText("1 new, 0 changed, 1 the same, 0 broken");
  expect((await desk(page, sandbox, "jobs", { ask: {} })).total).toBe(1);
  await page.getByTestId("import").click();
  await expect(page.getByTestId("import-report")).toContainText("back.json was imported");
  const { lines } = await desk(page, sandbox, "jobs", { ask: {} });
  const back = lines.find((l: any) => l.description === "Autopay_all_valuta_selskap 2");
  expect(back.standing).toBe("on_hold");
  expect(back.id).toBeGreaterThan(second);
  expect((await detail(page, sandbox, back.id)).form.after).toBe(first);
  await choose("broken.json", file.replace('"08:15"', '"28:15"'));
  await expect(page.getByTestId("import-errors")).toContainText("Line 3");
  await expect(page.getByTestId("import-errors")).toContainText("28:15");
  await expect(page.getByTestId("import")).toHaveCount(0);
  const log = await desk(page, sandbox, "audit", { asked: { who: "", what: "import_jobs", from: "", to: "", text: "", before: null } });
  expect(log.lines).toHaveLength(1);
});

for (const [name, width, height] of [["desktop", 1440, 900], ["phone", 390, 844]] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`[S4] procedures break no rule: ${name}, ${colorScheme}`, async ({ sandbox, page }) => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await ready(sandbox, page, "1", "2");
      await helloJobs(sandbox);
      const old = await setUp(page, sandbox, vouchers(["1"], ["07:30"]));
      await setUp(page, sandbox, autopay("2", ["08:15"]));
      const id = await desk<number>(page, sandbox, "start_release", { modules: ["economy"] });
      await desk(page, sandbox, "take_step", { id, jobs: [old], step: "create" });
      const { cards } = await desk(page, sandbox, "procedure", { id });
      await desk(page, sandbox, "save_job", { id: cards[0].twin, version: 1, form: vouchers(["1"], ["07:40"]), despite: "x", confirmed: true });
      for (const path of ["procedures", `procedures/${id}`, "procedures?tab=postpone", "procedures?tab=posting", "procedures?tab=file"]) {
        await sandbox.open(page, `/o/sandbox/${path}`);
        await axe(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), path).toBeLessThanOrEqual(0);
      }
    });
  }
}

test("[S4][J9] a job is replaced with the keyboard alone", async ({ sandbox, page }) => {
  await ready(sandbox, page, "1");
  const old = await setUp(page, sandbox, vouchers(["1"], ["07:30"]));
  const id = await desk<number>(page, sandbox, "start_replace", { job: old });
  await board(sandbox, page, id);
  const press = async (to: Locator) => {
    await expect(to).toBeEnabled();
    for (let n = 0; n < 80 && !(await to.evaluate((e) => e === document.activeElement)); n++) await page.keyboard.press("Tab");
    await expect(to).toBeFocused();
    await page.keyboard.press("Enter");
  };
  await press(page.getByTestId("create"));
  await expect(column(page, "created")).toHaveCount(1);
  await press(page.getByTestId("check"));
  await expect(column(page, "checked")).toHaveCount(1);
  await press(page.getByTestId("delete"));
  await press(page.getByTestId("delete-confirm"));
  await expect(column(page, "deleted")).toHaveCount(1);
});
