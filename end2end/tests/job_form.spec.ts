/** Setting up each kind of job as the program server's procedures do it (J8, J11 to J23). */
import { expect, type Page } from "@playwright/test";
import { axe, watchErrors } from "./support";
import { after, instant, local, quiet as test, test as clockTest } from "./clock";
import { alive } from "./sandbox";
import { act, apply, begin, claimRuns, companies, desk, form, line, numbers, ran, setUp } from "./jobs";

clockTest.use({ viewport: { width: 1440, height: 900 } });

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const preview = (page: Page) => page.getByTestId("preview");

test("[J12.2] details: Apply keeps them open, OK closes them to the console, errors stand at their field and nothing typed is lost", async ({ sandbox, page }) => {
  const errors = watchErrors(page);
  await companies(sandbox, "1", "8");
  await sandbox.signIn(page, "operator_sandbox");
  await begin(sandbox, page, "Nets integration");

  // everything that is wrong is said at once, at its place
  await page.getByLabel("Description").fill(" ");
  await page.getByLabel("Start time", { exact: true }).fill("");
  await page.getByLabel("Estimated minutes a run takes").fill("0");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.locator("#time-0-note")).toHaveText("Give a time.");
  await expect(page.locator("#time-0")).toBeFocused();
  // of several the one that is not there
  await page.getByRole("radio", { name: "Several times a day" }).check();
  await page.getByLabel("Start time 1").fill("06:38");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.locator("#time-1-note")).toHaveText("Give a time.");
  await expect(page.locator("#time-1")).toBeFocused();
  await expect(page.locator("#time-0")).toHaveAttribute("aria-invalid", "false");
  await expect(page.getByLabel("Start time 1")).toHaveValue("06:38");
  await page.getByRole("radio", { name: "Once a day" }).check();
  await page.getByLabel("Start time", { exact: true }).fill("06:38");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.locator("#description-note")).toHaveText("Fill this in.");
  await expect(page.locator("#company-note")).toHaveText("Choose one company.");
  await expect(page.locator("#param-integration-note")).toHaveText("Fill this in.");
  await expect(page.locator("#estimate-note")).toContainText("1");
  await expect(page.getByLabel("Description")).toBeFocused();
  await expect(page.getByLabel("Start time", { exact: true })).toHaveValue("06:38");
  await expect(page.getByLabel("Estimated minutes a run takes")).toHaveValue("0");
  await axe(page);

  await page.getByLabel("Description").fill("Nets for the library");
  await page.getByLabel("Company", { exact: true }).selectOption("8");
  await page.getByLabel("Integration", { exact: true }).fill("Nets");
  await page.getByLabel("Estimated minutes a run takes").fill("4");
  const id = await apply(page);
  await expect(page.getByRole("status").filter({ hasText: `Job ${id} is set up.` })).toBeVisible();
  await expect(page.getByLabel("Description")).toHaveValue("Nets for the library");
  await expect(page.getByLabel("Start time", { exact: true })).toHaveValue("06:38");

  // Apply: it stays
  await page.getByLabel("Start time", { exact: true }).fill("06:42");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`/jobs/${id}$`));
  await expect(page.getByTestId("next-ten").locator("li").first()).toContainText("06:42");
  // OK: back to the console, with what was changed
  await page.getByLabel("Start time", { exact: true }).fill("06:44");
  await page.getByRole("button", { name: "OK", exact: true }).click();
  await expect(page).toHaveURL(/\/jobs$/);
  await expect(line(page, id)).toContainText("Daily, 06:44");
  // Cancel: nothing is changed
  await line(page, id).getByRole("link", { name: /^Open/ }).click();
  await alive(page);
  await page.getByLabel("Start time", { exact: true }).fill("01:01");
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(line(page, id)).toContainText("Daily, 06:44");
  expect(errors.filter((e) => !e.includes("422"))).toEqual([]);
});

test("[J12.1] description, user, status, date and time and the interval are changed: Apply keeps the details open, OK closes them, Cancel changes nothing", async ({ sandbox, page }) => {
  await companies(sandbox, "1");
  await sandbox.signIn(page, "operator_sandbox");
  const id = await setUp(sandbox, page, form("nets_integration", "1", "06:00"));
  const fields = async (description: string, user: string, time: string) => {
    await page.getByLabel("Description").fill(description);
    await page.getByLabel("Run-as user").fill(user);
    await page.getByLabel("Start time", { exact: true }).fill(time);
  };
  const kept = async (description: string, user: string, schedule: Record<string, unknown>) => {
    expect((await desk(sandbox, page, "job", { id })).form).toMatchObject({ description, run_as: user, schedule });
  };
  const open = () => sandbox.open(page, `/o/sandbox/jobs/${id}`);
  await open();
  await fields("Nets, applied", "PROGRAMSERVERBRUKER INNKJØP", "06:20");
  await page.getByText("Advanced").click();
  await page.getByLabel("Starts on").fill("2031-05-05");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`/jobs/${id}$`));
  await expect(page.getByLabel("Description")).toHaveValue("Nets, applied");
  await kept("Nets, applied", "PROGRAMSERVERBRUKER INNKJØP", { at: ["06:20"], starts_on: "2031-05-05" });
  await expect(page.getByTestId("next-ten").locator("li").first()).toContainText(/5 May 2031.*06:20/);

  // the status, and an interval of another kind
  await page.getByRole("button", { name: "Put on hold" }).click();
  await page.getByRole("dialog").getByLabel("Why (others read it)").fill("Audit");
  await page.getByTestId("confirm").click();
  await expect(page.locator("#now").getByTestId("job-status")).toHaveText("On hold");
  await page.getByRole("button", { name: "Put back in the queue" }).click();
  await expect(page.locator("#now").getByTestId("job-status")).toHaveText("Queued");
  await page.getByRole("radio", { name: "Weekly on chosen days" }).check();
  await fields("Nets, closed", "PROGRAMSERVERBRUKER ØKONOMI", "07:10");
  await page.getByRole("button", { name: "OK", exact: true }).click();
  await expect(page).toHaveURL(/\/jobs$/);
  await expect(line(page, id)).toContainText("Nets, closed");
  await expect(line(page, id).locator(".j3")).toContainText("Mon to Fri, 07:10");
  await kept("Nets, closed", "PROGRAMSERVERBRUKER ØKONOMI", { days: ["mon", "tue", "wed", "thu", "fri"], at: ["07:10"] });

  const before = await desk(sandbox, page, "job", { id });
  await open();
  await fields("Nets, not at all", "Nobody", "23:59");
  await page.getByRole("radio", { name: "Every hour within working hours" }).check();
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(page).toHaveURL(/\/jobs$/);
  await expect(line(page, id)).toContainText("Nets, closed");
  const after = await desk(sandbox, page, "job", { id });
  expect([after.form, after.line.version]).toEqual([before.form, before.line.version]);
});

test("[J12.2] when a colleague saves meanwhile, what was typed stays, and theirs can be taken", async ({ sandbox, page, browser }) => {
  await companies(sandbox, "1");
  await sandbox.signIn(page, "operator_sandbox");
  const id = await setUp(sandbox, page, form("nets_integration", "1", "06:00"));
  await sandbox.open(page, `/o/sandbox/jobs/${id}`);
  await page.getByLabel("Description").fill("Mine");
  const { line: was, form: kept } = await desk(sandbox, page, "job", { id });
  const colleague = await sandbox.person(await browser.newContext(), "admin_sandbox");
  await desk(sandbox, colleague, "save_job", { id, version: was.version, form: { ...kept, description: "Theirs" }, despite: null, confirmed: true });
  const theirs = page.getByTestId("theirs");
  await expect(theirs).toContainText("Somebody else has changed this job");
  await expect(theirs).toContainText(/Ada Baas saved it at 12:\d\d\./);
  await expect(page.getByLabel("Description")).toHaveValue("Mine");
  // saved without a look, it is refused
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: "Somebody else has changed this job meanwhile." })).toBeVisible();
  await expect(page.getByLabel("Description")).toHaveValue("Mine");
  await axe(page);
  await theirs.getByRole("button", { name: "Load theirs" }).click();
  await expect(page.getByLabel("Description")).toHaveValue("Theirs");
  await page.getByLabel("Description").fill("Both");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
  expect((await desk(sandbox, page, "job", { id })).form.description).toBe("Both");
});

clockTest("[J13.1] the extended interval: each rhythm with its next ten times, and the two nights when clocks change", async ({ watch: sandbox, page }) => {
  // a Wednesday, so that the days of each rhythm are known
  const today = local(sandbox.clock.now()).day;
  const wednesday = after(today, (3 - new Date(today).getUTCDay() + 7) % 7 || 7);
  await sandbox.clock.set(instant(wednesday, "12:05"));
  await companies(sandbox, "1");
  await sandbox.signIn(page, "operator_sandbox");
  await begin(sandbox, page, "Nets integration");
  await page.getByLabel("Company", { exact: true }).selectOption("1");
  await page.getByLabel("Integration", { exact: true }).fill("Nets");
  const choose = (name: string) => page.getByRole("radio", { name, exact: true }).check();
  const id = await (async () => {
    await page.getByLabel("Start time", { exact: true }).fill("16:00");
    return apply(page);
  })();
  /** The ten times that are shown: of so many days after that Wednesday, each. */
  const tenTimes = async (...wanted: [number, ...string[]][]) => {
    const all = wanted.flatMap(([days, ...times]) => times.map((time) => `${after(wednesday, days)} ${time}`));
    expect(all).toHaveLength(10);
    const shown = async () => {
      const ats = await preview(page).locator("li time").evaluateAll((times) => times.map((t) => Date.parse(t.getAttribute("datetime")!)));
      return ats.map((at) => `${local(at).day} ${local(at).clock}`);
    };
    await expect.poll(shown).toEqual(all);
  };
  const onceOn = (time: string, ...days: number[]) => tenTimes(...days.map((day): [number, string] => [day, time]));
  const says = async (words: string) => {
    await page.getByRole("button", { name: "OK", exact: true }).click();
    await expect(line(page, id).locator(".j3")).toContainText(words);
    await line(page, id).getByRole("link", { name: /^Open/ }).click();
    await alive(page);
    await expect(preview(page).locator("li")).toHaveCount(10);
  };
  await says("Daily, 16:00");
  await onceOn("16:00", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);

  await choose("Several times a day");
  await page.getByLabel("Start time 1").fill("16:00");
  await page.getByLabel("Start time 2").fill("04:00");
  await tenTimes([0, "16:00"], [1, "04:00", "16:00"], [2, "04:00", "16:00"], [3, "04:00", "16:00"], [4, "04:00", "16:00"], [5, "04:00"]);
  await says("Daily, 04:00, 16:00");

  await choose("Every hour within working hours");
  await expect(page.getByText("Working hours 07:00 to 16:00")).toBeVisible();
  await tenTimes([0, "13:00", "14:00", "15:00", "16:00"], [1, "07:00", "08:00", "09:00", "10:00", "11:00", "12:00"]);
  await says("Mon to Fri, hourly, 07:00 to 16:00");
  await expect(page.getByRole("radio", { name: "Every hour within working hours" })).toBeChecked();

  await choose("Every 30 minutes within working hours");
  await tenTimes([0, "12:30", "13:00", "13:30", "14:00", "14:30", "15:00", "15:30", "16:00"], [1, "07:00", "07:30"]);
  await says("Mon to Fri, every 30 min, 07:00 to 16:00");

  await choose("Weekly on chosen days");
  // Monday to Friday, as it begins; then two of them
  await page.getByLabel("Start time", { exact: true }).fill("08:00");
  await onceOn("08:00", 1, 2, 5, 6, 7, 8, 9, 12, 13, 14);
  expect(new Set((await preview(page).locator("li").allTextContents()).map((t) => t.trim().slice(0, 3)))).toEqual(new Set(["Mon", "Tue", "Wed", "Thu", "Fri"]));
  for (const day of ["Tue", "Thu", "Fri"]) await page.getByLabel(day, { exact: true }).uncheck();
  await onceOn("08:00", 5, 7, 12, 14, 19, 21, 26, 28, 33, 35);
  await says("Mon, Wed, 08:00");

  // 07:00 / 120 / 09:00: two runs a day
  await choose("Every so many minutes in a window");
  await page.getByLabel("Minutes between runs").fill("120");
  await page.getByLabel("First run").fill("07:00");
  await page.getByLabel("Last run at the latest").fill("09:00");
  await tenTimes([5, "07:00", "09:00"], [7, "07:00", "09:00"], [12, "07:00", "09:00"], [14, "07:00", "09:00"], [19, "07:00", "09:00"]);
  await says("Mon, Wed, every 2 hours, 07:00 to 09:00");

  // at half past two: the spring night has no such time, the autumn night has it twice
  await choose("Once a day");
  await page.getByLabel("Start time", { exact: true }).fill("02:30");
  await expect(preview(page).locator('[data-night="spring"]')).toContainText("Runs that night: 03:00");
  await expect(preview(page).locator('[data-night="autumn"] .soft')).toHaveText("Runs that night: 02:30");
  await page.getByLabel("Start time", { exact: true }).fill("12:00");
  await expect(preview(page).locator('[data-night="spring"]')).toContainText("No run near it.");

  // what only few need, and what makes no sense
  await page.getByText("Advanced").click();
  await page.getByLabel("Days of the month").fill("first");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.locator("#month-days-note")).toContainText("Days from 1 to 31");
  await page.getByLabel("Days of the month").fill("1, -1");
  const starts = after(wednesday, 40);
  await page.getByLabel("Starts on").fill(starts);
  await page.getByLabel("Ends on").fill(after(starts, -1));
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.locator("#ends-note")).toHaveText("The last day is before the first.");
  await page.getByLabel("Ends on").fill("");
  await page.getByLabel("Holidays of").selectOption("NO");
  await page.getByLabel("On a holiday").selectOption({ label: "it runs the next working day" });
  await says("Daily, 12:00");
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(line(page, id).locator(".j3")).toContainText(`on day 1, the last of the month, from Mon ${Number(starts.slice(8))} ${MONTHS[Number(starts.slice(5, 7)) - 1]} ${starts.slice(0, 4)}, on holidays the next working day (NO)`);
});

test("[J8.1] a job whose output has no server path, or one that leads out of it, is refused with that reason, and is not set up", async ({ sandbox, page }) => {
  await companies(sandbox, "1");
  await sandbox.signIn(page, "operator_sandbox");
  await begin(sandbox, page, "AutoPay remittance");
  await page.getByLabel("Company", { exact: true }).selectOption("1");
  await page.getByLabel("Server path").fill("");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.locator("#path-0-note")).toHaveText("Set up the server path first.");
  await expect(page.getByLabel("Server path")).toBeFocused();
  await page.getByLabel("Server path").fill("../AUTOPAY");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.locator("#path-0-note")).toContainText("does not lead out of it");
  await expect(page).toHaveURL(/\/jobs\/new/);
  expect((await desk(sandbox, page, "jobs", { ask: {} })).total).toBe(0);
  await page.getByLabel("Server path").fill("AUTOPAY");
  await apply(page);
});

test("the service user is proposed, a person is warned of, and a run shows afterwards as the program server's", async ({ sandbox, page, browser }) => {
  await companies(sandbox, "1");
  await sandbox.signIn(page, "operator_sandbox");
  await begin(sandbox, page, "Nets integration");
  await page.getByLabel("Company", { exact: true }).selectOption("1");
  await page.getByLabel("Integration", { exact: true }).fill("Nets");
  await expect(page.getByLabel("Run-as user")).toHaveValue("PROGRAMSERVERBRUKER ØKONOMI");
  await page.getByLabel("Run-as user").fill("Olav Post");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.getByTestId("confirm-first")).toContainText("It would run as you.");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByTestId("verbs")).toBeVisible();
  // afterwards it is changed from the person to the service user
  const people = page.getByTestId("people");
  await expect(people.locator('[data-who="run-as"]')).toHaveText("Olav Post");
  const admin = await (await browser.newContext()).newPage();
  await sandbox.signIn(admin, "admin_sandbox");
  await sandbox.open(admin, new URL(page.url()).pathname);
  await admin.getByLabel("Run-as user").fill("PROGRAMSERVERBRUKER ØKONOMI");
  await admin.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(people.locator('[data-who="run-as"]')).toHaveText("PROGRAMSERVERBRUKER ØKONOMI");
  await expect(people.locator('[data-who="created"]')).toContainText("Olav Post");
  await expect(people.locator('[data-who="edited"]')).toContainText("Ada Baas");
  await page.getByRole("button", { name: "Run now" }).click();
  const [task] = await claimRuns(sandbox);
  expect(task!.payload.run_as).toBe("PROGRAMSERVERBRUKER ØKONOMI");
  await sandbox.report(task!, ran({ sent: 3, received: 2, rejected: 0 }));
  await page.locator("li[data-run] a").first().click();
  await expect(page.locator('[data-who="run-as"]')).toHaveText("PROGRAMSERVERBRUKER ØKONOMI");
});

test("[J14.1] incoming invoices from the access point: one job for each integration, Monday to Friday", async ({ sandbox, page }) => {
  await companies(sandbox, "1");
  await sandbox.signIn(page, "operator_sandbox");
  for (const [integration, at] of [["Aksesspunkt", "08:00"], ["EHF-arkiv", "08:30"]] as const) {
    await begin(sandbox, page, "Incoming invoices");
    await page.getByLabel("Company", { exact: true }).selectOption("1");
    await page.getByLabel("Integration", { exact: true }).fill(integration);
    await page.getByLabel("Start time", { exact: true }).fill(at);
    await expect(page.getByLabel("Description")).toHaveValue(`Inng_fakt_${integration}_selskap 1`);
    await expect(page.getByLabel("Run-as user")).toHaveValue("PROGRAMSERVERBRUKER INNKJØP");
    await expect(page.getByRole("radio", { name: "Weekly on chosen days" })).toBeChecked();
    await page.getByRole("button", { name: "OK", exact: true }).click();
    await expect(page.locator("tr[data-job]").last()).toContainText(`Inng_fakt_${integration}_selskap 1`);
    await expect(page.locator("tr[data-job]").last().locator(".j3")).toContainText(`Mon to Fri, ${at}`);
    await expect(page.locator("tr[data-job]").last()).toContainText("Invoicing");
    await expect(page.locator("tr[data-job]").last().locator(".j4")).toContainText("PROGRAMSERVERBRUKER INNKJØP");
  }
  await expect(page.locator("tr[data-job]")).toHaveCount(2);
});

test("[J16.1] outgoing invoices per company at 16:00 and 04:00, their status about 23:00; what came back is to follow up", async ({ sandbox, page }) => {
  await companies(sandbox, "1", "2");
  await sandbox.signIn(page, "operator_sandbox");
  await begin(sandbox, page, "Outgoing invoices");
  await expect(page.getByText("Sends invoices once they are marked distributed, and fetches the channel they really took.")).toBeVisible();
  await page.getByLabel("Company", { exact: true }).selectOption("1");
  await page.getByLabel("Integration", { exact: true }).fill("Utgående");
  await expect(page.getByLabel("Start time 1")).toHaveValue("04:00");
  await expect(page.getByLabel("Start time 2")).toHaveValue("16:00");
  const sending = await apply(page);
  await expect(page.getByTestId("next-ten")).toContainText("16:00");
  await expect(page.getByTestId("next-ten")).toContainText("04:00");

  const status: number[] = [];
  for (const [company, at] of [["1", "23:00"], ["2", "22:30"]] as const) {
    await begin(sandbox, page, "Invoice status");
    await page.getByLabel("Company", { exact: true }).selectOption(company);
    await page.getByLabel("Integration", { exact: true }).fill("Status");
    await expect(page.getByLabel("Start time", { exact: true })).toHaveValue("23:00");
    await page.getByLabel("Start time", { exact: true }).fill(at);
    status.push(await apply(page));
    expect((await desk(sandbox, page, "job", { id: status.at(-1) })).form.companies).toEqual([company]);
  }
  await sandbox.open(page, "/o/sandbox/jobs");
  await expect(line(page, status[0]!).locator(".j3")).toContainText("Daily, 23:00");
  await expect(line(page, status[1]!).locator(".j3")).toContainText("Daily, 22:30");
  await act(sandbox, page, sending, "run_now");
  const [sent] = await claimRuns(sandbox);
  expect(sent!.payload.job_kind).toBe("outgoing_invoices");
  await sandbox.report(sent!, ran({ sent: 41, channel_fetched: 40 }));
  await act(sandbox, page, status[0]!, "run_now");
  const [returned] = await claimRuns(sandbox);
  await sandbox.report(returned!, ran({ returned_post: 2, returned_email: 1 }, "Invoice 90017: address unknown"));

  await sandbox.open(page, "/o/sandbox/jobs/runs");
  const rows = page.locator("tr[data-run]");
  await expect(rows.filter({ hasText: "Outgoing invoices" })).toContainText("40 channels fetched, 41 sent");
  const back = rows.filter({ hasText: "Invoice status" });
  await expect(back.locator(".cnt.act")).toHaveText(["1 returned by e-mail", "2 returned by post"]);
  await back.getByRole("link").nth(1).click();
  await expect(page.locator("tr[data-company='1'] .logtext")).toHaveText("Invoice 90017: address unknown");
});

test("Nets integration per company between 06:00 and 07:00, each at its own time with a gap after it", async ({ sandbox, page }) => {
  await companies(sandbox, "1", "2", "3");
  await sandbox.signIn(page, "operator_sandbox");
  const made: number[] = [];
  for (const [company, at, gap] of [["1", "06:00", "10"], ["2", "06:18", "4"], ["3", "06:26", "4"]] as const) {
    await begin(sandbox, page, "Nets integration");
    await page.getByLabel("Company", { exact: true }).selectOption(company);
    await page.getByLabel("Integration", { exact: true }).fill("Nets");
    await page.getByLabel("Start time", { exact: true }).fill(at);
    await page.getByLabel("Minutes to keep free after it").fill(gap);
    await expect(page.getByLabel("Description")).toHaveValue(`Nets_selskap ${company}`);
    made.push(await apply(page));
  }
  await sandbox.open(page, "/o/sandbox/jobs?sort=schedule");
  expect(await numbers(page)).toEqual(made);
  await expect(page.locator("tr[data-job] .j3")).toHaveText([/^Daily, 06:00/, /^Daily, 06:18/, /^Daily, 06:26/]);
  const kept = await desk(sandbox, page, "job", { id: made[0] });
  expect(kept.form.gap_minutes).toBe(10);
  await act(sandbox, page, made[1]!, "run_now");
  const [task] = await claimRuns(sandbox);
  expect(task!.dossier.code).toBe("2");
  await sandbox.report(task!, ran({ sent: 1, received: 1, rejected: 2 }));
  await expect(line(page, made[1]!).locator(".j5")).toContainText(/\d/);
});

test("[J18.1, J18.2] transfer of invoices for a selection of companies: no e-mail recipient is a warning to be confirmed, not an error", async ({ sandbox, page }) => {
  await companies(sandbox, "1", "2", "3");
  await sandbox.signIn(page, "operator_sandbox");
  await begin(sandbox, page, "Transfer invoices");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  // the warning comes first here, the broken rule after it is read
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.locator("#companies-note")).toHaveText("Choose at least one company.");
  await page.getByRole("checkbox", { name: /Company 1/ }).check();
  await page.getByRole("checkbox", { name: /Company 3/ }).check();
  await page.getByLabel("Description").fill("Overføring av fakturaer alle selskap 2026");
  await expect(page.getByRole("radio", { name: "Every hour within working hours" })).toBeChecked();
  await expect(page.getByLabel("Run-as user")).toHaveValue("PROGRAMSERVERBRUKER INNKJØP");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  const first = page.getByTestId("confirm-first");
  await expect(first).toContainText("No e-mail recipient is given.");
  await expect(first).toBeFocused();
  await axe(page);
  expect((await desk(sandbox, page, "jobs", { ask: {} })).total).toBe(0);
  await first.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByTestId("verbs")).toBeVisible();
  await expect(page.getByTestId("context")).toContainText("2 companies");
  // with a recipient there is nothing to confirm
  await page.getByLabel("E-mail to").fill("regnskap@example.no");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
});

test("[J19.1, J19.2] posting of vouchers for all companies every 30 minutes in working hours, and at 07:30; output on the server's path", async ({ sandbox, page }) => {
  await companies(sandbox, "1", "2", "75");
  await sandbox.signIn(page, "operator_sandbox");
  await begin(sandbox, page, "Post vouchers");
  await page.getByRole("button", { name: "All companies" }).click();
  await expect(page.getByLabel("Registered by")).toHaveValue("A - ÅÅÅÅÅÅÅÅ");
  await expect(page.getByLabel("Server path")).toHaveValue("REGNSKAP");
  await expect(page.getByLabel("File name")).toHaveValue("Rapport.txt");
  await expect(page.getByLabel("File format")).toHaveValue("DEFAULT");
  await expect(page.getByRole("radio", { name: "Every 30 minutes within working hours" })).toBeChecked();
  const half = await apply(page);
  await expect(page.getByTestId("context")).toContainText("all companies");

  await sandbox.open(page, `/o/sandbox/jobs/new?from=${half}`);
  await page.getByRole("radio", { name: "Weekly on chosen days" }).check();
  await page.getByLabel("Start time", { exact: true }).fill("07:30");
  await page.getByLabel("Description").fill("Postere bilag 07.30");
  await page.getByRole("button", { name: "OK", exact: true }).click();
  // half past seven is a time of the other one, too: it may stand there with a reason (J3)
  const clash = page.getByTestId("clash");
  await clash.getByRole("button", { name: "Set up all the same" }).click();
  await expect(clash.locator("small.error")).toHaveText("Fill this in.");
  await clash.getByLabel("Why it may stand there all the same").fill("The first posting of the day must be early.");
  await clash.getByRole("button", { name: "Set up all the same" }).click();
  const early = page.locator("tr[data-job]").last();
  await expect(early.locator(".j3")).toContainText("Mon to Fri, 07:30");
  await expect(line(page, half).locator(".j3")).toContainText("Mon to Fri, every 30 min, 07:00 to 16:00");
  const second = Number(await early.getAttribute("data-job"));

  await act(sandbox, page, half, "run_now");
  const tasks = await claimRuns(sandbox);
  expect(tasks.map((t) => t.dossier.code).sort()).toEqual(["1", "2", "75"]);
  for (const t of tasks) {
    expect(t.payload.params).toMatchObject({ registered_by: "A - ÅÅÅÅÅÅÅÅ" });
    expect(t.payload.outputs).toEqual([{ what: "report", path: "REGNSKAP", file: "Rapport.txt", format: "DEFAULT", email: "" }]);
    await sandbox.report(t, ran({ posted: 5, left: 0 }, "", t.payload.outputs));
  }
  await sandbox.open(page, "/o/sandbox/jobs/runs");
  await expect(page.locator("tr[data-run]").first()).toContainText("15 posted");
  await page.locator("tr[data-run] .j3 a").first().click();
  await expect(page.locator("tr[data-company='75'] .files")).toContainText("REGNSKAP/Rapport.txt");

  await act(sandbox, page, second, "run_now");
  const again = await claimRuns(sandbox);
  expect(again.map((t) => [t.payload.job, t.dossier.code]).sort()).toEqual([[second, "1"], [second, "2"], [second, "75"]]);
  for (const t of again) expect(t.payload.params).toMatchObject({ registered_by: "A - ÅÅÅÅÅÅÅÅ" });
});

test("[J20.1, J22.1] exchange rates and settlement returns run once for all companies of the list that the module rules keep", async ({ sandbox, page }) => {
  await companies(sandbox, "1", "2", "3");
  await sandbox.signIn(page, "operator_sandbox");
  await begin(sandbox, page, "Exchange rates");
  await expect(page.getByTestId("listed")).toContainText("0 companies, kept in the kind’s list (module rules).");
  await page.getByTestId("listed").getByRole("link", { name: "Change the list" }).click();
  const list = page.getByTestId("kind-list");
  await expect(list.getByRole("heading")).toHaveText("Companies of “Exchange rates”");
  await list.getByRole("checkbox", { name: /Company 1/ }).check();
  await list.getByRole("checkbox", { name: /Company 3/ }).check();
  await list.getByRole("button", { name: "Save the list" }).click();
  await expect(list.getByRole("status")).toHaveText("The list is saved.");
  await expect(page.locator('tr[data-kind="exchange_rates"]')).toContainText("List: 2");
  await page.locator('tr[data-kind="exchange_rates"]').getByRole("link", { name: /Set up/ }).click();
  await expect(page.getByTestId("listed")).toContainText("2 companies");
  const rates = await apply(page);
  await expect(page.getByTestId("context")).toContainText("the kind’s list");
  await act(sandbox, page, rates, "run_now");
  const tasks = await claimRuns(sandbox);
  expect(tasks.map((t) => t.dossier.code).sort()).toEqual(["1", "3"]);
  for (const t of tasks) await sandbox.report(t, ran({ rates: 31 }));
  // another list is another next run of the same job
  const before = await desk(sandbox, page, "job", { id: rates });
  await sandbox.open(page, "/o/sandbox/jobs/kinds?list=exchange_rates");
  await list.getByRole("checkbox", { name: /Company 3/ }).uncheck();
  await list.getByRole("checkbox", { name: /Company 2/ }).check();
  await list.getByRole("button", { name: "Save the list" }).click();
  await expect(list.getByRole("status")).toHaveText("The list is saved.");
  await act(sandbox, page, rates, "run_now");
  const next = await claimRuns(sandbox);
  expect(next.map((t) => [t.payload.job, t.dossier.code]).sort()).toEqual([[rates, "1"], [rates, "2"]]);
  for (const t of next) await sandbox.report(t, ran({ rates: 31 }));
  const after = await desk(sandbox, page, "job", { id: rates });
  expect([after.line.version, after.form, (await desk(sandbox, page, "jobs", { ask: {} })).total]).toEqual([before.line.version, before.form, 1]);

  // one integration for all companies, once a day, on a named server
  await desk(sandbox, page, "set_job_list", { kind: "settlement_returns", companies: ["1", "2", "3"] });
  await begin(sandbox, page, "Settlement returns");
  await expect(page.getByLabel("Description")).toHaveValue("UI:Autopay_Avregningsretur_alle_selskap");
  await page.getByLabel("Integration", { exact: true }).fill("Visma.net Autopay");
  await expect(page.getByRole("radio", { name: "Once a day" })).toBeChecked();
  await page.getByLabel("Server", { exact: true }).selectOption("Sandbox 1");
  const returns = await apply(page);
  await expect(page.getByTestId("context")).toContainText("Sandbox 1");
  await act(sandbox, page, returns, "run_now");
  await sandbox.hello(1, { packages: ["visma_enterprise"], kinds: ["run_job"] });
  expect(await sandbox.claim(1)).toEqual([]);
  expect((await claimRuns(sandbox)).map((t) => [t.payload.job, t.dossier.code]).sort()).toEqual([[returns, "1"], [returns, "2"], [returns, "3"]]);
  await sandbox.open(page, "/o/sandbox/jobs");
  await expect(line(page, returns)).toContainText("UI:Autopay_Avregningsretur_alle_selskap");
  await expect(line(page, returns).locator(".j3")).toContainText("Daily, ");
});

test("[J21.2, J21.3] AutoPay remittance per company: path, file, PDF, e-mail is advised against, the description follows its pattern", async ({ sandbox, page }) => {
  await companies(sandbox, "8", "75");
  await sandbox.signIn(page, "operator_sandbox");
  await begin(sandbox, page, "AutoPay remittance");
  await page.getByLabel("Company", { exact: true }).selectOption("75");
  await expect(page.getByLabel("Description")).toHaveValue("Autopay_all_valuta_selskap 75");
  await page.getByLabel("Company", { exact: true }).selectOption("8");
  await expect(page.getByLabel("Description")).toHaveValue("Autopay_all_valuta_selskap 8");
  // somebody's own words stay, and the usual ones are a press away
  await page.getByLabel("Description").fill("Remittering");
  await page.getByLabel("Company", { exact: true }).selectOption("75");
  await expect(page.getByLabel("Description")).toHaveValue("Remittering");
  await expect(page.getByText("Usual: Autopay_all_valuta_selskap 75")).toBeVisible();
  await page.getByRole("button", { name: "Use it" }).click();
  await expect(page.getByLabel("Description")).toHaveValue("Autopay_all_valuta_selskap 75");
  await expect(page.getByLabel("Server path")).toHaveValue("AUTOPAY");
  await expect(page.getByLabel("File name")).toHaveValue("Autopay");
  await expect(page.getByLabel("File format")).toHaveValue("PDF");
  await expect(page.locator("#email-0-note")).toHaveText("Not advised: it would be too many mails.");
  await page.getByLabel("E-mail to").fill("autopay@example.no");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.getByTestId("confirm-first")).toContainText("A mail for each run is not advised");
  await page.getByRole("button", { name: "Back to the form" }).click();
  expect((await desk(sandbox, page, "jobs", { ask: {} })).total).toBe(0);
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await page.getByTestId("confirm-first").getByRole("button", { name: "Continue" }).click();
  await expect(page.getByTestId("verbs")).toBeVisible();
  const mailed = Number(page.url().split("/").pop());
  await begin(sandbox, page, "AutoPay remittance");
  await page.getByLabel("Company", { exact: true }).selectOption("8");
  await page.getByLabel("Start time", { exact: true }).fill("20:00");
  const plain = await apply(page);
  for (const [id, company, email] of [[mailed, "75", "autopay@example.no"], [plain, "8", ""]] as const) {
    // one company a job, and all its currencies: there is nothing to choose of them
    const { form } = await desk(sandbox, page, "job", { id });
    expect([form.description, form.companies, form.params]).toEqual([`Autopay_all_valuta_selskap ${company}`, [company], {}]);
    expect(form.outputs).toEqual([expect.objectContaining({ path: "AUTOPAY", file: "Autopay", format: "PDF", email })]);
  }
  await sandbox.open(page, "/o/sandbox/jobs/kinds");
  await expect(page.locator('tr[data-kind="autopay_remittance"]')).toContainText("The old order is cancelled before a new one is placed");
});

test("[J23.6] dunning: ledger type and code per area, three outputs with names from their pattern, the range after K500", async ({ sandbox, page }) => {
  await companies(sandbox, "1");
  await sandbox.signIn(page, "operator_sandbox");
  const fill = async (area: string, ledger: string, code: string, at: string) => {
    await page.getByLabel("Company", { exact: true }).selectOption("1");
    await page.getByLabel("Area").fill(area);
    await page.getByLabel("Ledger type").fill(ledger);
    await page.getByLabel("Dunning code").fill(code);
    await page.getByLabel("Start time", { exact: true }).fill(at);
  };
  await begin(sandbox, page, "Dunning P1");
  await fill("K500", "PFEL", "P1", "18:00");
  await expect(page.getByLabel("Description")).toHaveValue("Aut.purrerutine.1,PFEL,P1");
  await expect(page.locator("fieldset.output")).toHaveCount(3);
  await expect(page.locator("#file-0-note")).toHaveText("Becomes Purreforslag_1_PFEL_P1");
  await expect(page.locator("#file-1-note")).toHaveText("Becomes Purrenota_1_PFEL_P1");
  await expect(page.locator("#file-2-note")).toHaveText("Becomes Godkjenning_1_PFEL_P1");
  // each needs its own name, and a name that says something it knows
  await page.locator("#file-1").fill("Purreforslag_{company}_{ledger}_{code}");
  await page.locator("#file-2").fill("Godkjenning_{region}");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.locator("#file-1-note")).toHaveText("Each output needs a file name of its own.");
  await expect(page.locator("#file-2-note")).toHaveText("There is no field {region}.");
  // nor may two patterns come to one name
  await page.locator("#file-1").fill("Purreforslag_1_{ledger}_{code}");
  await page.locator("#file-2").fill("Godkjenning_{company}_{ledger}_{code}");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page.locator("#file-2-note")).toHaveText("Becomes Godkjenning_1_PFEL_P1");
  await expect(page.locator("#file-1-note")).toHaveText("Each output needs a file name of its own.");
  expect((await desk(sandbox, page, "jobs", { ask: {} })).total).toBe(0);
  await page.locator("#file-1").fill("Purrenota_{company}_{ledger}_{code}");
  const k500 = await apply(page);

  await begin(sandbox, page, "Dunning P1");
  await fill("K100-K800", "PFEL", "P1", "18:30");
  await page.getByLabel("Description").fill("Aut.purrerutine.1,PFEL,P1 K100-K800");
  await page.getByLabel("Runs after the finish of").selectOption(String(k500));
  const range = await apply(page);
  expect((await desk(sandbox, page, "job", { id: range })).form.after).toBe(k500);

  await act(sandbox, page, k500, "run_now");
  const [task] = await claimRuns(sandbox);
  const files = (task!.payload.outputs as { file: string }[]).map((o) => o.file);
  expect(files).toEqual(["Purreforslag_1_PFEL_P1", "Purrenota_1_PFEL_P1", "Godkjenning_1_PFEL_P1"]);
  const log = "Not distributed: 10017 Hansen, address unknown\nCame back: 10042 Olsen";
  await sandbox.report(task!, ran({ proposed: 120, notices: 118, not_distributed: 1, returned: 1 }, log, task!.payload.outputs));
  await sandbox.open(page, `/o/sandbox/jobs/runs?job=${k500}`);
  await expect(page.locator("tr[data-run] .cnt.act")).toHaveText(["1 not distributed", "1 came back"]);
  await page.locator("tr[data-run] .j3 a").click();
  const company = page.locator("tr[data-company='1']");
  await expect(company.locator(".logtext")).toContainText("10042 Olsen");
  await expect(company.locator("[data-output=notice]")).toContainText("Okonomi/Purringer/Purrenota_1_PFEL_P1");
  // it is followed by others: deleting it first is refused with the reason
  await sandbox.open(page, `/o/sandbox/jobs/${k500}`);
  await page.getByRole("button", { name: "Delete job" }).click();
  await page.getByTestId("confirm").click();
  await expect(page.getByRole("status").filter({ hasText: `Jobs that run after this one must be changed first: ${range}.` })).toBeVisible();
});

test("[J23.3] the stage of dunning is the kind: P1, P2 and PWS are jobs of their own, with the voucher type of each proposed", async ({ sandbox, page }) => {
  await companies(sandbox, "1");
  await sandbox.signIn(page, "operator_sandbox");
  const made: string[] = [];
  for (const [name, code, kind, voucher, at] of [["Dunning P1", "P1", "dunning_p1", "23 Purring og renteberegning", "18:00"], ["Dunning P2", "P2", "dunning_p2", "23 Purring og renteberegning", "18:30"], ["Transfer to debt collection", "PWS", "debt_collection", "35 Procasso", "19:00"]] as const) {
    await begin(sandbox, page, name);
    await expect(page.getByLabel("Voucher type")).toHaveValue(voucher);
    await page.getByLabel("Company", { exact: true }).selectOption("1");
    await page.getByLabel("Area").fill("K500");
    await page.getByLabel("Ledger type").fill("PFEL");
    await page.getByLabel("Dunning code").fill(code);
    await page.getByLabel("Start time", { exact: true }).fill(at);
    const id = await apply(page);
    await act(sandbox, page, id, "run_now");
    const [task, ...more] = await claimRuns(sandbox);
    expect([task!.payload.job, task!.payload.job_kind, more]).toEqual([id, kind, []]);
    expect(task!.payload.params).toMatchObject({ code, voucher_type: voucher });
    await sandbox.report(task!, ran());
    made.push(kind);
  }
  await sandbox.open(page, "/o/sandbox/jobs");
  await expect(page.locator("tr[data-job]")).toHaveCount(made.length);
  // the third hands the claims over to Procasso
  await expect(page.locator("tr[data-job]").last()).toContainText("Transfer to debt collection");
});

test("[J23.7] the transfer to debt collection asks for proposal and approval only: it makes no notice", async ({ sandbox, page }) => {
  await companies(sandbox, "1");
  await sandbox.signIn(page, "operator_sandbox");
  await begin(sandbox, page, "Transfer to debt collection");
  const asked = page.locator("fieldset.output");
  const whats = () => asked.evaluateAll((all) => all.map((o) => o.getAttribute("data-output")));
  await expect.poll(whats).toEqual(["proposal", "approval"]);
  await expect(asked.locator("legend")).toHaveText(["Dunning proposal", "Approval"]);
  await expect(page.getByText("This transfer makes no notice.")).toBeVisible();
  await expect(page.getByLabel("Voucher type")).toHaveValue("35 Procasso");
  await page.getByLabel("Company", { exact: true }).selectOption("1");
  await page.getByLabel("Area").fill("K500");
  await page.getByLabel("Ledger type").fill("PFEL");
  await page.getByLabel("Dunning code").fill("PWS");
  await page.getByLabel("Start time", { exact: true }).fill("18:00");
  const id = await apply(page);
  // the other two stages do make one, so this is not what every kind asks for
  await begin(sandbox, page, "Dunning P2");
  await expect.poll(whats).toEqual(["proposal", "notice", "approval"]);

  await act(sandbox, page, id, "run_now");
  const [task] = await claimRuns(sandbox);
  expect(task!.payload.job_kind).toBe("debt_collection");
  expect((task!.payload.outputs as { what: string }[]).map((o) => o.what)).toEqual(["proposal", "approval"]);
  await sandbox.report(task!, ran({ transferred: 2 }, "", task!.payload.outputs));
  await sandbox.open(page, `/o/sandbox/jobs/runs?job=${id}`);
  await page.locator("tr[data-run] .j3 a").click();
  const made = page.locator("tr[data-company='1'] [data-output]");
  await expect(made).toHaveCount(2);
  expect(await made.evaluateAll((all) => all.map((o) => o.getAttribute("data-output")))).toEqual(["proposal", "approval"]);
  // nor can one be slipped in behind the page
  const { form: held } = await desk(sandbox, page, "job", { id });
  const outputs = [held.outputs[0], { ...held.outputs[0], what: "notice", file: "Purrenota" }, held.outputs[1]];
  const refused = await page.request.post(`${sandbox.server.url}/api/desk/new_job`, { data: { office: "sandbox", form: { ...held, outputs }, despite: null, confirmed: true } });
  expect(refused.status()).toBe(422);
  expect((await refused.json()).errors).toEqual([{ field: "outputs", message: "must be, in this order: proposal, approval", rule: ["OutputsInOrder", "proposal, approval"] }]);
});
