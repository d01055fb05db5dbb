/** Planned downtime, with a clock that the tests move: a day before, ten minutes, one second, the moment, and long after. */
import { expect, type Page } from "@playwright/test";
import { DAY, HOUR, MINUTE, SECOND, countdown, draft, local, shutOut, test, warning, type Watch } from "./clock";
import { ACTIVATE, BOOK, SYNC, alive } from "./sandbox";
import { axe, watchErrors } from "./support";

const notice = (page: Page) => page.getByTestId("closed-notice");

/** Closes an office: announced ten minutes before, and now the moment is past. */
async function closed(watch: Watch, admin: Page, more: Parameters<typeof draft>[1] = {}, office = "gent"): Promise<{ id: number; closes: number }> {
  const closes = watch.clock.minute(11 * MINUTE);
  const id = await watch.announce(admin, closes, more, office);
  await watch.clock.set(closes + SECOND);
  return { id, closes };
}

test("[D1][D2] an admin announces a downtime: at least ten minutes ahead at save and at confirm, no maximum; staff cannot", async ({ watch, page, browser }) => {
  const errors = watchErrors(page);
  await watch.signIn(page, "admin");
  await page.goto(`${watch.server.url}/o/gent/settings`);
  await alive(page);
  await page.getByRole("main").getByRole("link", { name: "Downtime" }).click();
  await expect(page).toHaveURL(/\/o\/gent\/downtime$/);
  await expect(page.getByTestId("downtime-state")).toHaveText("None planned");
  const review = page.getByRole("button", { name: "Review and announce" });
  const [day, clock] = [page.locator("#closes-day"), page.locator("#closes-clock")];

  // nothing typed
  await review.click();
  await expect(page.getByText("Choose a date.")).toBeVisible();
  await expect(page.locator("#reason-note")).toHaveText(/Fill this in|must not be empty|needed/i);

  // 9 minutes and 59 seconds, and the past
  await page.locator("#reason").fill("We are running the year-end for all offices.");
  const soon = watch.clock.minute(3 * MINUTE);
  for (const at of [soon, watch.clock.now() - DAY]) {
    const typed = local(at);
    await day.fill(typed.day);
    await clock.fill(typed.clock);
    await review.click();
    await expect(page.getByText(/Choose \d\d:\d\d or later\. People need at least 10 minutes\./)).toBeVisible();
  }
  // an hour that the clocks skip
  await day.fill("2027-03-28");
  await clock.fill("02:30");
  await review.click();
  await expect(page.getByText("This time does not exist that night: the clocks are put forward.")).toBeVisible();
  // one that they show twice
  await day.fill("2027-10-31");
  await clock.fill("02:30");
  await review.click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("The clocks show this time twice that night. The first is meant.");
  await dialog.getByRole("button", { name: "Back" }).click();
  // an end before the beginning
  await page.locator("#until-day").fill("2027-10-30");
  await page.locator("#until-clock").fill("12:00");
  await review.click();
  await expect(page.getByText("Choose a time after the closing.")).toBeVisible();
  await page.locator("#until-day").fill("");
  await page.locator("#until-clock").fill("");

  // far enough when it is looked at, not any more when it is confirmed
  await page.getByRole("button", { name: "In 10 min" }).click();
  await review.click();
  await expect(dialog.getByRole("heading")).toHaveText(/^Close Nachtwacht (today|on .*) at \d\d:\d\d\?$/);
  await axe(page);
  await watch.clock.set(watch.clock.now() + 3 * MINUTE);
  await dialog.getByRole("button", { name: "Announce" }).click();
  await expect(page.getByText(/Choose \d\d:\d\d or later/)).toBeVisible();
  await expect(page.getByTestId("downtime-state")).toHaveText("None planned");
  await expect(countdown(page)).toHaveCount(0);

  // years ahead
  await day.fill("2031-05-05");
  await clock.fill("12:00");
  await review.click();
  await dialog.getByRole("button", { name: "Announce" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Announced. Everybody sees the countdown now." })).toBeVisible();
  await expect(page.getByTestId("downtime-state")).toHaveText("Counting down");
  await expect(countdown(page)).toContainText("Nachtwacht closes on Mon 5 May 2031 at 12:00.");
  await expect(countdown(page).getByRole("timer")).toHaveText(/^\d{4} days \d\d:\d\d:\d\d$/);
  await axe(page);

  // a second admin who had the page open is told, and announces no second one
  const second = await watch.call(page, "announce_downtime", { office: "gent", draft: draft(watch.clock.minute(HOUR)), shift: false });
  expect(second.status).toBe(409);

  // changed, then called off; twice is refused
  await day.fill("2031-05-06");
  await page.getByRole("button", { name: "Review the change" }).click();
  await dialog.getByRole("button", { name: "Change it" }).click();
  await expect(countdown(page)).toContainText("Tue 6 May 2031");
  const id = Number(await page.locator("[data-downtime]").getAttribute("data-downtime"));
  await page.getByRole("button", { name: "Call it off" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Call it off" }).click();
  await expect(page.getByTestId("downtime-state")).toHaveText("None planned");
  await expect(countdown(page)).toHaveCount(0);
  await expect(page.locator("table.past tbody tr")).toContainText("called off");
  expect((await watch.call(page, "lift_downtime", { office: "gent", id })).status).toBe(409);
  expect(errors.filter((e) => !e.includes("40") && !e.includes("422"))).toEqual([]);

  // staff: no way there, and no call
  const other = await browser.newContext();
  const staff = await watch.person(other, "employee");
  await expect(staff.getByRole("link", { name: "Downtime" })).toHaveCount(0);
  await staff.goto(`${watch.server.url}/o/gent/downtime`);
  await expect(staff.getByText("You may not do this.")).toBeVisible();
  expect((await watch.call(staff, "announce_downtime", { office: "gent", draft: draft(watch.clock.minute(HOUR)), shift: false })).status).toBe(403);
});

test("[D3][D4][D5] until then all work on; the countdown stands on every page; the pop-up shows once, a day before at the earliest", async ({ watch, page, browser }) => {
  await watch.signIn(page, "admin");
  const closes = watch.clock.minute(3 * DAY);
  const reason: [string, string][] = [["en", "The year-end runs."], ["nl", "Het jaarwerk loopt."]];
  const id = await watch.announce(page, closes, { until: closes + 3 * HOUR, reason });

  const staff = await watch.person(await browser.newContext(), "employee");
  for (const path of ["tasks", "clients", "dossiers/BAKSM", "profile"]) {
    await watch.open(staff, `/o/gent/${path}`);
    await expect(countdown(staff)).toContainText(/Nachtwacht closes on \w{3} \d+ \w{3} \d{4} at \d\d:\d\d\./);
    await expect(countdown(staff).getByRole("timer")).toHaveText(/^[23] days \d\d:\d\d:\d\d$/);
    // nothing to close it by
    await expect(countdown(staff).getByRole("button")).toHaveCount(0);
  }
  await expect(warning(staff)).toBeHidden();
  // they work on: a setting of their own is saved
  await expect((await watch.call(staff, "set_language", { language: "en" })).status).toBe(200);

  // a second before the last day, and in it
  await watch.clock.set(closes - DAY - 20 * SECOND);
  await watch.open(staff, "/o/gent/tasks");
  await expect(warning(staff)).toBeHidden();
  await watch.clock.set(closes - DAY + SECOND);
  await watch.open(staff, "/o/gent/tasks");
  await expect(warning(staff)).toBeVisible();
  await expect(warning(staff)).toContainText("The year-end runs.");
  await expect(warning(staff)).toContainText("because of maintenance");
  await axe(staff);
  await staff.keyboard.press("Enter");
  await expect(warning(staff)).toBeHidden();
  await watch.open(staff, "/o/gent/clients");
  await expect(countdown(staff)).toBeVisible();
  await expect(warning(staff)).toBeHidden();

  // the moment moves: once more, in the reader's language
  const { body: told } = await watch.call(page, "downtime", { office: "gent" });
  const sooner = closes - 30 * MINUTE;
  const changed = { office: "gent", id, version: told.standing[0].version, draft: draft(sooner, { reason }), shift: false };
  expect((await watch.call(page, "change_downtime", changed)).status).toBe(200);
  // whoever changes what has changed since is told
  expect((await watch.call(page, "change_downtime", changed)).status).toBe(409);
  await expect(warning(staff)).toBeVisible();
  await staff.getByRole("button", { name: "I understand" }).click();
  await staff.getByLabel("Language").selectOption("nl");
  await expect(countdown(staff)).toContainText("Nachtwacht gaat");
  await expect(countdown(staff)).toContainText("Het jaarwerk loopt.");

  // admins see the countdown, not the pop-up
  await watch.open(page, "/o/gent/tasks");
  await expect(countdown(page)).toBeVisible();
  await expect(warning(page)).toBeHidden();
});

test("[D6][D7][D8][D9] at the moment those who are shut out land on the maintenance page; admins and Support work on and see that it is closed", async ({ watch, page, browser }) => {
  await watch.signIn(page, "admin");
  const closes = watch.clock.minute(11 * MINUTE);
  await watch.announce(page, closes, { until: closes + 3 * HOUR });
  const staff = await watch.person(await browser.newContext(), "employee");
  const still = await watch.person(await browser.newContext(), "employee");
  await watch.clock.set(closes - 8 * SECOND);
  await watch.open(staff, "/o/gent/tasks");
  await expect(countdown(staff).getByRole("timer")).toHaveText(/^00:00:0\d$/);
  // a page without a stream and without scripts: it does not go by itself
  await still.route("**/api/desk/live*", (r) => r.abort());

  // the live page goes by itself
  await shutOut(staff);
  await expect(staff).toHaveURL(/\/o\/gent\/tasks/);
  await axe(staff);
  expect(watch.clock.now()).toBeGreaterThanOrEqual(closes);

  // the other one with the next action or change of module, and nothing is saved
  const refused = await watch.call(still, "set_language", { language: "fr" });
  expect([refused.status, refused.body.code]).toEqual([503, "temporarily_out_of_service"]);
  await still.goto(`${watch.server.url}/o/gent/clients`);
  await shutOut(still);
  const answer = await still.request.get(`${watch.server.url}/o/gent/clients`, { headers: { accept: "text/html" } });
  expect(answer.status()).toBe(503);
  expect(Number(answer.headers()["retry-after"])).toBeGreaterThan(3600);
  expect((await answer.body()).length).toBeLessThan(15 * 1024);
  expect((await still.request.get(`${watch.server.url}/api/desk/live?office=gent`)).status()).toBe(503);

  // signing in now leads there too; in one's language, and out again
  const late = await watch.person(await browser.newContext(), "employee");
  await shutOut(late);
  await late.getByRole("link", { name: "Nederlands" }).click();
  await expect(late.getByRole("heading", { level: 1 })).toHaveText("Nachtwacht is dicht voor onderhoud");
  await late.getByRole("link", { name: "English" }).click();
  await late.getByRole("button", { name: "Admin sign-in" }).click();
  await expect(late).toHaveURL(/\/sign-in$/);

  // admins and Support, also those who sign in now
  for (const role of ["admin", "support"]) {
    const boss = await watch.person(await browser.newContext(), role);
    for (const path of ["tasks", "clients", "settings"]) {
      await watch.open(boss, `/o/gent/${path}`);
      await expect(notice(boss)).toContainText(/Nachtwacht is closed for regular users since (today|on .*) at \d\d:\d\d\./);
      await expect(notice(boss).getByRole("button")).toHaveCount(0);
    }
    expect((await watch.call(boss, "set_language", { language: "en" })).status).toBe(200);
    await axe(boss);
  }
  // another office is open
  const norway = await watch.person(await browser.newContext(), "employee_no");
  await expect(norway).toHaveURL(/\/o\/kristiansand\//);
});

test("[D10][D19] it ends by hand only: not at its expected end, not by a restart, not by a clock that steps back; the history keeps its lengths", async ({ watch, page, browser }) => {
  await watch.signIn(page, "admin");
  const closes = watch.clock.minute(11 * MINUTE);
  await watch.announce(page, closes, { until: closes + HOUR });
  const staff = await watch.person(await browser.newContext(), "employee");
  // the server is down at the moment, and is started after it
  await watch.server.kill();
  await watch.clock.set(closes + 5 * SECOND);
  await watch.crash();
  const shut = async () => expect((await staff.request.get(`${watch.server.url}/o/gent/tasks`)).status()).toBe(503);
  await shut();
  // the clock steps back
  await watch.clock.set(closes - HOUR);
  await shut();
  await watch.crash();
  await shut();
  // long past its expected end: the admins are reminded, nothing opens
  await watch.clock.set(closes + HOUR + 16 * MINUTE);
  await shut();
  await watch.settings(page);
  await expect(notice(page)).toContainText("It should be open by now. Update the estimate or open it.");
  await expect(page.getByTestId("downtime-state")).toHaveText("Still closed");
  // only the estimate and the reason can change now
  await expect(page.locator("#closes-day")).toHaveCount(0);
  const until = local(closes + 4 * HOUR);
  await page.locator("#until-day").fill(until.day);
  await page.locator("#until-clock").fill(until.clock);
  await page.getByRole("button", { name: "Review the change" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Change it" }).click();
  await expect(page.getByTestId("downtime-state")).toHaveText("Closed");
  await expect(notice(page)).toContainText(new RegExp(`back at about (\\w{3} )?${until.clock}`));

  // opened by hand; what was done meanwhile is counted
  await watch.clock.set(closes + 2 * HOUR);
  await page.getByRole("button", { name: "Open Nachtwacht again" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Open Nachtwacht again" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Open again. Everybody can work." })).toBeVisible();
  await expect(notice(page)).toHaveCount(0);
  expect((await staff.request.get(`${watch.server.url}/o/gent/tasks`)).status()).toBe(200);
  const line = page.locator("table.past tbody tr").first();
  await expect(line.locator("td").nth(1)).toHaveText("4 h");
  await expect(line.getByTestId("real-length")).toHaveText(/^(1|2) h$/);
  await expect(line).toContainText("We are running the year-end.");
  await line.getByRole("link").click();
  await expect(page.getByRole("rowheader", { name: "Opened again" }).first()).toBeVisible();
  await expect(page.getByRole("rowheader", { name: "Closed", exact: true }).first()).toBeVisible();
});

test("[D12] a new account is activated while it is closed; signing in then shows the maintenance page, and later the desk", async ({ watch, page, browser }) => {
  await watch.signIn(page, "admin");
  const { id } = await closed(watch, page);
  const person = { name: "Nina Nieuw", email: `nina-${Date.now()}@halden-vos.example`, role: "employee", language: "en" };
  const invited = await watch.call(page, "invite", { office: "gent", person });
  expect(invited.status, JSON.stringify(invited.body)).toBe(200);
  const guest = await (await browser.newContext()).newPage();
  await guest.goto(watch.server.url + invited.body);
  await guest.locator("#password").fill("a long enough password");
  await guest.getByTestId("sign-in").click();
  await shutOut(guest);
  await watch.lift(page, id);
  await guest.reload();
  await alive(guest);
  await expect(guest).toHaveURL(/\/o\/gent\//);
});

test("[D13] a link that is followed while it is closed waits for the end, and then leads to its place", async ({ watch, page, browser }) => {
  await watch.signIn(page, "admin");
  const { id } = await closed(watch, page);
  const staff = await (await browser.newContext()).newPage();
  await staff.clock.install();
  await watch.signIn(staff, "employee");
  const link = `${watch.server.url}/o/gent/tasks?status=succeeded&q=doc`;
  await staff.goto(link);
  await shutOut(staff);
  // a choice of language loses nothing of it
  await staff.getByRole("link", { name: "Français" }).click();
  await staff.getByRole("link", { name: "English" }).click();
  await shutOut(staff);
  await watch.lift(page, id);
  // it looks by itself, within a minute
  await staff.clock.fastForward(45_000);
  await staff.waitForURL(link);
  await alive(staff);
  await expect(staff.getByRole("heading", { level: 1 })).not.toHaveText(/closed/);
});

test("[D14][D15] an exempt integration runs on; every other is told that it is temporarily out of service, nothing is queued, and the same call is accepted afterwards", async ({ watch, page }) => {
  await watch.dossiers("adsolut", "AAA");
  await watch.signIn(page, "support");
  const until = watch.clock.minute(11 * MINUTE) + 2 * HOUR;
  const { id, closes } = await closed(watch, page, { until }, "sandbox");
  const task = { kind: BOOK, dossier: "AAA", subject: "A.pdf", idempotency_key: "key-1" };
  for (const [call, body] of [["deliver", { tasks: [task] }], ["task", { id: "1" }], ["cancel", { id: "1", reason: "x" }]] as const) {
    const refused = await watch.integration(call, body);
    expect(refused.status, call).toBe(503);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(refused.body.code).toBe("temporarily_out_of_service");
    expect(refused.body.title).toBe("Temporarily out of service");
    expect(Object.keys(refused.body).sort()).toEqual(["code", "detail", "since", "status", "title", "type"]);
    expect(Date.parse(refused.body.since)).toBeGreaterThanOrEqual(closes);
    expect(Date.parse(refused.body.since)).toBeLessThan(closes + MINUTE);
    const wait = Number(refused.headers.get("retry-after"));
    expect(wait).toBeGreaterThan(2 * HOUR / SECOND - 120);
    expect(wait).toBeLessThanOrEqual(2 * HOUR / SECOND);
  }
  const stream = await fetch(`${watch.server.url}/api/v1/events`, { headers: { authorization: `Bearer ${watch.keys.sandbox.integration_token}` } });
  expect(stream.status).toBe(503);
  // who is nobody is still nobody, and health and the description are there
  expect((await fetch(`${watch.server.url}/health/ready`)).status).toBe(200);
  expect((await fetch(`${watch.server.url}/api/v1/openapi.json`)).status).toBe(200);

  // exempted on the page
  await watch.settings(page, "sandbox");
  await page.getByRole("switch", { name: "Your own system" }).check();
  await expect.poll(async () => (await watch.integration("deliver", { tasks: [{ ...task, idempotency_key: "key-2" }] })).status).toBe(200);
  await page.getByRole("switch", { name: "Your own system" }).uncheck();
  await expect.poll(async () => (await watch.integration("task", { id: "1" })).status).toBe(503);
  expect((await watch.integration("deliver", { tasks: [task] })).status).toBe(503);

  await watch.lift(page, id, "sandbox");
  const accepted = await watch.integration("deliver", { tasks: [task] });
  expect(accepted.status).toBe(200);
  // nothing had been queued: it is new, and the only one beside the exempt one
  expect(accepted.body.tasks[0].duplicate).toBe(false);
  await watch.hello();
  expect((await watch.claim()).map((t) => t.id)).toHaveLength(1);
});

test("[D3][D15] connectors: what usually takes longer than the time left is withheld; nothing is granted after; what runs is finished and reported", async ({ watch, page }) => {
  await watch.dossiers("adsolut", "AAA", "BBB", "CCC");
  await watch.signIn(page, "support");
  const closes = watch.clock.minute(11 * MINUTE);
  const id = await watch.announce(page, closes, {}, "sandbox");
  const [first, second] = await watch.deliver(
    { kind: SYNC, dossier: "AAA", subject: "one" },
    { kind: SYNC, dossier: "BBB", subject: "two" },
  );
  const held = (await watch.claim(0, { max: 1 }))[0]!;
  expect(held.id).toBe(first);
  await watch.clock.set(closes + SECOND);
  // a claim is answered, with nothing; a long poll waits
  expect(await watch.claim()).toEqual([]);
  expect(await watch.claim(0, { wait_seconds: 2 })).toEqual([]);
  await watch.open(page, `/o/sandbox/tasks/${second}`);
  await expect(page.getByText("The desk is closed, or closes before this would be done.").first()).toBeVisible();
  // what runs goes on
  const extended = await watch.connector(0, "extend", { leases: [{ task: held.id, lease: held.lease }] });
  expect(extended.body.leases[0].state).toBe("ok");
  expect(await watch.report(held)).toBe("succeeded");
  expect((await watch.connector(1, "hello", { boot_id: "b", version: "1", packages: ["adsolut"], kinds: [SYNC], recovers: [], max_parallel: 1 })).status).toBe(200);
  // a waiting long poll is answered when it opens
  const waiting = watch.claim(0, { wait_seconds: 40 });
  await watch.lift(page, id, "sandbox");
  expect((await waiting).map((t) => t.id)).toEqual([second]);
});

test("[D16] the preview shows who is signed in, what runs, and which jobs fall due; jobs are moved in one step", async ({ watch, page, browser }) => {
  await watch.signIn(page, "admin_no");
  const staff = await watch.person(await browser.newContext(), "employee_no");
  await watch.open(staff, "/o/kristiansand/clients");
  // the next Tuesday but today, 05:55 to 08:00, when the Nets jobs run
  let then = watch.clock.now() + DAY;
  while (new Date(then).getUTCDay() !== 2) then += DAY;
  const tuesday = local(then, "Europe/Oslo").day;
  await watch.settings(page, "kristiansand");
  await page.locator("#closes-day").fill(tuesday);
  await page.locator("#closes-clock").fill("05:55");
  await page.locator("#until-clock").fill("08:00");
  await page.locator("#reason").fill("Year-end");
  await page.getByRole("button", { name: "Review and announce" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(/\d+ (person is|people are) signed in now/);
  await dialog.getByText(/signed in now/).click();
  await expect(dialog).toContainText("Ola Lie");
  await expect(dialog).toContainText(/\d+ tasks? runs? now/);
  await expect(dialog).toContainText(/\d+ jobs? falls? due meanwhile/);
  const moves = dialog.locator("ul.due li").filter({ hasText: "can move to" });
  await expect(moves).not.toHaveCount(0);
  await expect(dialog.getByRole("switch")).toBeChecked();
  await axe(page);
  const preview = await watch.call(page, "preview_downtime", {
    office: "kristiansand", id: null,
    draft: { platform: false, day: tuesday, clock: "05:55", until_day: "", until_clock: "08:00", reason: [["en", "Year-end"]] },
  });
  expect(preview.status).toBe(200);
  const due = preview.body.jobs.filter((j: any) => j.to !== null);
  const end = preview.body.expected.at;
  for (const j of due) {
    expect(j.first.at).toBeGreaterThanOrEqual(preview.body.closes.at);
    expect(j.first.at).toBeLessThan(end);
    expect(j.to.at).toBeGreaterThanOrEqual(end);
  }
  await dialog.getByRole("button", { name: "Announce" }).click();
  await expect(countdown(page)).toBeVisible();
  // each is moved, once: the audit log tells of it
  await page.goto(`${watch.server.url}/o/kristiansand/audit?what=shift_job`);
  await alive(page);
  await expect(page.locator("table.log tbody tr")).toHaveCount(due.length);
  // and the window is in the plan of the day
  await page.goto(`${watch.server.url}/o/kristiansand/jobs?day=${tuesday}`);
  await alive(page);
  await expect(page.getByText("Year-end").first()).toBeVisible();
  // with the runs where they are now, and what their own time is
  const here = due.filter((j: any) => local(j.to.at, "Europe/Oslo").day === tuesday);
  const moved = await page.locator("ol.agenda li").filter({ hasText: "moved for maintenance" }).allTextContents();
  const n = moved.map((t) => Number(/moved for maintenance: (\d+)/.exec(t)![1])).reduce((a, b) => a + b, 0);
  expect(n).toBe(here.length);
  await page.goto(`${watch.server.url}/o/kristiansand/jobs?day=${tuesday}&family=nets_integration&zoom=08:00-10:00`);
  await alive(page);
  const runs = page.getByRole("img", { name: /usually 0[67]:\d\d/ });
  await expect(runs).not.toHaveCount(0);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const [words, ink] = await runs.first().locator("text").evaluate((t) => {
      document.body.style.color = "var(--ink-2)";
      return [getComputedStyle(t).fill, getComputedStyle(document.body).color];
    });
    expect(words, colorScheme).toBe(ink);
  }
});

test("[D17] what was being typed at the cut-off is kept in the browser, shown, and offered back; the server saves nothing", async ({ watch, page, browser }) => {
  await watch.signIn(page, "admin");
  const closes = watch.clock.minute(11 * MINUTE);
  const id = await watch.announce(page, closes);
  const staff = await watch.person(await browser.newContext(), "employee");
  await watch.clock.set(closes - 30 * SECOND);
  await watch.open(staff, "/o/gent/tasks?status=failed,action_required,queued,running");
  await staff.getByRole("button", { name: "I understand" }).click();
  await staff.locator("li.tr a").first().click();
  await staff.locator("#detail").getByRole("heading").first().waitFor();
  // a note that is not sent
  await staff.locator("[data-ask]").first().click();
  const note = staff.getByRole("dialog").locator("textarea");
  const typed = "Half a sentence with <b>signs</b> & \"quotes\"";
  await note.fill(typed);
  await watch.clock.set(closes + SECOND);
  await shutOut(staff);
  await expect(staff.getByText("Your last changes were not saved")).toBeVisible();
  await expect(staff.locator("#typed dd")).toHaveText(typed);
  await axe(staff);
  // somebody else in this browser sees nothing of it
  const stranger = await staff.context().newPage();
  await watch.signIn(stranger, "operator");
  await shutOut(stranger);
  await expect(stranger.getByText("Your last changes were not saved")).toBeHidden();
  await watch.signIn(staff, "employee");
  await watch.lift(page, id);
  await watch.open(staff, "/o/gent/clients");
  const offer = staff.getByTestId("unsaved");
  await expect(offer).toContainText(typed);
  await axe(staff);
  await offer.getByRole("button", { name: "Forget it" }).click();
  await expect(offer).toHaveCount(0);
  await staff.reload();
  await alive(staff);
  await expect(offer).toHaveCount(0);
});

test("[D17] a field of a page gets back what was typed into it", async ({ watch, page, browser }) => {
  await watch.signIn(page, "admin");
  const closes = watch.clock.minute(11 * MINUTE);
  const id = await watch.announce(page, closes);
  const staff = await watch.person(await browser.newContext(), "operator_no");
  // of another office: this one is closed for the whole platform
  await watch.lift(page, id);
  const support = await watch.person(await browser.newContext(), "support");
  const all = await watch.announce(support, closes, { platform: true }, "kristiansand");
  await watch.clock.set(closes - 20 * SECOND);
  const form = "/o/kristiansand/jobs/new?kind=nets_integration";
  await watch.open(staff, form);
  await staff.getByRole("button", { name: "I understand" }).click();
  const name = staff.locator("#description");
  await name.fill("A name that is not saved");
  await watch.clock.set(closes + SECOND);
  await shutOut(staff);
  await watch.lift(support, all, "kristiansand");
  await watch.open(staff, form);
  await expect(name).not.toHaveValue("A name that is not saved");
  await staff.getByTestId("unsaved").getByRole("button", { name: "Put it back" }).click();
  await expect(name).toHaveValue("A name that is not saved");
  await expect(staff.getByTestId("unsaved")).toHaveCount(0);
});

test("[D18] the countdown follows the server's clock whatever the browser's says, is said politely, and a browser that never reloads is shut out", async ({ watch, page, browser }) => {
  await watch.signIn(page, "admin");
  const closes = watch.clock.minute(90 * MINUTE);
  await watch.announce(page, closes);
  const staff = await (await browser.newContext()).newPage();
  // five hours off, and then asleep for a while
  await staff.clock.install({ time: new Date(watch.clock.now() - 5 * HOUR) });
  await staff.clock.resume();
  await watch.signIn(staff, "employee");
  await watch.clock.set(closes - 61 * MINUTE);
  await watch.open(staff, "/o/gent/tasks");
  await staff.getByRole("button", { name: "I understand" }).click();
  const timer = countdown(staff).getByRole("timer");
  await expect(timer).toHaveText(/^01:0[01]:\d\d$/);
  const said = staff.getByTestId("countdown-said");
  await expect(said).toHaveText("");
  expect(await timer.getAttribute("aria-live")).toBeNull();
  for (const [at, words] of [[60, "60 minutes"], [30, "30 minutes"], [10, "10 minutes"], [5, "5 minutes"], [1, "1 minute"]] as const) {
    // the tab wakes: the browser's clock has gone on, and so has the server's
    await watch.clock.set(closes - at * MINUTE + SECOND);
    const shown = await timer.textContent();
    const [h, m, s] = shown!.split(":").map(Number);
    await staff.clock.fastForward(Math.max(0, (h! * 3600 + m! * 60 + s!) * SECOND - at * MINUTE + SECOND));
    await expect(said).toHaveText(`Nachtwacht closes in ${words}. Save your work.`);
  }
  // its scripts stand still from here on: the server shuts it out all the same
  await staff.clock.pauseAt(new Date(Date.now() + 100 * DAY)).catch(() => undefined);
  await watch.clock.set(closes + SECOND);
  expect((await watch.call(staff, "set_language", { language: "fr" })).body.code).toBe("temporarily_out_of_service");
});

test("[D8][D10] Support closes every office at once: an office's admin works on, sees it, and cannot open it", async ({ watch, page, browser }) => {
  await watch.signIn(page, "support");
  await watch.settings(page, "gent");
  await page.getByRole("switch", { name: "Close every office, not only this one" }).check();
  await page.getByRole("button", { name: "In 10 min" }).click();
  await page.locator("#reason").fill("All of us");
  await page.getByRole("button", { name: "Review and announce" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Announce" }).click();
  await expect(page.locator("[data-downtime]")).toContainText("Every office");
  const id = Number(await page.locator("[data-downtime]").getAttribute("data-downtime"));
  await watch.clock.set(watch.clock.now() + 13 * MINUTE);
  for (const role of ["employee", "operator", "employee_no"]) {
    const staff = await watch.person(await browser.newContext(), role);
    await shutOut(staff);
  }
  expect((await watch.integration("deliver", { tasks: [{ kind: ACTIVATE, dossier: "NEW", payload: { name: "N", package: "wings" } }] })).status).toBe(503);
  const admin = await watch.person(await browser.newContext(), "admin");
  await watch.settings(admin);
  await expect(notice(admin)).toBeVisible();
  await expect(admin.getByText("It closes every office. Only Support can change it.")).toBeVisible();
  expect((await watch.call(admin, "lift_downtime", { office: "gent", id })).status).toBe(403);
  expect((await watch.call(admin, "announce_downtime", { office: "gent", draft: draft(watch.clock.minute(HOUR), { platform: true }), shift: false })).status).toBe(403);
  await watch.lift(page, id);
  const back = await watch.person(await browser.newContext(), "employee");
  await expect(back).toHaveURL(/\/o\/gent\//);
});
