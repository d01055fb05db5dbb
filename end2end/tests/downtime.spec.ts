/** Planned downtime, with a clock that the tests move: a day before, ten minutes, one second, the moment, and long after. */
import { expect, type Locator, type Page } from "@playwright/test";
import { DAY, HOUR, MINUTE, SECOND, after, countdown, draft, instant, local, shutOut, test, warning, type Watch } from "./clock";
import { officePages } from "./pages";
import { resolve } from "node:path";
import { Site } from "./books";
import { ACTIVATE, BOOK, DONE, SYNC, alive, status } from "./sandbox";
import { api, axe, watchErrors } from "./support";

// one of the two longest files, and each test has a server of its own
test.describe.configure({ mode: "parallel" });

const notice = (page: Page) => page.getByTestId("closed-notice");
const reminders = (page: Page) => page.getByRole("switch", { name: "Reminders of what still waits" });

/** Switches the reminders off on the open profile; the choice must be saved and stand there after a reload. */
async function withoutReminders(page: Page): Promise<void> {
  const saved = page.waitForResponse((r) => r.url().endsWith("/choose_mail"));
  await reminders(page).uncheck();
  expect((await saved).status()).toBe(200);
  await page.reload();
  await expect(page.locator("html[data-ready]")).toBeAttached();
  await expect(reminders(page)).not.toBeChecked();
}

/** It is in the header: above what the page is about. */
async function above(bar: Locator, page: Page, where: string): Promise<void> {
  const [top, main] = [await bar.boundingBox(), await page.getByRole("main").boundingBox()];
  expect(top!.y + top!.height, where).toBeLessThanOrEqual(main!.y + 1);
}

/** Closes an office: announced ten minutes before, and now the moment is past. */
async function closed(watch: Watch, admin: Page, more: Parameters<typeof draft>[1] = {}, office = "gent"): Promise<{ id: number; closes: number }> {
  const closes = watch.clock.minute(11 * MINUTE);
  const id = await watch.announce(admin, closes, more, office);
  await watch.clock.set(closes + SECOND);
  return { id, closes };
}

/** The next days after this one on which the office's clocks are put forward, and back. */
function clockChanges(day: string): { forward: string; back: string } {
  const shown = (at: number) => Date.parse(`${local(at).day}T${local(at).clock}Z`) - at;
  const days = Array.from({ length: 370 }, (_, n) => after(day, n + 1));
  const gains = (d: string) => shown(instant(d, "12:00")) - shown(instant(d, "00:30"));
  return { forward: days.find((d) => gains(d) > 0)!, back: days.find((d) => gains(d) < 0)! };
}

const KIM = { name: "Kim Kandidaat", email: "kim@home.example", role: "candidate" } as const;

test("[D1.1, D1.2] an admin and Support reach it through Settings; an employee, an operator and a client find no entry and are refused", async ({ watch, page: admin, browser }) => {
  await watch.signIn(admin, "admin");
  const support = await watch.person(await browser.newContext(), "support");
  for (const person of [admin, support]) {
    await watch.open(person, "/o/gent/tasks");
    await person.getByRole("navigation").getByRole("link", { name: "Settings", exact: true }).click();
    await person.getByRole("main").getByRole("link", { name: "Downtime" }).click();
    await expect(person).toHaveURL(/\/o\/gent\/downtime$/);
    await expect(person.getByTestId("downtime-state")).toHaveText("None planned");
  }
  const closes = watch.clock.minute(HOUR);
  const id = await watch.announce(admin, closes);
  const { body } = await watch.call(admin, "downtime", { office: "gent" });
  const { version } = body.standing[0];
  const calls: [string, Record<string, unknown>][] = [
    ["downtime", {}],
    ["preview_downtime", { id: null, draft: draft(closes) }],
    ["announce_downtime", { draft: draft(closes), shift: false }],
    ["change_downtime", { id, version, draft: draft(closes + HOUR), shift: false }],
    ["lift_downtime", { id }],
  ];
  for (const role of ["employee", "operator", "client"]) {
    const person = await watch.person(await browser.newContext(), role);
    for (const path of role === "client" ? ["/portal"] : ["/o/gent/tasks", "/o/gent/clients", "/o/gent/profile"]) {
      await person.goto(watch.server.url + path);
      await expect(person.locator("html[data-ready]")).toBeAttached();
      for (const name of ["Settings", "Downtime"]) await expect(person.getByRole("link", { name }), `${role} at ${path}`).toHaveCount(0);
    }
    for (const path of ["/o/gent/settings", "/o/gent/downtime"]) {
      await person.goto(watch.server.url + path);
      // who is outside is not told that there is such a page
      await expect(person.getByText(role === "client" ? "Not here" : "You may not do this."), `${role} at ${path}`).toBeVisible();
      await expect(person.getByTestId("downtime-state")).toHaveCount(0);
    }
    for (const [name, data] of calls) expect([403, 404], `${role}: ${name}`).toContain((await watch.call(person, name, { office: "gent", ...data })).status);
  }
  // an integration that there is, where the demo has one
  const boss = await watch.person(await browser.newContext(), "admin_sandbox");
  const { integrations } = (await watch.call(boss, "downtime", { office: "sandbox" })).body;
  const before = JSON.stringify(integrations);
  for (const role of ["employee_sandbox", "operator_sandbox", "client_sandbox"]) {
    const person = await watch.person(await browser.newContext(), role);
    const answer = await watch.call(person, "set_exempt", { office: "sandbox", id: integrations[0].id, exempt: true });
    expect([403, 404], role).toContain(answer.status);
  }
  expect(JSON.stringify((await watch.call(boss, "downtime", { office: "sandbox" })).body.integrations)).toBe(before);
  // and it stands as the admin left it
  const still = await watch.call(admin, "downtime", { office: "gent" });
  expect(still.body.standing).toEqual([expect.objectContaining({ id, version })]);
});

test("[D2.1, D2.2] an admin announces a downtime: at least ten minutes ahead at save and at confirm, no maximum", async ({ watch, page }) => {
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
  await expect(page.locator("#reason-note")).toHaveText("Fill this in.");
  // a day without a time
  await day.fill(local(watch.clock.now() + DAY).day);
  await clock.fill("");
  await review.click();
  await expect(page.getByText("Choose a time such as 12:00.")).toBeVisible();

  // 9 minutes and 50 seconds, and the past
  await page.locator("#reason").fill("We are running the year-end for all offices.");
  await watch.clock.set(watch.clock.minute(0) + 10 * SECOND);
  const soon = watch.clock.minute(9 * MINUTE);
  for (const at of [soon, watch.clock.now() - DAY]) {
    const typed = local(at);
    await day.fill(typed.day);
    await clock.fill(typed.clock);
    const [answer] = await Promise.all([page.waitForResponse("**/api/desk/preview_downtime"), review.click()]);
    expect(answer.status()).toBe(422);
    await expect(page.getByText(`Choose ${local(soon + MINUTE).clock} or later. People need at least 10 minutes.`)).toBeVisible();
  }
  const { forward, back } = clockChanges(local(watch.clock.now()).day);
  // an hour that the clocks skip
  await day.fill(forward);
  await clock.fill("02:30");
  await review.click();
  await expect(page.getByText("This time does not exist that night: the clocks are put forward.")).toBeVisible();
  // one that they show twice
  await day.fill(back);
  await clock.fill("02:30");
  await review.click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("The clocks show this time twice that night. The first is meant.");
  await dialog.getByRole("button", { name: "Back" }).click();
  // an end before the beginning
  await page.locator("#until-day").fill(after(back, -1));
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
  await watch.clock.set(watch.clock.minute(2 * MINUTE) + 10 * SECOND);
  const earliest = local(watch.clock.minute(10 * MINUTE)).clock;
  await dialog.getByRole("button", { name: "Announce" }).click();
  await expect(page.getByText(`Choose ${earliest} or later`)).toBeVisible();
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
});

test("[D3.1, D4.1, D4.3, D5.1] until then all work on; the countdown stands on every page; the pop-up shows once, a day before at the earliest", async ({ watch, page, browser }) => {
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
    await above(countdown(staff), staff, path);
  }
  await expect(warning(staff)).toBeHidden();
  // they work on: a setting of their own is saved
  await withoutReminders(staff);

  const client = await watch.person(await browser.newContext(), "client");
  await client.goto(`${watch.server.url}/portal`);
  await expect(client.locator("html[data-ready]")).toBeAttached();
  await expect(countdown(client).getByRole("timer")).toHaveText(/^[23] days \d\d:\d\d:\d\d$/);
  await expect(countdown(client).getByRole("button")).toHaveCount(0);
  await above(countdown(client), client, "/portal");

  // before the last day, and in it
  await watch.clock.set(closes - DAY - MINUTE);
  await watch.open(staff, "/o/gent/tasks");
  await expect(warning(staff)).toBeHidden();
  await watch.clock.set(closes - DAY + SECOND);
  await watch.open(staff, "/o/gent/tasks");
  await expect(warning(staff)).toBeVisible();
  await expect(warning(staff)).toContainText(new RegExp(`Nachtwacht closes (today|on .*) at ${local(closes).clock}`));
  await expect(warning(staff)).toContainText("The year-end runs.");
  await expect(warning(staff)).toContainText("because of maintenance");
  await axe(staff);
  const seen = staff.waitForResponse((r) => r.url().endsWith("/saw_downtime"));
  await staff.keyboard.press("Enter");
  await expect(warning(staff)).toBeHidden();
  expect((await seen).status()).toBe(200);
  await watch.open(staff, "/o/gent/clients");
  await expect(countdown(staff)).toBeVisible();
  await expect(warning(staff)).toBeHidden();
  await staff.reload();
  await alive(staff);
  await expect(countdown(staff)).toBeVisible();
  await expect(warning(staff)).toBeHidden();

  // nor by another browser that they sign in with
  const elsewhere = await watch.person(await browser.newContext(), "employee");
  await alive(elsewhere);
  await expect(countdown(elsewhere)).toBeVisible();
  await expect(warning(elsewhere)).toBeHidden();

  // the moment moves: once more, in the reader's language
  const { body: told } = await watch.call(page, "downtime", { office: "gent" });
  const sooner = closes - 30 * MINUTE;
  const changed = { office: "gent", id, version: told.standing[0].version, draft: draft(sooner, { reason }), shift: false };
  expect((await watch.call(page, "change_downtime", changed)).status).toBe(200);
  // whoever changes what has changed since is told
  expect((await watch.call(page, "change_downtime", changed)).status).toBe(409);
  await expect(warning(staff)).toBeVisible();
  const again = staff.waitForResponse((r) => r.url().endsWith("/saw_downtime"));
  await staff.getByRole("button", { name: "I understand" }).click();
  expect((await again).status()).toBe(200);
  await staff.reload();
  await alive(staff);
  await expect(countdown(staff)).toBeVisible();
  await expect(warning(staff)).toBeHidden();
  await staff.getByLabel("Language").selectOption("nl");
  await expect(countdown(staff)).toContainText("Nachtwacht gaat");
  await expect(countdown(staff)).toContainText("Het jaarwerk loopt.");

  // admins see the countdown, not the pop-up
  await watch.open(page, "/o/gent/tasks");
  await expect(countdown(page)).toBeVisible();
  await expect(warning(page)).toBeHidden();
  const support = await watch.person(await browser.newContext(), "support");
  await watch.open(support, "/o/gent/tasks");
  await expect(countdown(support)).toBeVisible();
  await expect(warning(support)).toBeHidden();
});

test("[D4.2] an operator, a client and a candidate get the pop-up once each", async ({ watch, page: admin, browser }) => {
  await watch.signIn(admin, "admin");
  const people: [Page, string, string][] = [];
  for (const [role, first, second] of [["operator", "/o/gent/jobs", "/o/gent/profile"], ["client", "/portal", "/portal"]] as const) {
    people.push([await watch.person(await browser.newContext(), role), first, second]);
  }
  people.push([await watch.newcomer(browser, admin, "gent", { ...KIM, language: "en" }), "/portal", "/portal"]);
  const closes = watch.clock.minute(2 * HOUR);
  await watch.announce(admin, closes, { reason: [["en", "The year-end runs."]] });
  const pages = async (page: Page, path: string) => {
    await page.goto(watch.server.url + path);
    await expect(page.locator("html[data-ready]")).toBeAttached();
    await expect(countdown(page)).toBeVisible();
  };
  for (const [page, first, second] of people) {
    await pages(page, first);
    await expect(warning(page)).toContainText(new RegExp(`Nachtwacht closes (today|on .*) at ${local(closes).clock}`));
    await expect(warning(page)).toContainText("because of maintenance");
    await expect(warning(page)).toContainText("The year-end runs.");
    const seen = page.waitForResponse((r) => r.url().endsWith("/saw_downtime"));
    await warning(page).getByRole("button", { name: "I understand" }).click();
    await expect(warning(page)).toBeHidden();
    expect((await seen).status()).toBe(200);
    for (const path of [second, first]) {
      await pages(page, path);
      await expect(warning(page)).toBeHidden();
    }
    await page.reload();
    await expect(page.locator("html[data-ready]")).toBeAttached();
    await expect(countdown(page)).toBeVisible();
    await expect(warning(page)).toBeHidden();
  }
});

test("[D5.2] the countdown stands on each of an operator's pages, with nothing to close it by", async ({ watch, page: admin, browser }) => {
  await watch.signIn(admin, "admin_no");
  await watch.announce(admin, watch.clock.minute(3 * HOUR), {}, "kristiansand");
  const page = await watch.person(await browser.newContext(), "operator_no");
  let first = true;
  for (const [name, path, title] of [
    ["Job console", "jobs", "Job console"], ["Runs", "jobs/runs", "Runs"], ["Kinds", "jobs/kinds", "Kinds of jobs"],
    ["Blocked windows", "jobs/blocked", "Blocked windows"], ["Hours", "jobs/hours", "Working hours"],
    ["Collection systems", "collection", "Collection systems"], ["Procedures", "procedures", "Procedures"],
    ["Connectors", "connectors", "Connectors"], ["Alerts", "alerts", "Alerts"], ["Requests", "requests", "Requests"],
  ] as const) {
    await watch.open(page, `/o/kristiansand/${path}`);
    if (first) await page.getByRole("button", { name: "I understand" }).click();
    first = false;
    await expect(page.getByText("You may not do this.")).toHaveCount(0);
    await expect(page.getByRole("heading", { level: 1 }), path).toHaveText(title);
    await above(countdown(page), page, path);
    await expect(countdown(page), name).toContainText(/Nachtwacht closes (today|on .*) at \d\d:\d\d\./);
    await expect(countdown(page).getByRole("timer")).toHaveText(/^0[23]:\d\d:\d\d$/);
    await expect(countdown(page).getByRole("button")).toHaveCount(0);
    await page.keyboard.press("Escape");
    await expect(countdown(page)).toBeVisible();
  }
});

test("[D6.1] whoever signs in from the moment on sees the maintenance page, in their language, which can be changed there", async ({ watch, page: admin, browser }) => {
  await watch.signIn(admin, "admin");
  const titles = {
    nl: "Nachtwacht is dicht voor onderhoud", fr: "Nachtwacht est fermé pour maintenance", nb: "Nachtwacht er stengt for vedlikehold",
    da: "Nachtwacht er lukket for vedligeholdelse", en: "Nachtwacht is closed for maintenance",
  } as const;
  const people = [["employee", "nl"], ["operator", "fr"], ["client", "nb"]] as const;
  for (const [role, language] of people) {
    const before = await watch.person(await browser.newContext(), role);
    expect((await watch.call(before, "set_language", { language })).status).toBe(200);
  }
  const kim = await watch.newcomer(browser, admin, "gent", { ...KIM, language: "da" });
  await kim.context().clearCookies();
  await closed(watch, admin);
  for (const [role, language] of [...people, ["candidate", "da"]] as const) {
    // a browser that asks for no language of theirs
    const page = await (await browser.newContext({ locale: "de-DE" })).newPage();
    if (role === "candidate") {
      await page.goto(`${watch.server.url}/sign-in`);
      await page.locator("#email").fill("kim@home.example");
      await page.locator("#password").fill("a long enough password");
    } else await page.goto(watch.keys.sign_in[role]!);
    const [answer] = await Promise.all([
      page.waitForResponse((r) => r.request().isNavigationRequest() && r.status() >= 500),
      page.getByTestId("sign-in").click(),
    ]);
    expect(answer.status(), role).toBe(503);
    const heading = page.getByRole("heading", { level: 1 });
    await expect(heading, role).toHaveText(titles[language]);
    await expect(page.locator("html")).toHaveAttribute("lang", language);
    for (const [name, tag] of [["English", "en"], ["Nederlands", "nl"], ["Norsk", "nb"], ["Dansk", "da"], ["Français", "fr"]] as const) {
      await page.getByRole("link", { name }).click();
      await expect(heading).toHaveText(titles[tag]);
    }
    // it stays as it was chosen
    await page.goto(`${watch.server.url}/`);
    await expect(heading).toHaveText(titles.fr);
  }
});

test("the header of every page tells an admin and Support, undismissably, that it is closed and since when", async ({ watch, page: admin, browser }) => {
  test.slow();
  await watch.signIn(admin, "admin_no");
  const all = await officePages(watch, admin);
  const { closes } = await closed(watch, admin, {}, "kristiansand");
  const since = local(closes, "Europe/Oslo").clock;
  for (const role of ["admin_no", "support"]) {
    // as the server writes it: in the header, before any script comes
    const plain = await watch.person(await browser.newContext({ javaScriptEnabled: false }), role);
    for (const { path, support } of all) {
      if (support && role !== "support") continue;
      await plain.goto(watch.server.url + path);
      await expect(notice(plain), path).toContainText(new RegExp(`Nachtwacht is closed for regular users since (today|on .*) at ${since}\\.`));
      await expect(notice(plain).getByRole("button"), path).toHaveCount(0);
      await above(notice(plain), plain, path);
    }
    const page = await watch.person(await browser.newContext(), role);
    for (const path of ["clients", "jobs", "settings"]) {
      await watch.open(page, `/o/kristiansand/${path}`);
      await page.keyboard.press("Escape");
      await expect(notice(page)).toContainText(since);
      await expect(notice(page).getByRole("button")).toHaveCount(0);
    }
  }
});

test("on a phone the bell closes what it opened, also below the countdown", async ({ watch, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await watch.signIn(page, "admin");
  await watch.announce(page, watch.clock.minute(2 * DAY));
  await watch.open(page, "/o/gent/clients");
  await expect(countdown(page)).toBeVisible();
  const bell = page.getByTestId("bell"), told = bell.locator("section.told");
  await bell.locator("summary").click();
  await expect(told).toBeVisible();
  await axe(page);
  await bell.locator("summary").click();
  await expect(told).toBeHidden();
});

test("[D3.1, D8.1] at the moment those who are shut out land on the maintenance page; admins and Support work on and see that it is closed", async ({ watch, page, browser }) => {
  await watch.signIn(page, "admin");
  const closes = watch.clock.minute(11 * MINUTE);
  const id = await watch.announce(page, closes, { until: closes + 3 * HOUR });
  const staff = await watch.person(await browser.newContext(), "employee");
  const still = await watch.person(await browser.newContext(), "employee");
  await watch.open(still, "/o/gent/profile");
  await still.getByRole("button", { name: "I understand" }).click();
  await watch.clock.set(closes - 2 * MINUTE);
  await watch.open(staff, "/o/gent/tasks");
  await expect(countdown(staff).getByRole("timer")).toHaveText(/^00:0[01]:\d\d$/);
  await withoutReminders(still);
  // no page of it is open that would go by itself
  await still.goto("about:blank");

  // the live page goes by itself
  await watch.clock.set(closes - 3 * SECOND);
  await shutOut(staff);
  await expect(staff).toHaveURL(/\/o\/gent\/tasks/);
  await axe(staff);
  expect(watch.clock.now()).toBeGreaterThanOrEqual(closes);

  // the other one is refused, and at the change of page
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
  for (const shut of [late, await watch.person(await browser.newContext(), "operator"), await watch.person(await browser.newContext(), "client")]) {
    expect((await watch.call(shut, "lift_downtime", { office: "gent", id })).status).toBe(503);
  }
  await late.getByRole("link", { name: "Nederlands" }).click();
  await expect(late.getByRole("heading", { level: 1 })).toHaveText("Nachtwacht is dicht voor onderhoud");
  await late.getByRole("link", { name: "English" }).click();
  await late.getByRole("button", { name: "Admin sign-in" }).click();
  await expect(late).toHaveURL(/\/sign-in$/);

  // admins and Support, also those who sign in now
  for (const [role, seconds] of [["admin", "130"], ["support", "140"]] as const) {
    const boss = await watch.person(await browser.newContext(), role);
    for (const path of ["tasks", "clients", "settings"]) {
      await watch.open(boss, `/o/gent/${path}`);
      await expect(notice(boss)).toContainText(/Nachtwacht is closed for regular users since (today|on .*) at \d\d:\d\d\./);
      await expect(notice(boss).getByRole("button")).toHaveCount(0);
    }
    const lease = boss.getByLabel("A silent connector loses its task after (seconds)");
    await lease.fill(seconds);
    await boss.getByRole("button", { name: "Save settings" }).click();
    await expect(boss.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
    await boss.reload();
    await alive(boss);
    await expect(lease).toHaveValue(seconds);
    await axe(boss);
  }
  // another office is open
  const norway = await watch.person(await browser.newContext(), "employee_no");
  await expect(norway).toHaveURL(/\/o\/kristiansand\//);
});

test("[D8.1, D10.1, D19.1] it ends by hand only: not at its expected end, not by a restart, not by a clock that steps back; the history keeps its lengths", async ({ watch, page, browser }) => {
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
  await watch.clock.set(closes + 2 * HOUR + 30 * MINUTE);
  await page.getByRole("button", { name: "Open Nachtwacht again" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Open Nachtwacht again" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Open again. Everybody can work." })).toBeVisible();
  await expect(notice(page)).toHaveCount(0);
  expect((await staff.request.get(`${watch.server.url}/o/gent/tasks`)).status()).toBe(200);
  const line = page.locator("table.past tbody tr").first();
  await expect(line.locator("td").nth(1)).toHaveText("4 h");
  await expect(line.getByTestId("real-length")).toHaveText("2 h");
  await expect(line).toContainText("We are running the year-end.");
  await line.getByRole("link").click();
  await expect(page.getByRole("rowheader", { name: "Opened again" }).first()).toBeVisible();
  await expect(page.getByRole("rowheader", { name: "Closed", exact: true }).first()).toBeVisible();
});

test("[D12.1] a new account is activated while it is closed; signing in then shows the maintenance page, and later the desk", async ({ watch, page, browser }) => {
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
  const later = await (await browser.newContext()).newPage();
  await later.goto(`${watch.server.url}/sign-in`);
  await later.locator("#email").fill(person.email);
  await later.locator("#password").fill("a long enough password");
  await later.getByTestId("sign-in").click();
  await shutOut(later);
  await watch.lift(page, id);
  await guest.reload();
  await alive(guest);
  await expect(guest).toHaveURL(/\/o\/gent\//);
});

test("[D13.3] a link that is followed while it is closed waits for the end, and then leads to its place", async ({ watch, page, browser }) => {
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

/** The four calls of an integration, with what it delivers and a task that is its own. */
function calls(watch: Watch, token: string, tasks: unknown[], own: string): [string, () => Promise<{ status: number; headers: Headers; body: any }>][] {
  const one = (call: string, body: unknown) => () => api(token, call, body, watch.server.url);
  const events = async () => {
    const over = new AbortController();
    const answer = await fetch(`${watch.server.url}/api/v1/events`, { headers: { authorization: `Bearer ${token}` }, signal: over.signal });
    // a stream that is open says so at once and goes on
    const body = answer.status === 200 ? new TextDecoder().decode((await answer.body!.getReader().read()).value) : await answer.json();
    over.abort();
    return { status: answer.status, headers: answer.headers, body };
  };
  return [["deliver", one("deliver", { tasks })], ["task", one("task", { id: own })], ["cancel", one("cancel", { id: own, reason: "x" })], ["events", events]];
}

/** The events of the sandbox's integration from now on; gives what waits for the next of a task. */
async function listening(watch: Watch): Promise<(task: string) => Promise<{ what: string; status: string }>> {
  const answer = await fetch(`${watch.server.url}/api/v1/events`, { headers: { authorization: `Bearer ${watch.keys.sandbox.integration_token}` } });
  expect(answer.status).toBe(200);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const until = async (shape: RegExp): Promise<string> => {
    for (;;) {
      const found = shape.exec(text);
      if (found) return found[0];
      const { value, done } = await reader.read();
      if (done) throw new Error(`the stream ended after: ${text}`);
      text += value;
    }
  };
  await until(/: ?open/);
  return async (task) => {
    const told = JSON.parse(await until(new RegExp(`(?<=^data: ?)\\{.*"task":"${task}".*\\}$`, "m")));
    await reader.cancel();
    return told;
  };
}

test("[D14.1, D14.4, D15.1, D15.2, D15.3] an exempt integration runs on; every other is told that it is temporarily out of service, nothing is queued, and the same call is accepted afterwards", async ({ watch, page }) => {
  await watch.dossiers("adsolut", "AAA");
  await watch.signIn(page, "admin_sandbox");
  const own = await watch.one({ kind: BOOK, dossier: "AAA", subject: "own.pdf" });
  const task = { kind: BOOK, dossier: "AAA", subject: "A.pdf", idempotency_key: "key-1" };
  const mine = (key: string) => calls(watch, watch.keys.sandbox.integration_token, [{ ...task, idempotency_key: key }], own);
  const refused = async (key: string, until: number | null, closes: number) => {
    for (const [call, ask] of mine(key)) {
      const left = until === null ? 0 : (until - watch.clock.now()) / SECOND;
      const { status, headers, body } = await ask();
      expect(status, call).toBe(503);
      expect(headers.get("content-type"), call).toBe("application/problem+json");
      expect(body.code, call).toBe("temporarily_out_of_service");
      expect(body.title).toBe("Temporarily out of service");
      expect(Object.keys(body).sort(), call).toEqual(["code", "detail", "since", "status", "title", "type"]);
      expect(Date.parse(body.since), call).toBeGreaterThanOrEqual(closes);
      expect(Date.parse(body.since), call).toBeLessThan(closes + MINUTE);
      const wait = headers.get("retry-after");
      expect(wait === null, call).toBe(until === null);
      expect(Number(wait), call).toBeGreaterThan(left - 60);
      expect(Number(wait), call).toBeLessThanOrEqual(left + 1);
    }
  };

  const until = watch.clock.minute(11 * MINUTE) + 2 * HOUR;
  const { id, closes } = await closed(watch, page, { until }, "sandbox");
  await refused("key-1", until, closes);
  // who is nobody is still nobody, and health and the description are there
  expect((await fetch(`${watch.server.url}/health/ready`)).status).toBe(200);
  expect((await fetch(`${watch.server.url}/api/v1/openapi.json`)).status).toBe(200);

  // exempted on the page while it is closed: each is answered as always
  await watch.settings(page, "sandbox");
  const exempt = page.getByRole("switch", { name: "Your own system" });
  await exempt.check();
  await expect.poll(async () => (await watch.integration("task", { id: own })).status).toBe(200);
  const delivered = await watch.integration("deliver", { tasks: [{ ...task, idempotency_key: "key-2" }] });
  expect([delivered.status, delivered.body.tasks[0].duplicate]).toEqual([200, false]);
  expect((await watch.integration("task", { id: delivered.body.tasks[0].id })).body.status).toBe("queued");
  const told = await listening(watch);
  const cancelled = await watch.integration("cancel", { id: own, reason: "not any more" });
  expect([cancelled.status, await watch.status(own)]).toEqual([200, "cancelled"]);
  expect(await told(own)).toMatchObject({ what: "cancelled", status: "cancelled" });
  // and not any more, from its next call on
  const unmark = async () => {
    const off = page.waitForResponse((r) => r.url().endsWith("/set_exempt"));
    await exempt.uncheck();
    expect((await off).status()).toBe(200);
  };
  await unmark();
  await refused("key-1", until, closes);

  await watch.lift(page, id, "sandbox");
  const accepted = await watch.integration("deliver", { tasks: [task] });
  expect(accepted.status).toBe(200);
  // nothing had been queued: it is new, and the only one beside the exempt one
  expect(accepted.body.tasks[0].duplicate).toBe(false);
  await watch.hello();
  expect((await watch.claim()).map((t) => t.id)).toEqual([delivered.body.tasks[0].id]);

  // marked before the next closing, of which nobody knows the end
  await watch.settings(page, "sandbox");
  const marked = page.waitForResponse((r) => r.url().endsWith("/set_exempt"));
  await exempt.check();
  expect((await marked).status()).toBe(200);
  const again = await closed(watch, page, {}, "sandbox");
  const next = (await watch.integration("deliver", { tasks: [{ ...task, subject: "B.pdf", idempotency_key: "key-3" }] })).body.tasks[0];
  expect((await watch.integration("task", { id: next.id })).body.status).toBe("queued");
  const toldAgain = await listening(watch);
  expect((await watch.integration("cancel", { id: next.id, reason: "x" })).status).toBe(200);
  expect(await watch.status(next.id)).toBe("cancelled");
  expect(await toldAgain(next.id)).toMatchObject({ what: "cancelled", status: "cancelled" });
  await watch.settings(page, "sandbox");
  await unmark();
  await refused("key-4", null, again.closes);
});

test("[D14.2] an invoice that an exempt integration delivers while it is closed is booked by the package before it opens again", async ({ watch, page }) => {
  await watch.signIn(page, "admin_sandbox");
  await watch.settings(page, "sandbox");
  const marked = page.waitForResponse((r) => r.url().endsWith("/set_exempt"));
  await page.getByRole("switch", { name: "Your own system" }).check();
  expect((await marked).status()).toBe(200);
  const site = new Site(watch);
  try {
    await closed(watch, page, {}, "sandbox");
    site.connect();
    const tasks = await site.deliver("MEANWHILE", [resolve("samples/invoice-two-rates.xml")]);
    expect(tasks).toHaveLength(2);
    await site.untilAll(tasks, "succeeded");
    expect(site.bookings("MEANWHILE")).toBe(1);
    expect(site.balances("MEANWHILE")["liabilities:payable:Drukkerij De Zilverberk BV"]).toBe("-1775.17 EUR");
    await watch.open(page, "/o/sandbox/tasks");
    await expect(notice(page)).toBeVisible();
  } finally {
    await site.close();
  }
});

test("[D14.3] tasks of others, and those that waited before the moment, are not handed out while what an exempt integration delivers is", async ({ watch, page }) => {
  await watch.dossiers("adsolut", "AAA", "BBB", "CCC");
  await watch.signIn(page, "admin_sandbox");
  await watch.open(page, "/o/sandbox/connectors");
  await page.getByRole("button", { name: "Add integration" }).click();
  await page.getByLabel("Name").fill("Another system");
  await page.getByTestId("confirm").click();
  const other = (await page.getByRole("dialog").locator("code").first().textContent())!;
  // a dossier each, so that none waits for another
  const [before] = await watch.deliver({ kind: SYNC, dossier: "AAA" });
  const theirs = (await api(other, "deliver", { tasks: [{ kind: SYNC, dossier: "BBB" }] }, watch.server.url)).body.tasks[0].id;
  await watch.settings(page, "sandbox");
  const marked = page.waitForResponse((r) => r.url().endsWith("/set_exempt"));
  await page.getByRole("switch", { name: "Your own system" }).check();
  expect((await marked).status()).toBe(200);
  const { id } = await closed(watch, page, {}, "sandbox");
  expect((await watch.integration("task", { id: before })).status).toBe(200);
  expect((await api(other, "task", { id: theirs }, watch.server.url)).status).toBe(503);
  expect(await watch.claim()).toEqual([]);
  // a claim that waits is answered with what comes, and with nothing else; so is each one after it
  const waiting = watch.claim(0, { wait_seconds: 30, max: 10 });
  const [meanwhile] = await watch.deliver({ kind: SYNC, dossier: "CCC" });
  const [task, ...more] = await waiting;
  expect([task!.id, more]).toEqual([meanwhile, []]);
  await watch.report(task!, DONE);
  expect(await watch.status(meanwhile!)).toBe("succeeded");
  const [behind] = await watch.deliver({ kind: SYNC, dossier: "AAA" });
  const [next] = await watch.deliver({ kind: SYNC, dossier: "CCC" });
  expect((await watch.claim(0, { max: 10 })).map((t) => t.id)).toEqual([next]);
  expect([await watch.status(before!), await watch.status(behind!)]).toEqual(["queued", "queued"]);
  await watch.lift(page, id, "sandbox");
  expect((await watch.claim(0, { wait_seconds: 10 })).map((t) => t.id)).toEqual([before, theirs]);
});

test("[D15.5] kinds that usually take longer than the time left are not handed out before the moment; shorter ones are", async ({ watch, page }) => {
  const codes = ["AAA", "BBB", "CCC", "DDD"];
  await watch.dossiers("adsolut", ...codes);
  await watch.signIn(page, "admin_sandbox");
  // synchronising takes twenty minutes here, booking one
  for (const [kind, minutes] of [[SYNC, 20], [BOOK, 1]] as const) {
    await watch.deliver(...codes.map((dossier) => ({ kind, dossier })));
    const tasks = await watch.claim();
    expect(tasks).toHaveLength(codes.length);
    await watch.clock.set(watch.clock.now() + minutes * MINUTE);
    for (const task of tasks) await watch.report(task);
  }
  // what work takes is learned in the order of what happened: once a later task is found by its words, it has been
  const later = await watch.one({ kind: BOOK, dossier: "DDD", subject: "Laterpaper" });
  await expect.poll(async () => (await watch.call(page, "search", { office: "sandbox", text: "laterpaper" })).body.hits.length).toBe(1);
  await watch.integration("cancel", { id: later, reason: "not needed" });
  const closes = watch.clock.minute(11 * MINUTE);
  const id = await watch.announce(page, closes, {}, "sandbox");
  const [long, short] = await watch.deliver({ kind: SYNC, dossier: "AAA" }, { kind: BOOK, dossier: "BBB" });
  expect((await watch.claim()).map((t) => t.id)).toEqual([short]);
  expect(await watch.status(long!)).toBe("queued");
  await watch.open(page, `/o/sandbox/tasks/${long}`);
  await expect(page.getByText("The desk is closed, or closes before this would be done.").first()).toBeVisible();
  // less than a minute before it, the shorter is withheld as well
  await watch.clock.set(closes - 30 * SECOND);
  const late = await watch.one({ kind: BOOK, dossier: "CCC" });
  expect(await watch.claim()).toEqual([]);
  await watch.lift(page, id, "sandbox");
  expect((await watch.claim(0, { wait_seconds: 10 })).map((t) => t.id)).toEqual([long, late]);
});

test("[D16.2] the preview gives the number of tasks that run: with two held by a connector, two", async ({ watch, page }) => {
  await watch.dossiers("adsolut", "AAA", "BBB", "CCC");
  await watch.deliver(...["AAA", "BBB", "CCC"].map((dossier) => ({ kind: BOOK, dossier })));
  await watch.signIn(page, "admin_sandbox");
  await watch.settings(page, "sandbox");
  await page.locator("#reason").fill("Year-end");
  const says = async (words: RegExp) => {
    await page.getByRole("button", { name: "In 1 hour" }).click();
    await page.getByRole("button", { name: "Review and announce" }).click();
    await expect(page.getByRole("dialog")).toContainText(words);
    await page.getByRole("dialog").getByRole("button", { name: "Back" }).click();
  };
  const held = await watch.claim(0, { max: 2 });
  expect(held).toHaveLength(2);
  await says(/(^|\D)2 tasks run now\. They may finish and report\./);
  await watch.report(held[0]!);
  await says(/(^|\D)1 task runs now\. It may finish and report\./);
});

test("[D15.4, T16.1] connectors: nothing is granted after the moment; what runs is finished and reported", async ({ watch, page }) => {
  await watch.dossiers("adsolut", "AAA", "BBB", "CCC");
  await watch.signIn(page, "admin_sandbox");
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

test("[D16.1] the preview shows who is signed in, what runs, and which jobs fall due; jobs are moved in one step", async ({ watch, page, browser }) => {
  await watch.signIn(page, "admin_no");
  const staff = await watch.person(await browser.newContext(), "employee_no");
  await watch.open(staff, "/o/kristiansand/clients");
  // the next Tuesday but today, 05:55 to 08:00, when the Nets jobs run
  let then = watch.clock.now() + DAY;
  while (new Date(local(then, "Europe/Oslo").day).getUTCDay() !== 2) then += DAY;
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
  // company 95's is on hold
  for (const company of ["1", "2", "3", "4", "5", "6", "7", "8", "75", "80", "90"]) {
    await expect(moves.filter({ has: page.getByText(`Nets_selskap ${company}`, { exact: true }) }), company).toHaveCount(1);
  }
  const named = await moves.count();
  expect(named).toBeGreaterThanOrEqual(11);
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
  expect(due).toHaveLength(named);
  await expect(page.locator("table.log tbody tr")).toHaveCount(named);
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

test("[D17.1] what was being typed at the cut-off is kept in the browser, shown, and offered back; the server saves nothing", async ({ watch, page, browser }) => {
  await watch.signIn(page, "admin");
  const closes = watch.clock.minute(11 * MINUTE);
  const id = await watch.announce(page, closes);
  const staff = await watch.person(await browser.newContext(), "employee");
  await watch.clock.set(closes - 3 * MINUTE);
  await watch.open(staff, "/o/gent/tasks?status=failed,action_required,queued,running");
  await staff.getByRole("button", { name: "I understand" }).click();
  await staff.locator("li.tr a").first().click();
  await staff.locator("#detail").getByRole("heading").first().waitFor();
  // a note that is not sent
  await staff.locator("[data-ask]").first().click();
  const note = staff.getByRole("dialog").locator("textarea");
  const typed = "Half a sentence with <b>signs</b> & \"quotes\"";
  await note.fill(typed);
  const task = new URL(staff.url()).searchParams.get("task");
  expect(task).toMatch(/^\d+$/);
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
  // neither when it is open again
  await watch.lift(page, id);
  await watch.open(stranger, "/o/gent/jobs");
  await expect(stranger.getByTestId("unsaved")).toHaveCount(0);
  await stranger.close();
  await watch.signIn(staff, "employee");
  await watch.open(staff, "/o/gent/clients");
  const offer = staff.getByTestId("unsaved");
  await expect(offer).toContainText(typed);
  await axe(staff);
  await offer.getByRole("button", { name: "Forget it" }).click();
  await expect(offer).toHaveCount(0);
  await staff.reload();
  await alive(staff);
  await expect(offer).toHaveCount(0);
  // the server has nothing of it
  await watch.open(staff, `/o/gent/tasks/${task}`);
  await expect(status(staff)).not.toBeEmpty();
  await expect(staff.getByRole("main")).not.toContainText("Half a sentence");
});

test("[D17.1] a field of a page gets back what was typed into it", async ({ watch, page, browser }) => {
  await watch.signIn(page, "admin");
  const closes = watch.clock.minute(11 * MINUTE);
  const id = await watch.announce(page, closes);
  const staff = await watch.person(await browser.newContext(), "operator_no");
  // of another office: this one is closed for the whole platform
  await watch.lift(page, id);
  const support = await watch.person(await browser.newContext(), "support");
  const all = await watch.announce(support, closes, { platform: true }, "kristiansand");
  await watch.clock.set(closes - 3 * MINUTE);
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

test("[D18.1, D18.2] the countdown follows the server's clock whatever the browser's says, and is said politely at 60, 30, 10, 5 and 1 minutes", async ({ watch, page, browser }) => {
  await watch.signIn(page, "admin");
  const closes = watch.clock.minute(3 * HOUR);
  await watch.announce(page, closes);
  const staff = await (await browser.newContext()).newPage();
  await staff.addInitScript(() => Reflect.deleteProperty(window, "SharedWorker"));
  // five hours off, and then asleep for a while
  await staff.clock.install({ time: new Date(watch.clock.now() - 5 * HOUR) });
  await staff.clock.resume();
  await watch.signIn(staff, "employee");
  // far enough from the first of the five, however slow the machine
  await watch.clock.set(closes - 75 * MINUTE);
  await watch.open(staff, "/o/gent/tasks");
  await staff.getByRole("button", { name: "I understand" }).click();
  const timer = countdown(staff).getByRole("timer");
  await expect(timer).toHaveText(/^01:1[0-5]:\d\d$/);
  // a screen reader is told by a region for it, and not by the clock that runs
  const said = staff.getByRole("status").and(staff.getByTestId("countdown-said"));
  await expect(said).toHaveText("");
  expect(await timer.evaluate((e) => e.closest("[aria-live], [role=status], [role=alert], [role=log]"))).toBeNull();
  // asleep nothing is heard: the two clocks below are set one after the other, and what is told between them would be wrong
  await staff.context().setOffline(true);
  for (const [at, words] of [[60, "60 minutes"], [45, "60 minutes"], [30, "30 minutes"], [10, "10 minutes"], [8, "10 minutes"], [5, "5 minutes"], [1, "1 minute"]] as const) {
    // the tab wakes: the browser's clock has gone on, and so has the server's
    await watch.clock.set(closes - at * MINUTE + SECOND);
    const shown = await timer.textContent();
    const [h, m, s] = shown!.split(":").map(Number);
    await staff.clock.fastForward(Math.max(0, (h! * 3600 + m! * 60 + s!) * SECOND - at * MINUTE + SECOND));
    await expect(timer).toHaveText(new RegExp(`^00:(${String(at).padStart(2, "0")}|${String(at - 1).padStart(2, "0")}):\\d\\d$`));
    await expect(said).toHaveText(`Nachtwacht closes in ${words}. Save your work.`);
  }
});

test("[D7.1, D18.3] an open page is shut out by itself or at the change of page; a browser that never reloads at the next press of a button, which changes nothing", async ({ watch, page: admin, browser }) => {
  await watch.signIn(admin, "admin");
  const closes = watch.clock.minute(11 * MINUTE);
  const id = await watch.announce(admin, closes);
  const staff = await (await browser.newContext()).newPage();
  await staff.clock.install({ time: new Date(watch.clock.now()) });
  await watch.signIn(staff, "employee");
  await watch.open(staff, "/o/gent/profile");
  await staff.getByRole("button", { name: "I understand" }).click();
  await expect(countdown(staff)).toBeVisible();
  const open = await watch.person(await browser.newContext(), "employee");
  await watch.open(open, "/o/gent/clients");
  // from here on nothing moves in it by itself: it hears of nothing, and its clock stands still
  await staff.route("**/api/desk/live*", (r) => r.abort());
  await staff.addInitScript(() => Reflect.deleteProperty(window, "SharedWorker"));
  await staff.goto(`${watch.server.url}/o/gent/profile`);
  await expect(staff.locator("html[data-ready]")).toBeAttached();
  await staff.clock.pauseAt(await staff.evaluate(() => Date.now() + 10_000));
  // what it asked before has been answered
  await staff.waitForLoadState("networkidle");
  await watch.clock.set(closes + MINUTE);
  await shutOut(open);
  const choice = reminders(staff);
  await expect(choice).toBeChecked();
  await expect(staff.getByRole("heading", { level: 1 })).toHaveText("Your profile");
  const refused = staff.waitForResponse((r) => r.url().endsWith("/choose_mail"));
  await choice.click();
  expect((await refused).status()).toBe(503);
  await shutOut(staff);
  await staff.goto(`${watch.server.url}/o/gent/clients`);
  await shutOut(staff);
  await watch.lift(admin, id);
  await staff.goto(`${watch.server.url}/o/gent/profile`);
  await expect(choice).toBeChecked();
});

test("[D8.1, D10.1] Support closes every office at once: an office's admin works on, sees it, and cannot open it", async ({ watch, page, browser }) => {
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
  await watch.settings(page, "gent");
  await page.getByRole("button", { name: "Open Nachtwacht again" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Open Nachtwacht again" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Open again. Everybody can work." })).toBeVisible();
  const back = await watch.person(await browser.newContext(), "employee");
  await expect(back).toHaveURL(/\/o\/gent\//);
});
