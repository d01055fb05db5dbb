/** The job console (J1, J6, J7, J10, J25, C8, S8). */
import { expect, type Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { axe, watchErrors } from "./support";
import { alive, holdBack, test, type Sandbox } from "./sandbox";
import { local, quiet } from "./clock";
import { act, apply, begin, claimRuns, companies, desk, form, helloServer, line, numbers, ran, setUp } from "./jobs";

test.use({ viewport: { width: 1440, height: 900 } });

async function console_(sandbox: Sandbox, page: Page, role = "operator_no"): Promise<void> {
  await sandbox.signIn(page, role);
  await sandbox.open(page, "/o/kristiansand/jobs");
}

test("[J10.1] the console lists jobs with search and sort on every column; a new job has the highest number, at the bottom", async ({ sandbox, page }) => {
  const errors = watchErrors(page);
  await console_(sandbox, page);
  const before = await numbers(page);
  expect(before.length).toBeGreaterThan(70);
  expect(before).toEqual([...before].sort((a, b) => a - b));
  await expect(page.locator('[data-chip="all"] .num')).toHaveText(String(before.length));

  // every column, both ways, in the address
  const head = (sort: string) => page.locator(`th:has(a[data-sort="${sort}"])`);
  await expect(head("number")).toHaveAttribute("aria-sort", "ascending");
  const table = page.getByRole("table", { name: "Recurring jobs" });
  const by = async (sort: string, way: string) => {
    await page.locator(`a[data-sort="${sort}"]`).click();
    await expect(head(sort)).toHaveAttribute("aria-sort", way);
    await expect(table).toHaveAttribute("aria-busy", "false");
    return numbers(page);
  };
  for (const sort of ["status", "description", "schedule", "run_as", "last", "next", "duration"]) {
    // the office's server is at work: a run may begin between two looks
    await expect(async () => {
      const up = await by(sort, "ascending");
      const down = await by(sort, "descending");
      expect(up).toHaveLength(before.length);
      expect(down).toEqual([...up].reverse());
    }).toPass({ timeout: 60_000 });
    await expect(page).toHaveURL(new RegExp(`sort=${sort}&desc=1`));
  }
  await by("schedule", "ascending");
  await expect(page.locator("tr[data-job]").first().locator(".j3")).toContainText("Daily, 04:00");
  await by("description", "ascending");
  await expect(page.locator("tr[data-job]").first()).toContainText("Aut.purrerutine");

  // search by number, company, description; it survives a reload and stays in the address
  await page.getByLabel("Search jobs").fill("autopay_all");
  await expect(page).toHaveURL(/q=autopay_all/);
  await expect(page.locator("tr[data-job]")).toHaveCount(12);
  await page.reload();
  await alive(page);
  await expect(page.locator("tr[data-job]")).toHaveCount(12);
  await expect(page.getByLabel("Search jobs")).toHaveValue("autopay_all");
  await page.getByLabel("Search jobs").fill("Vannverket");
  await expect(page.locator("tr[data-job]").first()).toContainText("company 80");
  await page.getByLabel("Search jobs").fill("no such job 🌙 <b>");
  await expect(page.getByText("No job matches. Clear the filter to see all.")).toBeVisible();
  await page.getByRole("link", { name: "Clear the filter" }).click();
  await expect(page.locator("tr[data-job]")).toHaveCount(before.length);
  await page.getByLabel("Module or kind").selectOption({ label: "Invoicing" });
  await expect(page).toHaveURL(/module=invoicing/);
  await expect(page.locator("tr[data-job]").filter({ hasText: "Economy" })).toHaveCount(0);

  // a new one stands at the bottom with the highest number
  await sandbox.open(page, "/o/kristiansand/jobs/new?kind=exchange_rates");
  await page.getByLabel("Start time", { exact: true }).fill("02:15");
  await page.getByRole("button", { name: "OK", exact: true }).click();
  await expect(page.locator("tr[data-job]")).toHaveCount(before.length + 1);
  const now = await numbers(page);
  expect(now.at(-1)).toBe(Math.max(...now));
  expect(before).not.toContain(now.at(-1));
  await expect(page.locator("tr[data-job]").last()).toContainText("Exchange rates");
  expect(errors).toEqual([]);
});

quiet("[J25.1] each status in shape and word, what it means and what to do about it, and one button for it", async ({ sandbox, page }) => {
  await companies(sandbox, "1", "2", "3", "4", "5");
  await sandbox.signIn(page, "operator_sandbox");
  const job = (company: string, at: string, more = {}) => setUp(sandbox, page, form("nets_integration", company, at, more));
  const { day: today } = local(sandbox.clock.now());
  const queued = await job("1", "01:01");
  const hold = await job("1", "01:11");
  const finished = await job("1", "00:00", { schedule: { zone: "Europe/Brussels", days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], at: ["00:00"], starts_on: "2026-01-01", ends_on: today } });
  const failed = await job("2", "01:21");
  const half = await setUp(sandbox, page, form("post_vouchers", "3", "01:31", {
    companies: ["3", "4"], params: { registered_by: "A" }, outputs: [{ what: "report", path: "REGNSKAP", file: "Rapport.txt", format: "DEFAULT", email: "" }],
  }));
  const running = await job("5", "01:41");
  await act(sandbox, page, hold, "hold");
  for (const id of [failed, half, running]) await act(sandbox, page, id, "run_now");
  for (const t of await claimRuns(sandbox)) {
    if (t.dossier.code === "5") continue;
    const fails = t.dossier.code === "2" || t.dossier.code === "4";
    await sandbox.report(t, fails ? { failed: { code: "posting_not_through", detail: "The status of the last posting is PO." } } : ran({ posted: 1 }));
  }
  const planned = await job("1", "01:51");
  await act(sandbox, page, planned, "run_now");

  await sandbox.open(page, "/o/sandbox/jobs");
  const says: [number, string, string, RegExp, string][] = [
    [queued, "queued", "Queued", /^It waits for its next time\. Nothing to do\./, "Open"],
    [hold, "on_hold", "On hold", /put aside on purpose/, "Open"],
    [finished, "finished", "Finished", /no further time/, "Open"],
    [failed, "error", "Error", /queue the job again\. After two tries that fail, report it to IT/, "Queue again"],
    [half, "finished_with_errors", "Finished with error", /left companies out/, "Open"],
    [running, "running", "Running", /under way/, "Open"],
    [planned, "planned", "Planned", /Be patient/, "Open"],
  ];
  for (const [id, key, word, , button] of says) {
    const mark = line(page, id).getByTestId("job-status");
    await expect(mark).toHaveAttribute("data-status", key);
    await expect(mark).toHaveText(word);
    await expect(mark.locator("svg")).toBeVisible();
    await expect(line(page, id).locator(".j8").getByText(button, { exact: true })).toBeVisible();
  }
  const shapes = await page.locator("[data-testid=job-status] svg").evaluateAll((all) => all.map((s) => s.innerHTML));
  expect(new Set(shapes).size).toBe(says.length);
  await expect(line(page, half)).toContainText("1 failed");
  await axe(page);
  for (const [id, , word, advice] of says) {
    await sandbox.open(page, `/o/sandbox/jobs/${id}`);
    await expect(page.locator("#now").getByTestId("job-status")).toHaveText(word);
    await expect(page.locator("#now").getByTestId("advice")).toHaveText(advice);
  }
  // the chips are the filter
  await sandbox.open(page, "/o/sandbox/jobs");
  await page.locator('[data-chip="error"]').click();
  await expect(page).toHaveURL(/status=error/);
  await expect.poll(() => numbers(page)).toEqual([failed]);
  await expect(page.locator('[data-chip="error"]')).toBeFocused();
  // stopped: back in the queue from the list, and the line says so at once without moving
  await line(page, failed).getByRole("button", { name: /^Queue again/ }).click();
  await expect(page.getByRole("status").filter({ hasText: `Job ${failed} is in the queue again.` })).toBeVisible();
  await page.locator('[data-chip="all"]').click();
  await expect(line(page, failed).getByTestId("job-status")).not.toHaveText("Error");
});

quiet("[J25.1] the list follows what happens, in place: nothing moves and what is typed stays", async ({ sandbox, page }) => {
  await companies(sandbox, "1", "2");
  await sandbox.signIn(page, "operator_sandbox");
  const first = await setUp(sandbox, page, form("nets_integration", "1", "01:01"));
  const second = await setUp(sandbox, page, form("nets_integration", "2", "01:11"));
  await sandbox.open(page, "/o/sandbox/jobs?sort=status");
  expect(await numbers(page)).toEqual([first, second]);
  await act(sandbox, page, second, "run_now");
  await expect(line(page, second).getByTestId("job-status")).toHaveText("Planned");
  const [task] = await claimRuns(sandbox);
  await expect(line(page, second).getByTestId("job-status")).toHaveText("Running");
  await expect(line(page, second).locator(".j6")).toContainText("Now");
  await sandbox.report(task!, { failed: { code: "unknown" } });
  await expect(line(page, second).getByTestId("job-status")).toHaveText("Error");
  await expect(line(page, second).locator(".j6")).toContainText("Stopped");
  // it would now be first, but a list does not move under the hand
  expect(await numbers(page)).toEqual([first, second]);
  await page.reload();
  await alive(page);
  expect(await numbers(page)).toEqual([second, first]);

  await sandbox.open(page, `/o/sandbox/jobs/${first}`);
  await page.getByLabel("Description").fill("half a word");
  await act(sandbox, page, first, "hold");
  await expect(page.locator("#now").getByTestId("job-status")).toHaveText("On hold");
  await expect(page.getByLabel("Description")).toHaveValue("half a word");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
});

quiet("[J25.2, J32.1] on hold, back in the queue, run now, delete: each says what it does; a run under way goes on", async ({ sandbox, page, browser }) => {
  await companies(sandbox, "1");
  await sandbox.signIn(page, "operator_sandbox");
  const id = await setUp(sandbox, page, form("nets_integration", "1", "01:01"));
  await sandbox.open(page, `/o/sandbox/jobs/${id}`);
  const said = (text: string) => page.getByRole("status").filter({ hasText: text });
  await page.getByRole("button", { name: "Run now" }).click();
  await expect(said("It starts when its server comes.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Delete job" })).toHaveCount(0);
  const [task] = await claimRuns(sandbox);
  await page.getByRole("button", { name: "Put on hold (the run under way goes on)" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("A run that is under way goes on.");
  await dialog.getByLabel("Why (others read it)").fill("Year-end");
  await axe(page);
  await page.getByTestId("confirm").click();
  await expect(said(`Job ${id} is on hold.`)).toBeVisible();
  await expect(page.locator("#now").getByTestId("job-status")).toHaveText("Running");
  await sandbox.report(task!, ran({ sent: 1 }));
  await expect(page.locator("#now").getByTestId("job-status")).toHaveText("On hold");
  await expect(page.getByTestId("stood")).toContainText("Year-end (Olav Post");
  await expect(page.getByText("None is planned.")).toBeVisible();
  await page.getByRole("button", { name: "Put back in the queue" }).click();
  await expect(page.locator("#now").getByTestId("job-status")).toHaveText("Queued");
  await expect(page.getByTestId("next-ten").locator("li")).toHaveCount(10);

  await page.getByRole("button", { name: "Delete job" }).click();
  await expect(dialog).toContainText(`Delete job ${id}?`);
  await dialog.getByRole("button", { name: "Keep it" }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole("button", { name: "Delete job" }).click();
  await page.getByTestId("confirm").click();
  await expect(page).toHaveURL(/\/o\/sandbox\/jobs$/);
  await expect(line(page, id)).toHaveCount(0);
  await expect(page.getByText("No jobs yet")).toBeVisible();
  // it is gone from the console, not from the log
  const admin = await (await browser.newContext()).newPage();
  await sandbox.signIn(admin, "admin_sandbox");
  await sandbox.open(admin, "/o/sandbox/audit?what=delete_job");
  await expect(admin.locator("tr[data-what=delete_job]")).toContainText(`Job ${id}`);
  await expect(admin.locator("tr[data-what=delete_job]")).toContainText("Olav Post");
  await sandbox.open(admin, "/o/sandbox/audit?what=job_standing");
  await expect(admin.locator("tr[data-what=job_standing]").first()).toContainText(/On hold.*Queued/);
  await expect(admin.locator("tr[data-what=job_standing]").nth(1)).toContainText("On hold: Year-end");
  const answer = await page.request.get(`${sandbox.server.url}/o/sandbox/jobs/${id}`);
  expect(answer.status()).toBe(404);
});

quiet("[J3.1] a held job whose time was taken meanwhile goes back in the queue with a reason only", async ({ sandbox, page }) => {
  await companies(sandbox, "1", "2");
  await sandbox.signIn(page, "operator_sandbox");
  const held = await setUp(sandbox, page, form("nets_integration", "1", "02:10"));
  await act(sandbox, page, held, "hold");
  const other = await setUp(sandbox, page, form("nets_integration", "2", "02:12"));
  const refused = await page.request.post(`${sandbox.server.url}/api/desk/do_job`, { data: { office: "sandbox", id: held, version: 2, verb: "queue", why: null } });
  expect(refused.status()).toBe(409);
  const { code, detail } = await refused.json();
  expect(code).toBe("clash");
  expect(detail).toContain(`job ${other} (nets_integration of 2) starts at 02:12, while job ${held} (nets_integration of 1) of 02:10 runs: 2 min beside each other. Free time: 02:19.`);

  await sandbox.open(page, `/o/sandbox/jobs/${held}`);
  await page.getByRole("button", { name: "Put back in the queue" }).click();
  const dialog = page.getByRole("dialog", { name: "Its time is not free" });
  await expect(dialog).toContainText(/company 1 takes 4 min; company 2 starts after 2.*Free time: 02:19\./);
  await axe(page);
  // without a reason it stays as it is
  await dialog.getByTestId("confirm").click();
  await expect(dialog).toBeVisible();
  await dialog.getByLabel("Why it may stand there all the same").fill("The two have servers of their own.");
  await dialog.getByTestId("confirm").click();
  await expect(dialog).toBeHidden();
  await expect(page.locator("#now").getByTestId("job-status")).toHaveText("Queued");
  await expect(page.getByTestId("stood")).toContainText("The two have servers of their own.");
});

quiet("[J7.1] server, module and company stay in view while the form is filled in", async ({ sandbox, page }) => {
  await companies(sandbox, "8", "75");
  await sandbox.signIn(page, "operator_sandbox");
  await sandbox.open(page, "/o/sandbox/jobs/new?kind=dunning_p1");
  const context = page.getByTestId("context");
  await page.getByLabel("Company", { exact: true }).selectOption("8");
  await page.getByLabel("Server", { exact: true }).selectOption("Sandbox 1");
  for (const words of ["Economy", "8 Company 8", "Sandbox 1"]) await expect(context).toContainText(words);
  for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(size);
    await page.getByLabel("Runs after the finish of").scrollIntoViewIfNeeded();
    await expect(page.getByLabel("Kind of job")).not.toBeInViewport();
    await expect(context.locator("dd")).toHaveText(["Economy", "8 Company 8", "Sandbox 1"]);
    for (const n of [0, 1, 2]) await expect(context.locator("dd").nth(n)).toBeInViewport({ ratio: 1 });
  }
  // and in each line of the console, of each module
  const nets = await setUp(sandbox, page, form("nets_integration", "8", "06:38"));
  const invoices = await setUp(sandbox, page, form("incoming_invoices", "75", "08:00", { params: { integration: "EHF" } }));
  const system = await desk<number>(sandbox, page, "add_system", { code: "nets_basis", company: "75" });
  await desk(sandbox, page, "make_entries", { id: system });
  const { entries } = await desk(sandbox, page, "system", { id: system });
  await page.setViewportSize({ width: 1440, height: 900 });
  await sandbox.open(page, "/o/sandbox/jobs");
  await expect(line(page, nets)).toContainText("Nets integration company 8");
  await expect(line(page, nets)).toContainText("Economy · nets_integration of 8");
  await expect(line(page, invoices)).toContainText("Incoming invoices company 75");
  await expect(line(page, invoices)).toContainText("Invoicing · incoming_invoices of 75");
  for (const { job } of entries) {
    await expect(line(page, job).locator(".co")).toHaveText("company 75");
    await expect(line(page, job).locator("small.trunc")).toContainText("Collection · ");
  }
  expect(await numbers(page)).toEqual([nets, invoices, ...entries.map((e: { job: number }) => e.job)]);
});

test("an employee without the right to set up jobs is told whom to ask; each of their calls that would change something is refused", async ({ sandbox, page, browser }) => {
  const admin = await (await browser.newContext()).newPage();
  await sandbox.signIn(admin, "admin_no");
  const of = async (call: string, data: Record<string, unknown> = {}) => desk(sandbox, admin, call, { office: "kristiansand", ...data });
  const { line: job, form: held } = await of("job", { id: 1 });
  const system = (await of("systems")).systems[0].id;
  await of("make_entries", { id: system });
  const entry = (await of("system", { id: system })).entries[0];
  const procedure = await of("start_replace", { job: 1 });
  const run = (await of("runs", { ask: {} })).lines[0].id;
  const before = JSON.stringify([(await of("jobs", { ask: {} })).lines.map((l: any) => [l.id, l.version]), (await of("system", { id: system })).entries, await of("blocked"), (await of("procedure", { id: procedure })).cards]);

  await sandbox.signIn(page, "employee_no");
  for (const path of ["jobs", "jobs/new", "jobs/1", "jobs/runs", "jobs/kinds", "jobs/blocked", "jobs/hours", "collection", "procedures"]) {
    await sandbox.open(page, `/o/kristiansand/${path}`);
    await expect(page.getByRole("main"), path).toContainText(/Ask Kari Moen\.|Ask for the right: Kari Moen\./);
    await expect(page.getByRole("main").getByRole("button").filter({ visible: true }), path).toHaveCount(0);
  }
  await axe(page);

  // behind the page's back: everything that the console's pages can change
  const [id, version] = [1, job.version];
  const calls: Record<string, Record<string, unknown>> = {
    new_job: { form: held, despite: "x", confirmed: true }, save_job: { id, version, form: held, despite: "x", confirmed: true }, do_job: { id, version, verb: "hold", why: null },
    answer_run: { id: run, run_now: true }, set_job_list: { kind: "exchange_rates", companies: ["1"] },
    move_jobs: { moves: [{ job: id, version, from: "06:00", to: "08:00", gap: null, set_gap: false }], despite: "x" },
    save_blocked: { id: null, form: { reason: "x", owner: "y", days: ["mon"], date: null, from: "03:00", minutes: 5 } }, remove_blocked: { id: 1, version: 1 }, usual_blocked: {},
    set_hours: { was: [420, 960], new: [480, 960] }, save_calendar: { name: "mine", version: null, calendar: { country: null, days: {} } }, remove_calendar: { name: "NO", version: 1 },
    start_replace: { job: 2 }, start_release: { modules: ["economy"] }, take_step: { id: procedure, jobs: [], step: "create" }, undo_procedure: { id: procedure },
    postpone: { jobs: [id], date: "2031-05-05", agreed: "nobody" }, set_posting_ok: { company: "1" }, import_jobs: { file: "{}", dry: false },
    add_system: { code: "agrosoft", company: "2" }, set_system: { id: system, version: 1, active: false, direct: false }, switch_system: { id: system, version: 1 }, make_entries: { id: system },
    save_entry: { job: entry.job, version: 1, times: { start: "07:00", every: null, end: null }, despite: "x" }, switch_entry: { job: entry.job, version: 1, on: true, despite: "x" },
  };
  // one that only reads what is planned, or what would be
  const reads = ["jobs", "job", "jobs_setting", "preview_schedule", "runs", "run", "job_list", "day_plan", "free_time", "spread_jobs", "what_if", "blocked", "hours", "procedures", "procedure", "preview_postponement", "why", "systems", "system"];
  const known = ["jobs", "plan", "procedures", "collection"].flatMap((file) => {
    const source = readFileSync(join(__dirname, `../../app/src/api/${file}.rs`), "utf8");
    return [...source.matchAll(/endpoint = "(\w+)"/g)].map(([, name]) => name!);
  });
  expect([...Object.keys(calls), ...reads].sort()).toEqual(known.sort());
  for (const [call, data] of Object.entries(calls)) {
    const answer = await page.request.post(`${sandbox.server.url}/api/desk/${call}`, { data: { office: "kristiansand", ...data } });
    expect(answer.status(), `${call}: ${await answer.text()}`).toBe(403);
  }
  for (const list of ["jobs", "runs"]) expect((await page.request.get(`${sandbox.server.url}/api/desk/export/${list}.csv?office=kristiansand`)).status()).toBe(403);
  expect((await page.request.get(`${sandbox.server.url}/api/desk/jobs-export?office=kristiansand`)).status()).toBe(403);
  const after = JSON.stringify([(await of("jobs", { ask: {} })).lines.map((l: any) => [l.id, l.version]), (await of("system", { id: system })).entries, await of("blocked"), (await of("procedure", { id: procedure })).cards]);
  expect(after).toBe(before);
});

quiet("[J6.1] an admin grants the right to a person in Users: they set up a job at once; taken away, their next action is refused", async ({ sandbox, page, browser }) => {
  await companies(sandbox, "1");
  const admin = await (await browser.newContext()).newPage();
  await sandbox.signIn(admin, "admin_sandbox");
  await sandbox.signIn(page, "employee_sandbox");
  await sandbox.open(page, "/o/sandbox/jobs");
  await expect(page.getByTestId("no-right")).toBeVisible();
  const give = async (role: string) => {
    await sandbox.open(admin, "/o/sandbox/users?q=els");
    await admin.locator("table.people tbody tr").getByRole("link").first().click();
    await admin.locator("#role").selectOption(role);
    await admin.getByRole("button", { name: "Save role" }).click();
    await expect(admin.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
  };
  await give("operator");
  await begin(sandbox, page, "Nets integration");
  await page.getByLabel("Company", { exact: true }).selectOption("1");
  await page.getByLabel("Integration", { exact: true }).fill("Nets");
  await page.getByLabel("Start time", { exact: true }).fill("06:00");
  const id = await apply(page);
  await give("employee");
  const refused = page.waitForResponse((r) => r.url().endsWith("/api/desk/do_job"));
  await page.getByTestId("verbs").getByRole("button", { name: "Run now" }).click();
  expect((await refused).status()).toBe(403);
  await sandbox.open(page, "/o/sandbox/jobs");
  await expect(page.getByTestId("no-right")).toContainText("Ask Ada Baas.");
  expect((await desk(sandbox, admin, "job", { id })).line.last).toBeNull();
});

test("[J1.1, C4.1] every kind by module: which exist, which must be set up, which suit regular running, whose they are, and what each does", async ({ sandbox, page }) => {
  await companies(sandbox, "1");
  await sandbox.signIn(page, "operator_sandbox");
  await setUp(sandbox, page, form("nets_integration", "1", "06:00"));
  await sandbox.open(page, "/o/sandbox/jobs/kinds");
  const kind = (code: string) => page.locator(`tr[data-kind="${code}"]`);
  await expect(page.locator("tr[data-kind]")).toHaveCount(18);
  for (const name of ["Economy", "Invoicing", "Collection"]) await expect(page.getByRole("table", { name })).toBeVisible();
  await expect(kind("nets_integration").locator("[data-col=must]")).toHaveText(/Yes/);
  await expect(kind("nets_integration").locator("[data-col=jobs]")).toHaveText("1 of 1 active");
  await expect(kind("post_vouchers").locator("[data-col=must]")).toContainText("Not set up");
  await expect(kind("dunning_p1").locator("[data-col=must]")).toContainText("As needed");
  await expect(kind("incoming_invoices").locator("[data-col=regular]")).toHaveText("Yes");
  await expect(kind("incoming_invoices").locator("[data-col=owner]")).toContainText("PROGRAMSERVERBRUKER INNKJØP");
  await expect(kind("autopay_remittance").locator("[data-col=after]")).toHaveText("Set up again");
  await expect(page.getByTestId("missing")).toHaveText("8 kinds that must be set up are not yet.");
  // each in its module, with what it does and how many jobs it has
  const modules = {
    Economy: {
      outgoing_invoices: "Sends invoices once they are marked distributed, and fetches the channel they really took.",
      outgoing_invoice_status: "Fetches returned post and returned e-mail of sent invoices.",
      nets_integration: "Exchanges files with Nets both ways and processes what comes in.",
      post_vouchers: "Posts the registered vouchers in the ledger.",
      exchange_rates: "Imports exchange rates from DNB Markets, once for all companies of its list.",
      autopay_remittance: "Makes the remittance of all currencies for one company.",
      settlement_returns: "Fetches settlement returns for all companies, once a day.",
      dunning_p1: "Makes the first reminder: proposal, notices and approval.",
      dunning_p2: "Makes the demand for payment: proposal, notices and approval.",
      debt_collection: "Transfers unpaid claims to debt collection; only proposal and approval, no notice.",
    },
    Invoicing: {
      incoming_invoices: "Reads incoming invoices from the access point; one job for each integration and company.",
      transfer_invoices: "Transfers invoices to the ledger for the chosen companies.",
    },
    Collection: {
      ccm_send_agreements: "Sends mandates created here with status OK and transfer status “to be transferred”.",
      ccm_import_agreements: "Imports mandates created at the centre; creates or updates agreements where a customer matches.",
      ccm_send_collections: "Sends the journal lines that are ready.",
      ccm_status: "Fetches status messages and updates the lines.",
      ccm_import_payments: "Imports completed payments, collections and returns.",
      ccm_post_journal: "Posts the lines that may be posted.",
    },
  };
  expect(Object.values(modules).flatMap(Object.keys).sort()).toEqual((await page.locator("tr[data-kind]").evaluateAll((all) => all.map((r) => r.getAttribute("data-kind")))).sort());
  for (const [name, kinds] of Object.entries(modules)) {
    for (const [code, does] of Object.entries(kinds)) {
      const row = page.getByRole("table", { name }).locator(`tr[data-kind="${code}"]`);
      await expect(row).toContainText(does);
      await expect(row.locator("[data-col=jobs]")).toHaveText(code === "nets_integration" ? "1 of 1 active" : "0");
    }
  }
  await axe(page);
  await kind("post_vouchers").getByRole("link", { name: /^Set up/ }).click();
  await expect(page.getByLabel("Kind of job")).toHaveValue("post_vouchers");
  // set up elsewhere, it is there without a reload
  await page.goBack();
  await alive(page);
  await desk(sandbox, page, "set_job_list", { kind: "exchange_rates", companies: ["1"] });
  await setUp(sandbox, page, form("exchange_rates", "", "17:10", { companies: [] }));
  await expect(kind("exchange_rates").locator("[data-col=jobs]")).toHaveText("1 of 1 active");
  await expect(kind("exchange_rates")).toContainText("List: 1");
  await expect(page.getByTestId("missing")).toHaveText("7 kinds that must be set up are not yet.");
});

test("a job that is set up while a page is read, or while it is cut off, stands on it", async ({ sandbox, page }) => {
  await companies(sandbox, "1");
  await sandbox.signIn(page, "operator_sandbox");
  await sandbox.open(page, "/o/sandbox/jobs");
  const jobs = (code: string) => page.locator(`tr[data-kind="${code}"] [data-col=jobs]`);
  // a second stream says when the page's own has told of the job
  await page.evaluate(() => new Promise((opened) => {
    const stream = new EventSource("/api/desk/live?office=sandbox");
    Object.assign(window, { told: new Promise((told) => stream.addEventListener("jobs", told)) });
    stream.addEventListener("open", opened);
  }));
  const held = await holdBack(page, "jobs_setting");
  await page.getByRole("navigation", { name: "Job console" }).getByRole("link", { name: "Kinds" }).click();
  await held.asked;
  await setUp(sandbox, page, form("nets_integration", "1", "06:00"));
  await page.evaluate(async () => void (await (window as any).told));
  held.release();
  await expect(jobs("nets_integration")).toHaveText("1 of 1 active");
  await expect(jobs("outgoing_invoices")).toHaveText("0");

  // the program is started again, and a job set up before the page has found it
  await sandbox.crash();
  await setUp(sandbox, page, form("outgoing_invoices", "1", "16:00"));
  await alive(page);
  await expect(jobs("outgoing_invoices")).toHaveText("1 of 1 active");
});

test("[C8.3] a job is found from everywhere by its number and by its description", async ({ sandbox, page }) => {
  await companies(sandbox, "8");
  await sandbox.signIn(page, "operator_sandbox");
  const id = await setUp(sandbox, page, form("nets_integration", "8", "06:38", { description: "Nets for the library" }));
  await sandbox.open(page, "/o/sandbox/connectors");
  for (const typed of ["library", String(id)]) {
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").fill(typed);
    const found = page.getByRole("option", { name: /Nets for the library/ });
    await expect(found).toContainText(`${id} · Nets integration`);
    await found.click();
    await expect(page).toHaveURL(new RegExp(`/jobs/${id}$`));
  }
});

quiet("jobs and runs as CSV: what the filter shows, in the reader's words", async ({ sandbox, page }) => {
  await companies(sandbox, "1", "8");
  await sandbox.signIn(page, "operator_sandbox");
  const id = await setUp(sandbox, page, form("nets_integration", "8", "06:38", { description: "=1+1; \"x\"" }));
  await setUp(sandbox, page, form("outgoing_invoices", "1", "16:00"));
  await act(sandbox, page, id, "run_now");
  const [task] = await claimRuns(sandbox);
  await sandbox.report(task!, ran({ sent: 14, rejected: 2 }));
  await sandbox.open(page, "/o/sandbox/jobs?kind=nets_integration");
  const get = async () => {
    const href = (await page.getByRole("link", { name: "Export as CSV" }).getAttribute("href"))!;
    const answer = await page.request.get(sandbox.server.url + href);
    expect(answer.headers()["content-disposition"]).toMatch(/filename="(jobs|runs)-sandbox-/);
    return (await answer.body()).toString("utf8").trim().split("\r\n");
  };
  const jobs = await get();
  expect(jobs).toHaveLength(2);
  expect(jobs[1]).toMatch(new RegExp(`^${id},Queued,Economy,Nets integration,"'=1\\+1; ""x""",8,"Daily, 06:38",PROGRAMSERVERBRUKER ØKONOMI,,\\d{4}-.*,\\d{4}-`));
  await sandbox.open(page, "/o/sandbox/jobs/runs");
  const runs = await get();
  expect(runs).toHaveLength(2);
  expect(runs[1]).toContain('"2 rejected, 14 sent",started by hand,PROGRAMSERVERBRUKER ØKONOMI');
});

for (const [theme, width, height] of [["light", 1440, 900], ["dark", 1440, 900], ["light", 390, 844], ["dark", 390, 844]] as const) {
  test(`the console's pages break no rule of accessibility: ${theme}, ${width} wide`, async ({ sandbox, page }) => {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: theme });
    await sandbox.signIn(page, "operator_no");
    for (const path of ["jobs", "jobs?q=nothing", "jobs/1", "jobs/new", "jobs/new?kind=dunning_p1", "jobs/new?kind=post_vouchers", "jobs/runs", "jobs/runs/1", "jobs/kinds?list=exchange_rates"]) {
      await sandbox.open(page, `/o/kristiansand/${path}`);
      await axe(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wide, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
    }
  });
}

quiet("the console is worked with the keyboard alone, and reads the same in every language", async ({ sandbox, page }) => {
  await companies(sandbox, "1");
  await helloServer(sandbox);
  await sandbox.signIn(page, "operator_sandbox");
  const id = await setUp(sandbox, page, form("nets_integration", "1", "01:01"));
  await sandbox.open(page, "/o/sandbox/tasks");
  await page.keyboard.press("g");
  await page.keyboard.press("j");
  await expect(page).toHaveURL(/\/o\/sandbox\/jobs$/);
  await expect(page.getByLabel("Search jobs")).toBeVisible();
  await page.keyboard.press("/");
  await expect(page.getByLabel("Search jobs")).toBeFocused();
  await page.keyboard.type("nets");
  await expect(page).toHaveURL(/q=nets/);
  for (let n = 0; n < 20 && !(await page.evaluate(() => document.activeElement?.closest("td.j8") !== null)); n++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/jobs/${id}$`));
  for (const [tag, words] of [["nl", "Uitgebreid interval"], ["nb", "Utvidet intervall"], ["da", "Udvidet interval"], ["fr", "Intervalle étendu"]] as const) {
    await page.context().addCookies([{ name: "nw_language", value: tag, url: sandbox.server.url }]);
    await page.goto(`${sandbox.server.url}/o/sandbox/jobs/${id}`);
    await expect(page.locator("html")).toHaveAttribute("lang", tag);
    await expect(page.getByRole("heading", { name: words })).toBeVisible();
  }
});
