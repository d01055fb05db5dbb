/** Guided procedures as the source has them: hold, create, check, delete; after a release; over a holiday (J2, J9, J24, J32). */
import { readFileSync } from "node:fs";
import { expect, type Browser, type Locator, type Page } from "@playwright/test";
import { axe, watchErrors } from "./support";
import { alive, DONE, type Sandbox } from "./sandbox";
import { SECOND, after, instant, local, quiet as test, test as clockTest, type Watch } from "./clock";
import { act, active, autopay, claimRuns, companies, desk, detail, form, helloServer, line, readyAs, runNow, setUp, vouchers } from "./jobs";

clockTest.use({ viewport: { width: 1440, height: 900 } });

const OPERATOR = "operator_sandbox";
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** What the office's log says of this, which only who runs the office reads. */
async function log(sandbox: Sandbox, browser: Browser, what: string): Promise<any> {
  const admin = await (await browser.newContext()).newPage();
  await sandbox.signIn(admin, "admin_sandbox");
  return desk(sandbox, admin, "audit", { asked: { who: "", what, from: "", to: "", text: "", before: null } });
}

function card(page: Page, job: number): Locator {
  return page.locator(`[data-card="${job}"]`);
}

function column(page: Page, step: string): Locator {
  return page.locator(`[data-column="${step}"] [data-card]`);
}

/** The day so many days from the office's today, as a date field wants it. */
function inDays(sandbox: Watch, n: number): string {
  return after(local(sandbox.clock.now()).day, n);
}

async function board(sandbox: Sandbox, page: Page, id: number): Promise<void> {
  await sandbox.open(page, `/o/sandbox/procedures/${id}`);
}

test("[J9.1, J9.3, J2.5] a job is replaced: the old one from Queued to On hold, the new one as it was, checked, the old one deleted", async ({ sandbox, page }) => {
  const errors = watchErrors(page);
  await readyAs(OPERATOR, sandbox, page, "1", "2");
  const old = await setUp(sandbox, page, vouchers(["1", "2"], ["07:30"]));
  await sandbox.open(page, "/o/sandbox/procedures");
  await page.getByLabel("Job number or description").fill(String(old));
  await page.locator("section", { hasText: "Replace one job" }).getByRole("button", { name: "Begin" }).click();
  await expect(page.getByRole("heading", { name: "Replace Postere bilag alle selskap" })).toBeVisible();
  expect((await detail(sandbox, page, old)).line.status).toBe("queued");
  await expect(page.getByTestId("delete")).toBeDisabled();
  await expect(page.getByText("Delete is available when all are checked or left out.").first()).toBeVisible();
  await page.getByTestId("create").click();
  await expect(column(page, "created")).toHaveCount(1);
  expect((await detail(sandbox, page, old)).line.status).toBe("on_hold");
  await expect(page.getByTestId("delete")).toBeDisabled();
  expect((await desk(sandbox, page, "take_step", { id: 1, jobs: [old], step: "delete" })).done).toBe(0);
  const { cards } = await desk(sandbox, page, "procedure", { id: 1 });
  const twin = cards[0].twin as number;
  const made = await detail(sandbox, page, twin);
  expect(made.form).toEqual((await detail(sandbox, page, old)).form);
  expect(made.form).toMatchObject({ ...vouchers(["1", "2"], ["07:30"]) });
  expect([...(await active(sandbox, page)).values()]).toEqual([1]);
  // the comparison, line by line
  await card(page, old).locator("summary").click();
  for (const what of ["status", "start", "interval", "run_as", "outputs", "description"]) {
    await expect(card(page, old).locator(`[data-compared="${what}"]`)).toBeVisible();
  }
  await expect(card(page, old).locator('[data-compared="start"]')).toContainText("07:30");
  // undo: the twin is gone, the old one is in the queue again
  const undo = card(page, old).getByRole("button", { name: "Undo" });
  const undone = async () => {
    await undo.click();
    await expect(column(page, "to_do")).toHaveCount(1);
    expect((await desk(sandbox, page, "jobs", { ask: {} })).lines.map((l: any) => [l.id, l.standing])).toEqual([[old, "active"]]);
  };
  const checked = async () => {
    await page.getByTestId("create").click();
    await expect(page.getByTestId("match")).toHaveText("1 new job matches its old one.");
    await page.getByTestId("check").click();
    await expect(column(page, "checked")).toHaveCount(1);
  };
  await undone();
  // and once more after the check
  await checked();
  await undone();
  await checked();
  await page.getByTestId("delete").click();
  await page.getByTestId("delete-confirm").click();
  await expect(column(page, "deleted")).toHaveCount(1);
  await expect(page.getByTestId("undo-all")).toHaveCount(0);
  await expect(undo).toHaveCount(0);
  const late = await page.request.post(`${sandbox.server.url}/api/desk/undo_procedure`, { data: { office: "sandbox", id: 1 } });
  expect(late.status()).toBe(409);
  const { lines } = await desk(sandbox, page, "jobs", { ask: {} });
  expect(lines.map((l: any) => l.standing)).toEqual(["active"]);
  expect(lines[0].id).toBeGreaterThan(old);
  expect(errors).toEqual([]);
});

test("[J9.2] what differs is bold, holds the job back, and is put right or accepted", async ({ sandbox, page }) => {
  await readyAs(OPERATOR, sandbox, page, "1");
  const old = await setUp(sandbox, page, vouchers(["1"], ["07:30"]));
  const id = await desk<number>(sandbox, page, "start_replace", { job: old });
  await desk(sandbox, page, "take_step", { id, jobs: [], step: "create" });
  /** The new job as it now is comes to be another. */
  const change = async (form: ReturnType<typeof vouchers>) => {
    const { cards } = await desk(sandbox, page, "procedure", { id });
    const { version } = (await detail(sandbox, page, cards[0].twin)).line;
    await desk(sandbox, page, "save_job", { id: cards[0].twin, version, form, despite: "test", confirmed: true });
  };
  const differ = async (...whats: string[]) => {
    const rows = card(page, old).locator("[data-compared]");
    await expect.poll(() => rows.evaluateAll((all) => all.filter((r) => r.classList.contains("bad")).map((r) => r.getAttribute("data-compared")))).toEqual(whats);
    await expect(rows).toHaveCount(8);
  };
  await change(vouchers(["1"], ["07:40"]));
  await board(sandbox, page, id);
  await expect(page.getByTestId("match")).toHaveText("0 of 1 match. 1 need a look.");
  const start = card(page, old).locator('[data-compared="start"]');
  await differ("start", "interval");
  await expect(start.locator("td").nth(1)).toHaveCSS("font-weight", "700");
  await expect(card(page, old).locator('[data-compared="run_as"] td').nth(1)).toHaveCSS("font-weight", "400");
  await page.getByTestId("check").click();
  await expect(card(page, old)).toContainText("Something differs.");
  await expect(column(page, "created")).toHaveCount(1);
  // put right
  await change(vouchers(["1"], ["07:30"]));
  await expect(page.getByTestId("match")).toHaveText("1 new job matches its old one.");
  await differ();
  await page.getByTestId("check").click();
  await expect(column(page, "checked")).toHaveCount(1);
  // another difference, accepted
  await card(page, old).getByRole("button", { name: "Undo" }).click();
  await expect(column(page, "to_do")).toHaveCount(1);
  await page.getByTestId("create").click();
  await expect(column(page, "created")).toHaveCount(1);
  await change(vouchers(["1"], ["07:30"], { params: { registered_by: "B-Å" } }));
  await differ("params");
  await card(page, old).getByRole("button", { name: "Accept the differences" }).click();
  await expect(column(page, "checked")).toHaveCount(1);
  await expect(card(page, old)).toContainText("Its differences were accepted.");
});

test("[J2.1] after a release all jobs are set up again, by phases, before two people's eyes", async ({ sandbox, page, browser }) => {
  await readyAs(OPERATOR, sandbox, page, "1", "2");
  await setUp(sandbox, page, vouchers(["1"], ["07:30"]));
  await setUp(sandbox, page, vouchers(["2"], ["09:00"], {
    kind: "transfer_invoices", description: "Overføring av fakturaer alle selskap", params: {}, run_as: "PROGRAMSERVERBRUKER INNKJØP",
    outputs: [{ what: "report", path: "FAKTURA", file: "Overfoering_{date}", format: "DEFAULT", email: "regnskap@example.no" }],
  }));
  await sandbox.open(page, "/o/sandbox/procedures");
  await page.getByTestId("start-release").click();
  await expect(column(page, "to_do")).toHaveCount(2);
  const other = await (await browser.newContext()).newPage();
  await sandbox.signIn(other, "admin_sandbox");
  await other.goto(page.url());
  await alive(other);
  const both = async (step: string, done: number) => {
    for (const one of [page, other]) {
      await expect(column(one, step)).toHaveCount(2);
      await expect(one.getByText(`${done} of 2 done`)).toBeVisible();
    }
  };
  await both("to_do", 0);
  await page.getByTestId("create").click();
  await both("created", 0);
  await other.getByTestId("check").click();
  await both("checked", 0);
  await page.getByTestId("delete").click();
  await page.getByTestId("delete-confirm").click();
  await both("deleted", 2);
  expect([...(await active(sandbox, page)).values()]).toEqual([1, 1]);
});

test("[J2.1, J2.5] after a release the jobs of a module are set up again by phases, and two people see the same board", async ({ sandbox, page, browser }) => {
  await readyAs(OPERATOR, sandbox, page, "1", "2", "3");
  const first = await setUp(sandbox, page, vouchers(["1"], ["07:30"]));
  const order = await setUp(sandbox, page, autopay("2", ["08:15"]));
  const invoices = await setUp(sandbox, page, vouchers(["3"], ["09:00"], {
    kind: "transfer_invoices", description: "Overføring av fakturaer alle selskap", params: {}, run_as: "PROGRAMSERVERBRUKER INNKJØP",
    outputs: [{ what: "report", path: "FAKTURA", file: "Overfoering_{date}", format: "DEFAULT", email: "regnskap@example.no" }],
  }));
  const running = await runNow(sandbox, page, order);
  await sandbox.open(page, "/o/sandbox/procedures");
  const release = page.locator("section", { hasText: "Set up again after a release" }).first();
  await release.getByRole("checkbox", { name: /Invoicing/ }).uncheck();
  await page.getByTestId("start-release").click();
  await expect(page.getByRole("heading", { name: "Set up again after a release: Economy" })).toBeVisible();
  await expect(column(page, "to_do")).toHaveCount(2);
  await expect(page.locator(`[data-card="${invoices}"]`)).toHaveCount(0);
  const other = await (await browser.newContext()).newPage();
  await sandbox.signIn(other, "admin_sandbox");
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
  expect([...(await active(sandbox, page)).values()]).toEqual([1, 1, 1]);
});

/** Jobs enough that a phase is not over before it is seen to have begun. */
const MANY = 24;

test("[J2.4, J2.5] the program is killed in the middle: no job is lost or doubled, and the procedure goes on", async ({ sandbox, page }) => {
  const codes = Array.from({ length: MANY }, (_, i) => String(i + 1));
  await readyAs(OPERATOR, sandbox, page, ...codes);
  const jobs: number[] = [];
  for (const [i, code] of codes.entries()) jobs.push(await setUp(sandbox, page, autopay(code, [`${String(13 + Math.floor(i / 4)).padStart(2, "0")}:${String((i % 4) * 15).padStart(2, "0")}`])));
  const id = await desk<number>(sandbox, page, "start_release", { modules: ["economy"] });
  // the phase is cut off somewhere on its way
  const cut = page.request.post(`${sandbox.server.url}/api/desk/take_step`, { data: { office: "sandbox", id, jobs: [], step: "create" } }).catch(() => null);
  const cards = async () => (await desk(sandbox, page, "procedure", { id })).cards as { step: string; twin: number | null }[];
  const created = async () => (await cards()).filter((c) => c.step === "created").length;
  await expect.poll(created, { intervals: [1] }).toBeGreaterThan(0);
  await sandbox.crash();
  await cut;
  expect(await created()).toBeGreaterThan(0);
  expect(await created()).toBeLessThan(MANY);
  expect([...(await active(sandbox, page)).entries()].filter(([, n]) => n !== 1)).toEqual([]);
  expect((await active(sandbox, page)).size).toBe(MANY);
  await board(sandbox, page, id);
  for (const c of await cards()) expect(c.step === "created").toBe(c.twin !== null);
  await page.getByTestId("create").click();
  await expect(column(page, "created")).toHaveCount(MANY);
  await page.getByTestId("check").click();
  await expect(column(page, "checked")).toHaveCount(MANY);
  // some are taken back and created once more: all that are created or checked are taken back at once
  await desk(sandbox, page, "take_step", { id, jobs: jobs.slice(0, 6), step: "undo" });
  await expect(column(page, "to_do")).toHaveCount(6);
  await page.getByTestId("create").click();
  await expect(column(page, "created")).toHaveCount(6);
  await expect(column(page, "checked")).toHaveCount(MANY - 6);
  await page.getByTestId("undo-all").click();
  await page.getByTestId("undo-confirm").click();
  await expect(page.getByTestId("undo-all")).toHaveCount(0);
  expect((await desk(sandbox, page, "jobs", { ask: {} })).lines.map((l: any) => [l.id, l.standing])).toEqual(jobs.map((job) => [job, "active"]));
  const now = await active(sandbox, page);
  expect([...now.values()]).toEqual(Array(MANY).fill(1));
});

test("remittance and dunning are put off to a later day with who agreed, by date alone, and can be taken back", async ({ sandbox, page }) => {
  await readyAs(OPERATOR, sandbox, page, "1", "2");
  const pay = await setUp(sandbox, page, autopay("1", ["08:15"]));
  const other = await setUp(sandbox, page, vouchers(["2"], ["07:30"]));
  const before = (await detail(sandbox, page, pay)).line.next.at;
  await sandbox.open(page, "/o/sandbox/procedures?tab=postpone");
  await expect(page.locator(`[name="job-${pay}"]`)).toBeChecked();
  await expect(page.locator(`[name="job-${other}"]`)).not.toBeChecked();
  await page.locator("[name=date]").fill(inDays(sandbox, 10));
  await page.getByLabel("Who agreed to it").fill("Kari Moen");
  const line = page.locator(`[data-moved="${pay}"]`);
  await expect(line.locator("td")).toHaveCount(3);
  await expect(line.locator("td").last()).toHaveText(/(9|10)$/);
  await expect(line).toContainText("08:15");
  await page.getByTestId("postpone").click();
  await expect(page.getByTestId("postponed")).toContainText("1 job starts again on");
  await expect(page.locator(".board-head")).toContainText("agreed with Kari Moen");
  const after = await detail(sandbox, page, pay);
  expect(after.form.schedule.not_before).toBe(inDays(sandbox, 10));
  expect(after.form.schedule.at).toEqual(["08:15"]);
  const days = Math.round((after.line.next.at - before) / 86_400_000);
  expect([9, 10]).toContain(days);
  expect((await detail(sandbox, page, other)).form.schedule.not_before).toBeUndefined();
  await page.getByTestId("undo-all").click();
  await page.getByTestId("undo-confirm").click();
  await expect(page.getByTestId("postponed")).toContainText("This was taken back");
  expect((await detail(sandbox, page, pay)).line.next.at).toBe(before);
});

test("a public holiday or a weekend as new first day is warned of; the day before the return there is a reminder", async ({ sandbox, page }) => {
  await readyAs(OPERATOR, sandbox, page, "1");
  await setUp(sandbox, page, autopay("1", ["08:15"]));
  await sandbox.open(page, "/o/sandbox/procedures?tab=postpone");
  // the next Christmas: what is more than a year away is no day to put off to
  const christmas = Array.from({ length: 366 }, (_, n) => inDays(sandbox, n + 1)).find((day) => day.endsWith("-12-25"))!;
  await page.locator("[name=date]").fill(christmas);
  await expect(page.getByTestId("day-warning").filter({ hasText: "is a holiday in the calendar BE" })).toBeVisible();
  await page.locator("[name=date]").fill(inDays(sandbox, 1));
  await page.getByLabel("Who agreed to it").fill("Kari Moen");
  await page.getByTestId("postpone").click();
  await expect(page.getByTestId("postponed")).toBeVisible();
  await page.getByRole("link", { name: "Procedures" }).first().click();
  await expect(page.getByTestId("reminder")).toContainText("1 job starts again on");
});

clockTest("[J24.1, J24.2, J24.4] remittance and dunning are given a later first day, by date alone; when it has come they run at their own time, without anybody's doing", async ({ watch, page, browser }) => {
  const today = after(local(watch.clock.now()).day, 1);
  const [first, later] = [after(today, 10), after(today, 12)];
  await watch.clock.set(instant(today, "05:00"));
  await companies(watch, "1", "2");
  await watch.signIn(page, OPERATOR);
  const job = (kind: string, at: string, more = {}) => setUp(watch, page, form(kind, "1", at, more));
  const dunning = (kind: string, whats: string[]) => ({
    params: { area: "K500", ledger: "PFEL", code: "P", voucher_type: kind === "debt_collection" ? "35 Procasso" : "23" },
    outputs: whats.map((what) => ({ what, path: "Okonomi/Purringer", file: `${what}_{company}_{ledger}_{code}`, format: "PDF", email: "" })),
  });
  const remittance = { outputs: [{ what: "report", path: "AUTOPAY", file: "Autopay", format: "PDF", email: "" }] };
  const pay = await job("autopay_remittance", "08:15", remittance);
  const pay2 = await setUp(watch, page, form("autopay_remittance", "2", "08:45", remittance));
  const p1 = await job("dunning_p1", "18:00", dunning("dunning_p1", ["proposal", "notice", "approval"]));
  const p2 = await job("dunning_p2", "18:30", dunning("dunning_p2", ["proposal", "notice", "approval"]));
  const pws = await job("debt_collection", "19:00", dunning("debt_collection", ["proposal", "approval"]));
  const other = await job("outgoing_invoice_status", "21:00", { params: { integration: "Status" } });
  const times = new Map([[pay, "08:15"], [pay2, "08:45"], [p1, "18:00"], [p2, "18:30"], [pws, "19:00"]]);

  const forms = async (jobs: number[]) => Promise.all(jobs.map(async (id) => (await desk(watch, page, "job", { id })).form));
  const putOff = async (jobs: number[], date: string) => {
    const before = await forms(jobs);
    await watch.open(page, "/o/sandbox/procedures?tab=postpone");
    for (const id of [...times.keys(), other]) {
      const box = page.locator(`[name="job-${id}"]`);
      await (jobs.includes(id) ? box.check() : box.uncheck());
    }
    await page.locator("[name=date]").fill(date);
    await page.getByLabel("Who agreed to it").fill("Kari Moen");
    const shown = page.getByTestId("preview").locator("[data-moved]");
    await expect(shown).toHaveCount(jobs.length);
    for (const id of jobs) await expect(page.locator(`[data-moved="${id}"]`)).toContainText(times.get(id)!);
    await page.getByTestId("postpone").click();
    await expect(page.getByTestId("postponed")).toContainText(/starts? again on/);
    // nothing else of the jobs is another
    expect(await forms(jobs)).toEqual(before.map((f) => ({ ...f, schedule: { ...f.schedule, not_before: date } })));
    // the list that a colleague has open shows it at once: the day is another, the clock time is not
    for (const id of jobs) {
      const next = (await desk(watch, page, "job", { id })).line.next.at;
      expect(local(next)).toEqual({ day: date, clock: times.get(id) });
      const said = `${Number(date.slice(8))} ${MONTHS[Number(date.slice(5, 7)) - 1]}`;
      await expect(line(colleague, id).locator(".j6")).toHaveText(`Next: ${said}`);
      await expect(line(colleague, id).locator(".j3")).toContainText(times.get(id)!);
    }
  };
  const colleague = await watch.person(await browser.newContext(), "admin_sandbox");
  await watch.open(colleague, "/o/sandbox/jobs");
  await putOff([pay, pay2], first);
  await putOff([p1, p2, pws], later);
  expect(local((await desk(watch, page, "job", { id: other })).line.next.at)).toEqual({ day: today, clock: "21:00" });

  // the days pass, and nothing of them runs before its own
  const due = async (day: string, clock: string) => {
    await watch.clock.set(instant(day, clock) + SECOND);
    const tasks = await claimRuns(watch);
    for (const task of tasks) await watch.report(task, DONE);
    return tasks.map((t) => [t.payload.job, (t.payload.due_at as string).slice(0, 16)]);
  };
  expect(await due(today, "21:00")).toEqual([[other, `${today}T21:00`]]);
  expect(await due(first, "08:15")).toEqual([[pay, `${first}T08:15`]]);
  expect(await due(first, "08:45")).toEqual([[pay2, `${first}T08:45`]]);
  expect((await due(first, "21:00")).filter(([id]) => id !== other)).toEqual([]);
  for (const [id, clock] of [[p1, "18:00"], [p2, "18:30"], [pws, "19:00"]] as const) {
    expect((await due(later, clock)).filter(([job]) => job === id)).toEqual([[id, `${later}T${clock}`]]);
  }
  // from then on daily, as ever
  expect(local((await desk(watch, page, "job", { id: p1 })).line.next.at)).toEqual({ day: after(later, 1), clock: "18:00" });
});

test("[J32.1, J32.2] all jobs go into a file; a deleted one comes back from it, put aside; a broken file is refused with line and reason", async ({ sandbox, page, browser }) => {
  await readyAs(OPERATOR, sandbox, page, "1", "2");
  const first = await setUp(sandbox, page, vouchers(["1"], ["07:30"]));
  const second = await setUp(sandbox, page, { ...autopay("2", ["08:15"]), after: first } as any);
  await sandbox.open(page, "/o/sandbox/procedures?tab=file");
  const saved = page.waitForEvent("download");
  await page.getByTestId("export-jobs").click();
  const file = readFileSync((await (await saved).path())!, "utf8");
  expect(JSON.parse(file).jobs.map((j: any) => j.number)).toEqual([first, second]);
  const choose = (name: string, text: string) => page.getByLabel("File").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
  await choose("same.json", file);
  await expect(page.getByTestId("import-report")).toContainText("0 new, 0 changed, 2 the same, 0 broken");
  await act(sandbox, page, second, "delete");
  await choose("back.json", file);
  await expect(page.getByTestId("import-report")).toContainText("1 new, 0 changed, 1 the same, 0 broken");
  expect((await desk(sandbox, page, "jobs", { ask: {} })).total).toBe(1);
  await page.getByTestId("import").click();
  await expect(page.getByTestId("import-report")).toContainText("back.json was imported");
  const { lines } = await desk(sandbox, page, "jobs", { ask: {} });
  const back = lines.find((l: any) => l.description === "Autopay_all_valuta_selskap 2");
  expect(back.standing).toBe("on_hold");
  expect(back.id).toBeGreaterThan(second);
  expect((await detail(sandbox, page, back.id)).form.after).toBe(first);
  await choose("broken.json", file.replace('"08:15"', '"28:15"'));
  await expect(page.getByTestId("import-errors")).toContainText("Line 3");
  await expect(page.getByTestId("import-errors")).toContainText("28:15");
  await expect(page.getByTestId("import")).toHaveCount(0);
  // what is broken in one line keeps out what is good in another
  const broken = file.replace('"07:30"', '"07:45"').replace('"AUTOPAY"', '"../AUTOPAY"');
  const before = (await desk(sandbox, page, "jobs", { ask: {} })).lines.map((l: any) => [l.id, l.version]);
  const refused = await page.request.post(`${sandbox.server.url}/api/desk/import_jobs`, { data: { office: "sandbox", file: broken, dry: false } });
  expect(refused.status()).toBe(422);
  expect((await refused.json()).errors).toEqual([{ field: "line 3", message: expect.stringContaining(`job ${second}: `) }]);
  expect((await detail(sandbox, page, first)).form.schedule.at).toEqual(["07:30"]);
  expect((await desk(sandbox, page, "jobs", { ask: {} })).lines.map((l: any) => [l.id, l.version])).toEqual(before);
  const told = await log(sandbox, browser, "import_jobs");
  expect(told.lines).toHaveLength(1);
  expect(told.lines[0].who).toBe("Olav Post");
});

for (const [name, width, height] of [["desktop", 1440, 900], ["phone", 390, 844]] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`procedures break no rule: ${name}, ${colorScheme}`, async ({ sandbox, page }) => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await readyAs(OPERATOR, sandbox, page, "1", "2");
      await helloServer(sandbox);
      const old = await setUp(sandbox, page, vouchers(["1"], ["07:30"]));
      await setUp(sandbox, page, autopay("2", ["08:15"]));
      const id = await desk<number>(sandbox, page, "start_release", { modules: ["economy"] });
      await desk(sandbox, page, "take_step", { id, jobs: [old], step: "create" });
      const { cards } = await desk(sandbox, page, "procedure", { id });
      await desk(sandbox, page, "save_job", { id: cards[0].twin, version: 1, form: vouchers(["1"], ["07:40"]), despite: "x", confirmed: true });
      for (const path of ["procedures", `procedures/${id}`, "procedures?tab=postpone", "procedures?tab=posting", "procedures?tab=file"]) {
        await sandbox.open(page, `/o/sandbox/${path}`);
        await axe(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), path).toBeLessThanOrEqual(0);
      }
    });
  }
}
