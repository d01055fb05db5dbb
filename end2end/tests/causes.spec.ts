/** Support's causes: one line for what stopped many tasks in many offices, and what Support does to all of them. */
import { expect, type Locator, type Page } from "@playwright/test";
import { ACTIVATE, BOOK, DONE, KINDS, alive, failed, test, type Claimed, type Outcome, type Sandbox } from "./sandbox";
import { local } from "./clock";
import { api, axe } from "./support";

const LIST = "/o/sandbox/causes?of=sandbox&show=red,orange";


/** The line of a cause. */
function cause(page: Page, key: string): Locator {
  return page.locator(`li.cr[data-cause="${key}"]`);
}

/** Tasks of several dossiers that stop with one code. */
async function stop(sandbox: Sandbox, code: string, dossiers: string[], params: Record<string, unknown> = {}): Promise<string[]> {
  const ids = [];
  for (const dossier of dossiers) ids.push(await sandbox.fail({ kind: BOOK, dossier, subject: `${dossier}.pdf` }, failed(code, params, "as the package says it")));
  return ids;
}

async function open(sandbox: Sandbox, page: Page, address = LIST): Promise<void> {
  await sandbox.signIn(page, "support");
  await sandbox.open(page, address);
}

test("[M15.2] one line for each cause, with its tasks, dossiers, offices, first and last time, and its days", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  const stopped = await stop(sandbox, "disk_full", ["AAA", "BBB"]);
  await stop(sandbox, "odd_one", ["CCC"]);
  await open(sandbox, page);
  const line = cause(page, "adsolut.disk_full");
  await expect(line).toContainText("disk_full");
  await expect(line).toContainText("Adsolut");
  await expect(line).toContainText("2 tasks in 2 dossiers");
  await expect(line).toContainText("Sandbox");
  await expect(line).toContainText("New");
  const [first, last] = await Promise.all(stopped.map(async (id) => Date.parse((await sandbox.task(id)).attempts[0].ended_at)));
  expect(first).toBeLessThan(last!);
  await expect(line.getByText("First seen")).toBeVisible();
  const times = await line.locator("time").evaluateAll((all) => all.map((t) => Date.parse(t.getAttribute("datetime")!)));
  expect(times).toEqual([last, first]);
  await expect(line.getByRole("img")).toHaveAccessibleName("2 stops in 14 days, at most 2 in a day");
  await expect(line.locator("rect")).toHaveCount(14);
  await expect(page.locator("li.cr")).toHaveCount(2);

  // the other offices' causes are here as well, and the address is the filter
  await page.getByRole("combobox", { name: "Office" }).selectOption("");
  await expect(page).toHaveURL(/causes\?show=red,orange$/);
  await expect(page.locator("li.cr", { hasText: "Halden & Vos" }).first()).toBeVisible();
  await page.getByRole("searchbox", { name: "Search causes" }).fill("disk");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=disk/);
  await expect(page.locator("li.cr")).toHaveCount(1);
  await page.reload();
  await expect(page.locator("li.cr")).toHaveCount(1);

  await line.getByRole("link").click();
  const panel = page.locator("#detail");
  await expect(panel.getByRole("heading", { level: 2 })).toHaveText("disk_full · Adsolut");
  await expect(panel.locator(".of li")).toHaveCount(2);
  await expect(panel).toContainText("First seen");
  await panel.getByText("Technical details").click();
  await expect(panel).toContainText("as the package says it");
});

test("[M5.1, M5.2, M5.5] no ticket is needed: a red task stands in Support's causes by itself, and employee and admin are told, live, who has it", async ({ sandbox, page, browser }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  await sandbox.manages("employee", "CCC");
  await stop(sandbox, "disk_full", ["AAA", "BBB"]);
  const [odd] = await stop(sandbox, "odd_one", ["CCC"]);
  const staff = [];
  for (const role of ["employee_sandbox", "admin_sandbox"]) {
    const person = await (await browser.newContext()).newPage();
    await sandbox.signIn(person, role);
    const panel = await sandbox.panel(person, odd!);
    await expect(panel.locator(".calm"), role).toHaveText("Support is on it. You do not need a ticket.");
    await expect(panel.locator(".mark-line"), role).toHaveCount(0);
    staff.push(person);
  }
  await open(sandbox, page);
  await expect(page.locator("li.cr").first()).toHaveAttribute("data-cause", "adsolut.disk_full");
  await cause(page, "adsolut.odd_one").getByRole("link").click();
  await page.getByRole("button", { name: "I’m on it" }).click();
  await expect(page.locator("#detail .said")).toHaveText("The offices now read that you are on it.");
  await expect(page.getByTestId("stand")).toHaveText("Sara Support is on it");
  await expect(cause(page, "adsolut.odd_one")).toHaveAttribute("data-stand", "working");
  // on both screens as they stand, with since when
  for (const person of staff) {
    await expect(person.locator("#detail .mark-line")).toHaveText("Sara Support at Support is on it.");
    const taken = person.locator("#detail ol.hist > li").first();
    await expect(taken).toContainText("Support is on it");
    await expect(taken).toContainText("by Sara Support");
    const since = Date.parse((await taken.locator("time").getAttribute("datetime"))!);
    expect(Math.abs(Date.now() - since)).toBeLessThan(180_000);
    await person.context().close();
  }
});

/** Tasks of dossiers of Halden & Vos that stop with one code in hledger, which none of the demo's connectors reaches. */
async function stopElsewhere(sandbox: Sandbox, code: string, dossiers: string[]): Promise<string[]> {
  const [integration, enrol] = await sandbox.as("admin", async (call) => [
    (await call("add_integration", { office: "gent", name: "Ledger link" })).secret,
    (await call("add_connector", { office: "gent", name: "Cellar" })).secret,
  ]);
  const ask = async (token: string | null, name: string, body: unknown): Promise<any> => {
    const answer = await api(token, name, body, sandbox.server.url);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body;
  };
  const { token } = await ask(null, "enrol", { code: enrol });
  await ask(token, "hello", { boot_id: "cellar", version: "1", packages: ["hledger"], kinds: KINDS, recovers: [], max_parallel: 100 });
  const deliver = async (tasks: unknown[], outcome: Outcome): Promise<string[]> => {
    const ids = (await ask(integration, "deliver", { tasks })).tasks.map((t: { id: string }) => t.id);
    const { tasks: taken } = await ask(token, "claim", { request_id: `cellar ${ids[0]}`, max: 100 });
    const reports = taken.map((t: Claimed) => ({ task: t.id, lease: t.lease, outcome }));
    expect((await ask(token, "report", { reports })).reports).toHaveLength(dossiers.length);
    return ids;
  };
  await deliver(dossiers.map((dossier) => ({ kind: ACTIVATE, dossier, payload: { name: `Books of ${dossier}`, package: "hledger" } })), DONE);
  return deliver(dossiers.map((dossier) => ({ kind: BOOK, dossier, subject: `${dossier}.pdf` })), failed(code));
}

test("[M3.1, M15.2] one is restarted to test, then all of the cause at once, over offices; who is slower is told", async ({ sandbox, page, browser }) => {
  await sandbox.dossiers("hledger", "AAA", "BBB", "CCC");
  const ids = await stop(sandbox, "disk_full", ["AAA", "BBB", "CCC"]);
  const theirs = await stopElsewhere(sandbox, "disk_full", ["YYY", "ZZZ"]);
  await sandbox.signIn(page, "support");
  const address = "/o/sandbox/causes?show=red&cause=hledger.disk_full";
  await sandbox.open(page, address);
  const panel = page.locator("#detail");
  await expect(panel.locator(".lead").first()).toHaveText("5 tasks in 5 dossiers");
  await expect(cause(page, "hledger.disk_full")).toContainText("Halden & Vos, Gent");
  await expect(cause(page, "hledger.disk_full")).toContainText("Sandbox");
  await panel.getByRole("button", { name: "Restart 1 to test" }).click();
  await expect(panel.locator(".said")).toHaveText("1 task restarted.");
  await expect(panel.locator(".lead").first()).toHaveText("4 tasks in 4 dossiers");
  expect((await Promise.all(ids.map((id) => sandbox.status(id)))).sort()).toEqual(["failed", "failed", "queued"]);

  // a colleague presses the same button a moment later
  const context = await browser.newContext();
  const slower = await context.newPage();
  await sandbox.signIn(slower, "support");
  await sandbox.open(slower, address);
  await slower.route("**/api/desk/restart_everywhere", async (route) => {
    await panel.getByRole("button", { name: "Restart all 4" }).click();
    await expect(panel.locator(".said")).toHaveText("4 tasks restarted.");
    await route.continue();
  });
  await slower.locator("#detail").getByRole("button", { name: "Restart all 4" }).click();
  await expect(slower.locator("#detail .said")).toContainText("Somebody was faster");
  await context.close();
  for (const id of ids) expect(await sandbox.status(id)).toBe("queued");
  for (const id of theirs) {
    await page.goto(`${sandbox.server.url}/o/gent/tasks/${id}`);
    await alive(page);
    await expect(page.getByTestId("status")).toHaveText("Queued");
    await expect(page.locator("ol.hist > li", { hasText: "Restarted" })).toContainText("by Sara Support");
  }
});

test("a cause of which nothing is open any more says so, and its line stays until the person moves on", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB");
  await stop(sandbox, "disk_full", ["AAA", "BBB"]);
  await open(sandbox, page, `${LIST}&cause=adsolut.disk_full`);
  const panel = page.locator("#detail");
  await panel.getByRole("button", { name: "Restart all 2" }).click();
  await expect(panel.locator(".said")).toHaveText("2 tasks restarted.");
  await expect(panel.getByTestId("stand")).toHaveText("Nothing open");
  await expect(panel.getByRole("button", { name: /Restart/ })).toHaveCount(0);
  await expect(cause(page, "adsolut.disk_full")).toHaveClass(/gone/);
});

test("[M15.2] a cause is handed to the office with a note, which its admin reads", async ({ sandbox, page, browser }) => {
  await sandbox.dossiers("adsolut", "AAA");
  const [id] = await stop(sandbox, "disk_full", ["AAA"]);
  await open(sandbox, page, `${LIST}&cause=adsolut.disk_full`);
  const panel = page.locator("#detail");
  await panel.getByText("Hand to the office").click();
  await panel.getByLabel("What the office must know").fill("Free some disk space. שלום <b>now</b>");
  await panel.getByRole("button", { name: "Hand over 1 task" }).click();
  await expect(panel.locator(".said")).toHaveText("1 task is with the office now.");
  expect(await sandbox.status(id!)).toBe("action_required");
  await expect(cause(page, "adsolut.disk_full")).toHaveAttribute("data-stand", "with_office");
  const admin = await (await browser.newContext()).newPage();
  await sandbox.signIn(admin, "admin_sandbox");
  const theirs = await sandbox.panel(admin, id!);
  await expect(theirs.locator(".mark-line")).toHaveText("Sara Support writes: Free some disk space. שלום <b>now</b>");
  await admin.context().close();
});

test("[M15.3] a cause that returns after it was solved says so, and new causes wait to be shown", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB");
  await stop(sandbox, "disk_full", ["AAA"]);
  await open(sandbox, page, `${LIST}&cause=adsolut.disk_full`);
  const panel = page.locator("#detail");
  await panel.getByRole("button", { name: "Restart all 1" }).click();
  await expect(panel.locator(".said")).toHaveText("1 task restarted.");
  await sandbox.report(await sandbox.claimOne());
  await panel.getByRole("button", { name: "Mark as solved" }).click();
  await expect(panel.getByTestId("stand")).toHaveText("Solved");
  await page.goto(`${sandbox.server.url}/o/sandbox/causes?of=sandbox`);
  await alive(page);
  await expect(page.locator("li.cr")).toHaveCount(0);
  // a cause with nothing open is not asked for: it is no news when the list is read again
  const read = page.waitForResponse("**/api/desk/causes");
  await sandbox.one({ kind: BOOK, dossier: "AAA", subject: "new.pdf" });
  await (await read).finished();
  await page.waitForTimeout(300);
  await expect(page.locator(".news")).toHaveCount(0);
  await sandbox.report(await sandbox.claimOne());

  const [again] = await stop(sandbox, "disk_full", ["BBB"]);
  await page.getByRole("button", { name: /1 new/ }).click();
  const back = Date.parse((await sandbox.task(again!)).attempts[0].ended_at);
  const { day, clock } = local(back);
  const name = (part: "weekday" | "month") => new Intl.DateTimeFormat("en-US", { timeZone: "Europe/Brussels", [part]: "short" }).format(back);
  const since = `${name("weekday")} ${Number(day.slice(8))} ${name("month")} ${day.slice(0, 4)}, ${clock}`;
  await expect(cause(page, "adsolut.disk_full")).toContainText(`Came back on ${since}, after it was solved on `);
});

test("[M15.4] causes are for Support, and for nobody of the office", async ({ sandbox, browser }) => {
  for (const role of ["admin", "operator", "employee", "client"]) {
    const page = await (await browser.newContext()).newPage();
    await sandbox.signIn(page, role);
    const answer = await page.goto(`${sandbox.server.url}/o/gent/causes`);
    expect(answer!.status(), role).toBe(403);
    await expect(page.getByText("This page is for Support.")).toBeVisible();
    for (const [call, data] of [
      ["causes", { office: "gent", filter: { turns: [], package: "", office: "", text: "" }, after: null }], ["cause", { office: "gent", key: "x" }], ["take_cause", { key: "x" }],
      ["restart_everywhere", { key: "x", one: false }], ["hand_cause_over", { key: "x", note: "n" }], ["solve_cause", { key: "x" }],
      ["instructions", { office: "gent" }], ["editing", { office: "gent", package: "adsolut", code: "x" }],
    ] as const) {
      const refused = await page.request.post(`${sandbox.server.url}/api/desk/${call}`, { data });
      expect(refused.status(), `${call} as ${role}`).toBe(403);
    }
    await page.context().close();
  }
});

test("[M17.1, M17.2] one instruction done for a cause offers an employee to restart all that wait for the same in their dossiers, and no other", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC", "DDD");
  await sandbox.manages("employee", "AAA", "BBB", "CCC");
  const [a, b, foreign] = await stop(sandbox, "period_not_open", ["AAA", "BBB", "DDD"], { period: "201802" });
  const [other] = await stop(sandbox, "period_not_open", ["CCC"], { period: "201803" });
  await sandbox.signIn(page, "employee_sandbox");
  const panel = await sandbox.panel(page, a!);
  await panel.getByRole("button", { name: /^Restart all 2/ }).click();
  await expect(panel.locator(".said")).toHaveText("Restarted.");
  for (const id of [a, b]) expect(await sandbox.status(id!)).toBe("queued");
  for (const id of [other, foreign]) expect(await sandbox.status(id!)).toBe("action_required");
});

test("causes: nonsense in the address does no harm, and the page holds at every size in both themes", async ({ sandbox, page }) => {
  test.slow();
  await sandbox.dossiers("adsolut", "AAA");
  await stop(sandbox, "disk_full", ["AAA"]);
  await open(sandbox, page, "/o/sandbox/causes?show=moon,%00&package=nobody&of=&q=%25_'&cause=no%20such");
  await expect(page.getByText("No cause matches this filter.")).toBeVisible();
  await expect(page.locator("#detail")).toContainText("There is no such page");
  for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      for (const address of [LIST, `${LIST}&cause=adsolut.disk_full`]) {
        await sandbox.open(page, address);
        await axe(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      }
    }
  }
});
