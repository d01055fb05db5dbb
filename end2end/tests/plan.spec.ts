/** The day plan: nothing collides, nothing moves by itself (J3, J4, J5, J17, J24, J28, J31). In the demo's office
 * `kristiansand` stands the plan of the source's own procedures; in the empty office `sandbox` a plan of the test's. */
import { expect, type Browser, type Locator, type Page } from "@playwright/test";
import { axe, watchErrors } from "./support";
import { test, type Sandbox } from "./sandbox";
import { HOUR, MINUTE, SECOND, after, instant, local, quiet, test as clockTest } from "./clock";
import { claimRuns, companies, ran } from "./jobs";

test.use({ viewport: { width: 1440, height: 900 } });
clockTest.use({ viewport: { width: 1440, height: 900 } });

const DAILY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const KRISTIANSAND = "/o/kristiansand/jobs";

/** The day so many days from now, as the address names it, in the sandbox's zone. */
function day(from: number): string {
  return after(local(Date.now()).day, from);
}

/** A day in words, as the pages say it. */
function words(day: string, year = false): string {
  const weekday = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][new Date(day).getUTCDay()];
  const month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][Number(day.slice(5, 7)) - 1];
  return `${weekday} ${Number(day.slice(8))} ${month}${year ? ` ${day.slice(0, 4)}` : ""}`;
}

/** The first day after one on which this holds. */
function next(today: string, holds: (day: Date) => boolean): string {
  let n = 1;
  while (!holds(new Date(after(today, n)))) n++;
  return after(today, n);
}

function nets(company: string, at: string, minutes: number, more: Record<string, unknown> = {}) {
  return {
    kind: "nets_integration", description: `Nets_selskap ${company}`, companies: [company], server: null, run_as: "PROGRAMSERVERBRUKER ØKONOMI",
    schedule: { zone: "Europe/Brussels", days: DAILY, at: [at] }, params: { integration: "Nets" }, outputs: [],
    estimate_minutes: minutes, gap_minutes: null, pinned: false, after: null, ...more,
  };
}

/** Sets up a job that must be accepted; gives its number. */
async function job(page: Page, sandbox: Sandbox, form: Record<string, unknown>, despite: string | null = null): Promise<number> {
  const made = await sandbox.call(page, "new_job", { office: "sandbox", form, despite, confirmed: true });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  return made.body;
}

/** An operator in the office `sandbox` with these companies. */
async function office(page: Page, sandbox: Sandbox, ...companies: string[]): Promise<void> {
  await sandbox.dossiers("adsolut", ...companies);
  await sandbox.signIn(page, "operator_sandbox");
}

/** What the office's log says of this, on its page, which only who runs the office sees. */
async function log(sandbox: Sandbox, browser: Browser, what: string): Promise<Locator> {
  const admin = await (await browser.newContext()).newPage();
  await sandbox.signIn(admin, "admin_sandbox");
  await sandbox.open(admin, `/o/sandbox/audit?what=${what}`);
  return admin.locator(`tr[data-what="${what}"]`);
}

async function times(page: Page, sandbox: Sandbox, id: number, at = "sandbox"): Promise<string[]> {
  const found = await sandbox.call(page, "job", { office: at, id });
  expect(found.status).toBe(200);
  return found.body.form.schedule.at;
}

/** The card of a problem whose words these are, folded or not. */
async function card(page: Page, text: string | RegExp): Promise<Locator> {
  const more = page.locator(".morep summary");
  if (await more.count() > 0 && (await page.locator(".morep").getAttribute("open")) === null) await more.click();
  return page.locator(".chk li").filter({ hasText: text }).first();
}

/** Errors but those that the browser notes when a form is refused, as it should be. */
function unexpected(errors: string[]): string[] {
  return errors.filter((e) => !/the server responded with a status of 4(09|22)/.test(e));
}

function bar(page: Page, id: number): Locator {
  return page.locator(`g[data-run="${id}"]`);
}

test("[J3.1, J3.2] a job that would start beside another is refused with a free time, or kept with a reason that stays in the log", async ({ sandbox, page, browser }) => {
  await office(page, sandbox, "1", "2");
  const first = await job(page, sandbox, nets("1", "06:00", 14));
  const refused = await sandbox.call(page, "new_job", { office: "sandbox", form: nets("2", "06:10", 4), despite: null, confirmed: true });
  expect(refused.status).toBe(409);
  expect(refused.body.code).toBe("clash");
  expect(refused.body.detail).toContain(`this job (Nets_selskap 2) starts at 06:10, while job ${first} (Nets_selskap 1) of 06:00 runs: 4 min beside each other. Free time: 06:19.`);
  // the free time is free
  const second = await job(page, sandbox, nets("2", "06:19", 4));
  await sandbox.open(page, `/o/sandbox/jobs?day=${day(1)}`);
  await expect(page.getByTestId("problems")).toHaveText("No problems");

  // moved by hand into the other's time: nothing happens without a reason
  await bar(page, second).focus();
  await page.keyboard.press("Enter");
  await page.getByTestId("new-time").fill("06:10");
  await page.getByRole("button", { name: "Move to 06:10" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "Nothing is moved." })).toContainText("takes 14 min; company 2 starts after 10");
  expect(await times(page, sandbox, second)).toEqual(["06:19"]);
  await page.getByLabel("Reason to do it all the same").fill("Nets takes files until 06:15");
  await page.getByRole("button", { name: "Move all the same" }).click();
  await expect(page.getByTestId("plan-said")).toHaveText("1 job moved.");
  expect(await times(page, sandbox, second)).toEqual(["06:10"]);
  await expect(page.getByTestId("problems")).toHaveText("1 problem");
  const told = await log(sandbox, browser, "despite");
  await expect(told).toContainText("Nets takes files until 06:15");
  await expect(told).toContainText("Olav Post");
});

test("[J4.1, J4.2, J4.3] IT's times are kept with start, length, days, owner and reason; nothing is planned into them, nor up to their middle", async ({ sandbox, page, browser }) => {
  const errors = watchErrors(page);
  await office(page, sandbox, "1");
  const status = (at: string) => nets("1", at, 6, { kind: "outgoing_invoice_status", description: "Status selskap 1" });
  const id = await job(page, sandbox, status("23:00"));
  await sandbox.open(page, "/o/sandbox/jobs/blocked");
  await page.getByRole("button", { name: "Add the usual windows of IT" }).click();
  await expect(page.locator("tr[data-window]")).toHaveCount(3);
  const backup = page.locator("tr[data-window]").filter({ hasText: "Backup" });
  await expect(backup).toContainText("23:00–23:45, every day");
  await expect(backup).toContainText("45 min");
  // what stands in it stays, and is shown
  await expect(backup.getByRole("link")).toContainText("Invoice status, company 1");
  await expect(page.locator("tr[data-window]").filter({ hasText: "Tomcat" })).toContainText("05:00–05:20");
  await expect(page.locator("tr[data-window]").filter({ hasText: "broker" })).toContainText("05:30–05:45");

  await backup.getByRole("button", { name: "Change: Backup" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What happens").fill("");
  await dialog.getByLabel("Minutes").fill("0");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.locator("#window-reason-note")).not.toBeEmpty();
  await expect(dialog.locator("#window-minutes-note")).not.toBeEmpty();
  await dialog.getByLabel("What happens").fill("Backup of the databases");
  await dialog.getByLabel("Kept by").fill("IT, Berit");
  await dialog.getByLabel("Minutes").fill("60");
  for (const name of ["Sat", "Sun"]) await dialog.getByLabel(name, { exact: true }).uncheck();
  await dialog.getByRole("button", { name: "Save" }).click();
  const longer = page.locator("tr[data-window]").filter({ hasText: "Backup of the databases" });
  await expect(longer).toContainText("23:00–00:00, Mon, Tue, Wed, Thu, Fri");
  await expect(longer).toContainText("IT, Berit");
  await axe(page);

  const refused = await sandbox.call(page, "new_job", { office: "sandbox", form: status("23:20"), despite: null, confirmed: true });
  expect(refused.body.code).toBe("clash");
  expect(refused.body.detail).toContain("touches the blocked window 23:00 to 00:00 (Backup of the databases, IT, Berit)");
  // six minutes that begin before one and end in it
  const reaching = await sandbox.call(page, "new_job", { office: "sandbox", form: status("04:56"), despite: null, confirmed: true });
  expect([reaching.status, reaching.body.code]).toEqual([409, "clash"]);
  expect(reaching.body.detail).toMatch(/touches the blocked window 05:00 to 05:20 \(.*Tomcat.*\)/);
  // and one of one's own, at its own time
  await page.getByRole("button", { name: "Add a window" }).click();
  await dialog.getByLabel("What happens").fill("Index");
  await dialog.locator("#window-from").fill("02:15");
  await dialog.getByLabel("Minutes").fill("10");
  await dialog.getByLabel("Kept by").fill("IT, Even");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.locator("tr[data-window]").filter({ hasText: "Index" })).toContainText("02:15–02:25");
  await page.reload();
  const index = page.locator("tr[data-window]").filter({ hasText: "Index" });
  for (const said of ["02:15–02:25, every day", "10 min", "IT, Even"]) await expect(index).toContainText(said);
  await expect(page.locator("tr[data-window]")).toHaveCount(4);

  await expect((await log(sandbox, browser, "blocked")).filter({ hasText: "60 min: Backup of the databases (IT, Berit)" })).toHaveCount(1);
  const workday = [1, 2, 3].find((n) => ![0, 6].includes(new Date(day(n)).getUTCDay()))!;
  await sandbox.open(page, `/o/sandbox/jobs?day=${day(workday)}`);
  await expect(page.getByTestId("problem-cards")).toContainText("Inside: Backup of the databases");
  expect(await times(page, sandbox, id)).toEqual(["23:00"]);
  expect(unexpected(errors)).toEqual([]);
});

test("[J5.1] with entered lengths a large company keeps a longer gap than a small one", async ({ sandbox, page }) => {
  await office(page, sandbox, "1", "2", "3");
  await job(page, sandbox, nets("1", "06:00", 18));
  await job(page, sandbox, nets("2", "07:00", 4));
  const plan = await sandbox.call(page, "day_plan", { office: "sandbox", day: day(1) });
  const gaps = Object.fromEntries(plan.body.jobs.map((j: any) => [j.company.code, j.gap]));
  expect(gaps).toEqual({ 1: 6, 2: 3 });
  const free = async (form: Record<string, unknown>) => (await sandbox.call(page, "new_job", { office: "sandbox", form, despite: null, confirmed: true })).body;
  // finished at 06:18, free at 06:24; finished at 07:04, free at 07:07
  expect((await free(nets("3", "06:20", 2))).detail).toContain("4 min too close");
  expect((await free(nets("3", "06:20", 2))).detail).toContain("Free time: 06:24.");
  expect((await free(nets("3", "07:05", 2))).detail).toContain("Free time: 07:07.");
});

clockTest("[J5.2, J28.3] after five runs that took twenty minutes the plan and the gap use them, not the estimate; the bars show the usual and the slow length", async ({ watch, page }) => {
  const start = after(local(watch.clock.now()).day, 1);
  await watch.clock.set(instant(start, "05:00"));
  await companies(watch, "1", "2");
  await watch.signIn(page, "operator_sandbox");
  const id = await job(page, watch, nets("1", "06:00", 4));
  const free = async () => {
    const { body } = await watch.call(page, "new_job", { office: "sandbox", form: nets("2", "06:02", 2), despite: null, confirmed: false });
    return /Free time: (\d\d:\d\d)/.exec(body.detail)?.[1];
  };
  let days = 0;
  /** The connector really takes so long for the day's run. */
  const takes = async (minutes: number) => {
    await watch.clock.set(instant(after(start, days++), "06:00") + SECOND);
    const [task] = await claimRuns(watch);
    expect(task!.payload.job).toBe(id);
    // rounded up to whole minutes, of which this test itself takes a part
    await watch.clock.set(watch.clock.now() + minutes * MINUTE - 45 * SECOND);
    await watch.report(task!, ran());
  };
  for (let n = 0; n < 4; n++) await takes(20);
  // four minutes as estimated, and three after them
  expect(await free()).toBe("06:07");
  await takes(20);
  // twenty as they were, and seven after them
  expect(await free()).toBe("06:27");
  const bars = async () => {
    await watch.open(page, `/o/sandbox/jobs?day=${after(start, days + 1)}&zoom=06:00-07:00`);
    const wide = (part: string) => bar(page, id).locator(`rect.${part}`).evaluate((e) => (e as SVGRectElement).width.baseVal.value);
    return [await wide("usualb"), await wide("slowb")];
  };
  const [usual, same] = await bars();
  // of an hour, which is 382 wide
  expect(usual! / 382).toBeCloseTo(20 / 60, 2);
  expect(same).toBeCloseTo(usual!, 1);
  await watch.open(page, `/o/sandbox/jobs/${id}`);
  await expect(page.getByTestId("usual")).toHaveText(/^20 min\b.*5/);
  // four that took forty: one in ten is as slow, most are not
  for (let n = 0; n < 4; n++) await takes(40);
  const [still, slow] = await bars();
  expect(still).toBeCloseTo(usual!, 1);
  expect(slow! / usual!).toBeCloseTo(2, 1);
});

test("[J17.1] twelve Nets jobs are spread over 06:00 to 07:00; what does not fit is said, with both ways out", async ({ sandbox, page }) => {
  const companies = ["1", "2", "3", "4", "5", "6", "7", "8", "75", "80", "90", "95"];
  await office(page, sandbox, ...companies);
  const ids: number[] = [];
  for (const [i, company] of companies.entries()) {
    ids.push(await job(page, sandbox, nets(company, `06:${String(i).padStart(2, "0")}`, i === 0 ? 14 : 2), "as it stood"));
  }
  const reshape = async (shape: (i: number) => Record<string, unknown>) => {
    for (const [i, id] of ids.entries()) {
      const found = (await sandbox.call(page, "job", { office: "sandbox", id })).body;
      const saved = await sandbox.call(page, "save_job", { office: "sandbox", id, version: found.line.version, form: { ...found.form, ...shape(i) }, despite: "as it stood", confirmed: true });
      expect(saved.status, JSON.stringify(saved.body)).toBe(200);
    }
  };
  await sandbox.open(page, `/o/sandbox/jobs?day=${day(1)}`);
  const crowd = await card(page, "12 jobs do not fit");
  await expect(crowd).toContainText("Nets integration needs 71 min with its gaps; 06:00 to 07:00 has 60. The last would end at 07:11");
  await crowd.getByRole("button", { name: "Until 07:11" }).click();
  const answer = page.getByTestId("spread-answer");
  await expect(answer).toContainText("All fit. The last is done at 07:11.");
  await expect(answer.locator("li")).toHaveCount(12);

  // the same by hand: the hour of the source is too short
  await page.locator("#spread-to").fill("07:00");
  await page.getByRole("button", { name: "Spread", exact: true }).click();
  await expect(answer).toContainText(/\d of 12 jobs do not fit: with their gaps they need 71 min, the window has 60\./);
  await expect(answer.locator("li.out").first()).toContainText("no place");
  await expect(answer).toContainText("Two ways out: a later end, or shorter gaps.");
  await expect(answer).toContainText("Shorter gaps alone do not help.");
  await expect(answer.getByRole("button", { name: /Respace/ })).toHaveCount(0);
  expect(await times(page, sandbox, ids[1]!), "asking moves nothing").toEqual(["06:01"]);

  await answer.getByRole("button", { name: "Until 07:11" }).click();
  await page.getByRole("button", { name: "Respace 12 jobs" }).click();
  await expect(page.getByTestId("plan-said")).toHaveText("11 jobs moved.");
  await expect(page.getByTestId("problems")).toHaveText("No problems");
  expect(await times(page, sandbox, ids[1]!)).toEqual(["06:19"]);
  expect(await times(page, sandbox, ids[11]!)).toEqual(["07:09"]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByTestId("plan-said")).toContainText("Undone");
  expect(await times(page, sandbox, ids[11]!)).toEqual(["06:11"]);

  // with smaller jobs the hour is enough, and the card says so at once
  await reshape((i) => ({ estimate_minutes: i === 0 ? 4 : 2, gap_minutes: i === 0 ? 3 : null }));
  const fits = await card(page, "12 jobs too close");
  await fits.getByRole("button", { name: "Respace 12 jobs" }).click();
  await expect(page.getByTestId("plan-said")).toHaveText("11 jobs moved.");
  await expect(page.getByTestId("problems")).toHaveText("No problems");
  expect(await times(page, sandbox, ids[11]!)).toEqual(["06:57"]);

  // with gaps longer than they must be there are two ways out, and the other one is taken
  await reshape(() => ({ estimate_minutes: 2, gap_minutes: 6 }));
  const wide = await card(page, "12 jobs do not fit");
  await expect(wide).toContainText("Nets integration needs 90 min with its gaps; 06:00 to 07:00 has 60. The last would end at 07:30");
  await expect(wide.getByRole("button")).toHaveText(["Until 07:30", "Gaps 3 min shorter"]);
  await wide.getByRole("button", { name: "Gaps 3 min shorter" }).click();
  await expect(answer).toContainText("All fit. The last is done at 06:57.");
  await answer.getByRole("button", { name: "Respace 12 jobs" }).click();
  await expect(page.getByTestId("plan-said")).toHaveText("12 jobs moved.");
  await expect(page.getByTestId("problems")).toHaveText("No problems");
  for (const [i, id] of ids.entries()) expect(await times(page, sandbox, id)).toEqual([`06:${String(5 * i).padStart(2, "0")}`]);
});

test("a country's holidays are known by name, and a calendar in use cannot be removed", async ({ sandbox, page }) => {
  const errors = watchErrors(page);
  await office(page, sandbox, "1");
  await sandbox.open(page, "/o/sandbox/jobs/hours?country=NO&year=2027");
  const list = page.getByTestId("holidays");
  await expect(list.locator("li")).toHaveCount(12);
  await expect(list.locator("li").filter({ hasText: "Constitution Day" })).toContainText("Mon 17 May 2027");
  await expect(list.locator("li").filter({ hasText: "Thu 25 Mar 2027" })).toContainText("Maundy Thursday");
  await page.locator("#holidays-of").selectOption("DK");
  await expect(list.locator("li")).toHaveCount(10);
  await expect(page).toHaveURL(/country=DK/);

  await page.getByRole("button", { name: "Add a calendar" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("NO");
  await dialog.getByLabel("Holidays of").selectOption("NO");
  await dialog.getByLabel("Own days").fill("2027-07-16 Stocktaking\n2027-02-30 No such day");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Line 2");
  const tomorrow = day(1);
  await dialog.getByLabel("Own days").fill(`2027-07-16 Stocktaking\n${tomorrow} Planning day`);
  await dialog.getByRole("button", { name: "Save" }).click();
  // a country keeps its code
  await expect(dialog.locator("#cal-name-note")).not.toBeEmpty();
  await dialog.getByLabel("Name").fill("Municipality");
  await dialog.getByRole("button", { name: "Save" }).click();
  const line = page.locator('li[data-calendar="Municipality"]');
  await expect(line).toContainText("Norway, 2 own days");
  await axe(page);

  const schedule = { zone: "Europe/Brussels", days: DAILY, at: ["12:00"], holidays: { calendar: "Municipality", action: "skip" } };
  const id = await job(page, sandbox, nets("1", "12:00", 4, { schedule }));
  const next = (await sandbox.call(page, "job", { office: "sandbox", id })).body.next as { at: number }[];
  expect(next.map((n) => new Date(n.at).toLocaleDateString("en-CA", { timeZone: "Europe/Brussels" }))).not.toContain(tomorrow);
  await expect(line).toContainText(`${id} Nets_selskap 1`);
  await line.getByRole("button", { name: "Remove: Municipality" }).click();
  await expect(page.locator("p.said")).toContainText(`Jobs use it. Change them first: ${id} Nets_selskap 1.`);
  const refused = await sandbox.call(page, "remove_calendar", { office: "sandbox", name: "Municipality", version: 1 });
  expect(refused.status).toBe(409);
  expect(refused.body.detail).toContain(`${id} (Nets_selskap 1)`);
  const gone = await sandbox.call(page, "do_job", { office: "sandbox", id, version: 1, verb: "delete", why: null });
  expect(gone.status).toBe(200);
  await expect(line).not.toContainText("Nets_selskap 1");
  await line.getByRole("button", { name: "Remove: Municipality" }).click();
  await expect(line).toHaveCount(0);
  expect(unexpected(errors)).toEqual([]);
});

test("[J13.2] working hours are kept with the calendars, and are what the form of a job starts with; it shows both nights in which the clocks change", async ({ sandbox, page }) => {
  await office(page, sandbox, "1");
  await sandbox.open(page, "/o/sandbox/jobs/hours");
  await expect(page.locator("#hours-from")).toHaveValue("07:00");
  await page.locator("#hours-from").fill("08:00");
  await page.locator("#hours-to").fill("07:30");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "must be later" })).toBeVisible();
  await page.locator("#hours-to").fill("15:30");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.locator("p.said")).toHaveText("Saved.");
  const setting = await sandbox.call(page, "jobs_setting", { office: "sandbox" });
  expect(setting.body.hours).toEqual([480, 930]);
  await page.reload();
  await expect(page.locator("#hours-to")).toHaveValue("15:30");
  await sandbox.open(page, "/o/sandbox/jobs/new?kind=transfer_invoices");
  await expect(page.getByText("Working hours 08:00 to 15:30")).toBeVisible();
  const preview = page.getByTestId("preview");
  await expect(preview.locator("li time")).toHaveCount(10);
  const ats = await preview.locator("li time").evaluateAll((times) => times.map((t) => Date.parse(t.getAttribute("datetime")!)));
  // more than one day of them, so each of its hours
  expect([...new Set(ats.map((at) => local(at).clock))].sort()).toEqual(["08:00", "09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00"]);
  await page.getByRole("radio", { name: "Once a day", exact: true }).check();
  await page.getByRole("button", { name: "Every day", exact: true }).click();
  await page.getByLabel("Start time", { exact: true }).fill("02:30");
  await expect(preview.locator('[data-night="spring"]')).toContainText("Runs that night: 03:00");
  await expect(preview.locator('[data-night="autumn"] .soft')).toHaveText("Runs that night: 02:30");
});

test("the picture: all jobs by kind, one kind by company, blocked times, learned lengths; the address is the state", async ({ sandbox, page }) => {
  const errors = watchErrors(page);
  await sandbox.signIn(page, "operator_no");
  const monday = [1, 2, 3, 4, 5, 6, 7].map(day).find((d) => new Date(`${d}T12:00:00Z`).getUTCDay() === 1)!;
  await sandbox.open(page, `${KRISTIANSAND}?day=${monday}&family=nets_integration&zoom=06:00-07:00`);
  const whole = page.locator("svg.gantt").first();
  await expect(whole).toHaveAttribute("role", "img");
  await expect(page.locator(".whole text.ln")).toHaveCount(12);
  await expect(page.locator(".whole rect.hatch")).toHaveCount(3);
  await expect(page.locator(".whole path.now")).toHaveCount(0);
  await expect(page.getByTestId("left")).toHaveText(/\d+ planned runs$/);
  await expect(page.getByTestId("zoom-of")).toHaveText("06:00 to 07:00, by company");
  // one company's jobs are on hold
  const bars = page.locator("g[data-run]");
  await expect(bars).toHaveCount(11);
  const eight = page.locator('g[data-start="06:38"]');
  await expect(eight).toHaveCount(2);
  await expect(eight.filter({ hasText: "same minute" })).toHaveCount(1);
  await expect(bars.first()).toHaveAttribute("aria-label", "company 1, 06:00");
  // the same in words
  const list = page.getByRole("list", { name: "Day plan as a list" });
  await expect(list.locator("li").filter({ hasText: "Nets integration" })).toContainText(/11 companies, until 06:5\d/);
  await expect(list.locator("li").filter({ hasText: "Blocked: Tomcat" })).toContainText("05:00");

  await page.getByTestId("family").selectOption("autopay_remittance");
  await expect(page).toHaveURL(/family=autopay_remittance/);
  // the frame moves to where such jobs run
  await expect(page.getByTestId("zoom-of")).toHaveText("08:00 to 10:00, by company");
  await expect(bars.first()).toBeVisible();
  await page.getByRole("link", { name: "Later" }).click();
  await expect(page).toHaveURL(/zoom=10(%3A|:)00-12(%3A|:)00/);
  await page.getByRole("link", { name: "Today" }).click();
  await expect(page.locator(".whole path.now")).toHaveCount(1);
  await expect(page.getByTestId("left")).toHaveText(/\d+ planned runs? left today/);
  const today = await page.getByTestId("day").textContent();
  await page.getByRole("link", { name: "Next day" }).click();
  await expect(page.getByTestId("day")).not.toHaveText(today!);
  await page.getByRole("link", { name: "Previous day" }).click();
  await expect(page.getByTestId("day")).toHaveText(today!);
  expect(unexpected(errors)).toEqual([]);
});

quiet("[J28.4] a run is moved by hand: by pointer, arrow keys or a typed time, to a free time, with a way back; a fixed one by nothing", async ({ sandbox, page }) => {
  await office(page, sandbox, "1", "2", "3");
  await job(page, sandbox, nets("1", "06:00", 14));
  const two = await job(page, sandbox, nets("2", "06:30", 4));
  const fixed = await job(page, sandbox, nets("3", "06:40", 4, { pinned: true }));
  await sandbox.open(page, `/o/sandbox/jobs?day=${after(local(sandbox.clock.now()).day, 1)}&zoom=06:00-07:00`);
  const said = page.getByTestId("proposal");
  // the keyboard alone
  await bar(page, two).focus();
  for (let i = 0; i < 2; i++) await page.keyboard.press("Shift+ArrowLeft");
  for (let i = 0; i < 2; i++) await page.keyboard.press("ArrowLeft");
  await expect(said).toHaveText("Company 2, 06:18, 4 min after company 1");
  await expect(bar(page, two)).toHaveAttribute("aria-valuetext", "06:18, 4 min after company 1");
  expect(await times(page, sandbox, two)).toEqual(["06:30"]);
  // a minute too soon, which Enter does not do: the desk says why
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert").filter({ hasText: "Nothing is moved." })).toContainText("1 min too soon after");
  await page.getByRole("button", { name: "Cancel" }).first().click();
  await page.getByRole("button", { name: "Find free time" }).click();
  await expect(said).toHaveText("Company 2, 06:19, 5 min after company 1");
  await page.getByText("Not sooner, because:").click();
  await expect(page.locator(".whynot li").first()).toContainText("1 min too soon after Nets integration, company 1");
  await page.getByRole("button", { name: "Move to 06:19" }).click();
  await expect(page.getByTestId("plan-said")).toHaveText("1 job moved.");
  expect(await times(page, sandbox, two)).toEqual(["06:19"]);
  await expect(page.locator("#plan-undo")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("plan-said")).toContainText("Undone");
  expect(await times(page, sandbox, two)).toEqual(["06:30"]);

  // the pointer: ten minutes to the left, from where it is drawn again
  await expect(bar(page, two)).toHaveAttribute("aria-valuetext", /^06:30/);
  const from = (await bar(page, two).boundingBox())!;
  const wide = (await page.locator("svg.zoomed").boundingBox())!.width;
  const [x, y] = [from.x + from.width / 2, from.y + from.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - (wide / 430) * (382 / 60) * 10, y, { steps: 8 });
  await page.mouse.up();
  await expect(said).toContainText("Company 2, 06:20");
  await page.getByRole("button", { name: "Move to 06:20" }).click();
  await expect(page.getByTestId("plan-said")).toHaveText("1 job moved.");
  expect(await times(page, sandbox, two)).toEqual(["06:20"]);

  // the keyboard to a free time
  await expect(bar(page, two)).toHaveAttribute("aria-valuetext", /^06:20/);
  await bar(page, two).focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
  await expect(said).toContainText("Company 2, 06:23");
  await page.keyboard.press("Enter");
  await expect.poll(() => times(page, sandbox, two)).toEqual(["06:23"]);
  await expect(page.locator("#plan-undo")).toBeFocused();

  // a typed time
  await expect(bar(page, two)).toHaveAttribute("aria-valuetext", /^06:23/);
  await bar(page, two).focus();
  await page.keyboard.press("Enter");
  await page.getByTestId("new-time").fill("06:26");
  await page.getByRole("button", { name: "Move to 06:26" }).click();
  await expect.poll(() => times(page, sandbox, two)).toEqual(["06:26"]);
  await expect(page.locator("#plan-undo")).toBeFocused();

  // a fixed time is never moved: it stands in the picture, and a spread goes round it
  await expect(page.getByRole("img", { name: "company 3, 06:40" })).toBeVisible();
  await expect(bar(page, fixed)).toHaveCount(0);
  await page.getByText("Spread, what if").click();
  await page.locator("#spread-from").fill("06:00");
  await page.locator("#spread-to").fill("07:00");
  await page.getByRole("button", { name: "Spread", exact: true }).click();
  await page.getByTestId("spread-answer").getByRole("button", { name: /^Respace/ }).click();
  await expect.poll(() => times(page, sandbox, two)).toEqual(["06:19"]);
  expect(await times(page, sandbox, fixed)).toEqual(["06:40"]);
  const move = { job: fixed, version: 1, from: "06:40", to: "08:00", gap: null, set_gap: false };
  const refused = await sandbox.call(page, "move_jobs", { office: "sandbox", moves: [move], despite: "please" });
  expect([refused.status, refused.body.detail]).toEqual([409, `The time of job ${fixed} is fixed.`]);
  expect(await times(page, sandbox, fixed)).toEqual(["06:40"]);
});

quiet("[J28.2] what if: a holiday, a downtime, and both nights in which the clocks change; nothing is another for it", async ({ sandbox, page, browser }) => {
  await office(page, sandbox, "1", "2", "3");
  const on = (company: string, at: string, more: object) => nets(company, at, 4, { schedule: { zone: "Europe/Brussels", days: DAILY, at: [at], ...more } });
  await job(page, sandbox, on("1", "06:00", { holidays: { calendar: "BE", action: "skip" } }));
  await job(page, sandbox, on("2", "06:10", { holidays: { calendar: "BE", action: "next_working_day" } }));
  await job(page, sandbox, on("3", "02:30", {}));
  const closes = sandbox.clock.minute(100 * HOUR);
  await sandbox.announce(await sandbox.person(await browser.newContext(), "admin_sandbox"), closes, { until: closes + HOUR }, "sandbox");
  const today = local(sandbox.clock.now()).day;
  const stands = async () => {
    const of = async (call: string, data = {}) => (await sandbox.call(page, call, { office: "sandbox", ...data })).body;
    const { lines } = await of("jobs", { ask: {} });
    expect(lines).toHaveLength(3);
    const { standing } = await sandbox.as("admin_sandbox", (call) => call("downtime", { office: "sandbox" }));
    expect(standing).toHaveLength(1);
    return JSON.stringify([lines.map((l: any) => [l.id, l.version, l.next]), await of("blocked"), await of("hours"), standing]);
  };
  const before = await stands();
  await sandbox.open(page, "/o/sandbox/jobs");
  await page.getByText("Spread, what if").click();
  const form = page.locator("#what-if");
  const answer = page.getByTestId("what-if-answer");
  const holiday = next(today, (d) => d.getUTCMonth() === 6 && d.getUTCDate() === 21);
  const working = [1, 2, 3].map((n) => after(holiday, n)).find((d) => ![0, 6].includes(new Date(d).getUTCDay()))!;
  await form.locator("#what-day").fill(holiday);
  await form.getByRole("button", { name: "Think it through" }).click();
  await expect(answer).toContainText(words(holiday, true));
  await expect(answer).toContainText("Nets integration, company 1, 06:00: 1 run goes away");
  await expect(answer).toContainText(`Nets integration, company 2, 06:10: moves to ${words(working)} 06:10`);
  await expect(answer).toContainText("Nets integration, company 3, 02:30: runs all the same");

  await form.getByRole("combobox").selectOption("downtime");
  await form.locator("#what-day").fill(after(today, 2));
  await form.locator("#what-from").fill("06:05");
  await form.locator("#what-minutes").fill("10");
  await form.getByRole("button", { name: "Think it through" }).click();
  await expect(answer.locator("li")).toHaveText(["Nets integration, company 2, 06:10: falls into it; free at 06:16"]);

  const nights: Record<string, string> = {};
  for (const which of ["clocks", "clocks_then"]) {
    await form.getByRole("combobox").selectOption(which);
    await form.getByRole("button", { name: "Think it through" }).click();
    await expect(answer.locator(".pill")).toBeVisible();
    nights[(await answer.locator(".pill").textContent())!.slice(0, 8)] = (await answer.textContent())!;
  }
  expect(Object.keys(nights).sort()).toEqual(["23 hours", "25 hours"]);
  // the last Sunday of March
  const forward = next(today, (d) => d.getUTCMonth() === 2 && d.getUTCDay() === 0 && d.getUTCDate() > 24);
  expect(nights["23 hours"]).toContain(`company 3, 02:30: moves to ${words(forward)} 03:00`);
  expect(nights["25 hours"]).toContain("Nothing changes.");
  expect(await stands()).toBe(before);
  // such a day is marked in the picture too
  await sandbox.open(page, `/o/sandbox/jobs?day=${forward}&family=nets_integration&zoom=01:00-04:00`);
  await expect(page.locator(".dayplan header .pill.plan")).toHaveText("23 hours: the clocks go forward");
  await expect(page.locator('g[data-start="03:00"]')).toHaveCount(1);
});

test("[J31.1] the plan of the source's own procedures contradicts itself, and the picture says where", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "operator_no");
  // the last company's job is on hold in the demo: with it they are the twelve of the source
  const all = (await sandbox.call(page, "jobs", { office: "kristiansand", ask: { kind: "nets_integration", company: "95" } })).body.lines;
  expect(all).toHaveLength(1);
  const queued = await sandbox.call(page, "do_job", { office: "kristiansand", id: all[0].id, version: all[0].version, verb: "queue", why: "for the picture" });
  expect(queued.status, JSON.stringify(queued.body)).toBe(200);
  // a working day from Monday to Friday that is not today
  const monday = [1, 2, 3, 4, 5, 6, 7].map(day).find((d) => new Date(`${d}T12:00:00Z`).getUTCDay() === 1)!;
  await sandbox.open(page, `${KRISTIANSAND}?day=${monday}`);
  const cards = page.getByTestId("problem-cards").locator("li");
  await expect(cards).toHaveCount(3);

  const backup = cards.filter({ hasText: "Inside: Backup" });
  await expect(backup).toContainText("Invoice status, company 1, starts at 23:00; blocked from 23:00 to 23:45 (IT)");
  await expect(backup.getByRole("button")).toHaveText("Move to 23:46");

  const nets = cards.filter({ hasText: "12 jobs do not fit" }).filter({ hasText: "Nets integration" });
  await expect(nets).toContainText(/Nets integration needs (9\d|1\d\d) min with its gaps; 06:00 to 07:00 has 60\. The last would end at \d\d:\d\d/);
  await expect(nets.getByRole("button")).toHaveText(/^Until \d\d:\d\d$/);

  const posting = await card(page, /hvert 30. minutt and .*kl. 07.30 both start at 07:30|kl. 07.30 and .*hvert 30. minutt both start at 07:30/);
  await expect(posting.getByRole("button")).toHaveText(/Move to \d\d:\d\d/);
  const eight = await card(page, /company 8 and company 75 both start at 06:38|company 75 and company 8 both start at 06:38/);
  await expect(eight).toContainText("Same minute");
  await expect(eight.getByRole("button")).toHaveText(/Move 75 to \d\d:\d\d/);

  await backup.getByRole("button", { name: "Move to 23:46" }).click();
  await expect(page.getByTestId("plan-said")).toHaveText("1 job moved.");
  await expect(page.locator(".chk li").filter({ hasText: "Inside: Backup" })).toHaveCount(0);
});

test("the plan, the windows and the hours pass the accessibility check in both themes and sizes, and read on a phone", async ({ sandbox, page }) => {
  // twelve looks at pages of a thousand elements
  test.slow();
  await sandbox.signIn(page, "operator_no");
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
      await page.setViewportSize(size);
      for (const path of [KRISTIANSAND, `${KRISTIANSAND}/blocked`, `${KRISTIANSAND}/hours`]) {
        await sandbox.open(page, path);
        await axe(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(wide, `${path} at ${size.width} is not wider than the screen`).toBeLessThanOrEqual(0);
      }
    }
  }
  await page.setViewportSize({ width: 390, height: 844 });
  // a working day, whatever day it is: most jobs of the program server rest at the weekend
  const monday = [1, 2, 3, 4, 5, 6, 7].map(day).find((d) => new Date(`${d}T12:00:00Z`).getUTCDay() === 1)!;
  await sandbox.open(page, `${KRISTIANSAND}?day=${monday}`);
  // problems first, then the day in order
  const cards = (await page.getByTestId("problem-cards").boundingBox())!;
  const list = (await page.getByRole("list", { name: "Day plan as a list" }).boundingBox())!;
  expect(cards.y).toBeLessThan(list.y);
  const clocks = await page.locator(".agenda time").allTextContents();
  expect(clocks).toEqual([...clocks].sort());
  expect(clocks.length).toBeGreaterThan(10);
});
