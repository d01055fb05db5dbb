/** Support's causes: one line for what stopped many tasks in many offices, and what Support does to all of them. */
import { expect, type Locator, type Page } from "@playwright/test";
import { BOOK, alive, failed, test, type Sandbox } from "./sandbox";
import { axe } from "./support";

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

test("[M15] one line for each cause, with its tasks, dossiers, offices, first and last time, and its days", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  await stop(sandbox, "disk_full", ["AAA", "BBB"]);
  await stop(sandbox, "odd_one", ["CCC"]);
  await open(sandbox, page);
  const line = cause(page, "adsolut.disk_full");
  await expect(line).toContainText("disk_full");
  await expect(line).toContainText("Adsolut");
  await expect(line).toContainText("2 tasks in 2 dossiers");
  await expect(line).toContainText("Sandbox");
  await expect(line).toContainText("New");
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

test("[M5] no ticket is needed: a red task stands in Support's causes by itself, and the office is told who has it", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  await stop(sandbox, "disk_full", ["AAA", "BBB"]);
  const [odd] = await stop(sandbox, "odd_one", ["CCC"]);
  await open(sandbox, page);
  await expect(page.locator("li.cr").first()).toHaveAttribute("data-cause", "adsolut.disk_full");
  await cause(page, "adsolut.odd_one").getByRole("link").click();
  await page.getByRole("button", { name: "I’m on it" }).click();
  await expect(page.locator("#detail .said")).toHaveText("The offices now read that you are on it.");
  await expect(page.getByTestId("stand")).toHaveText(/is on it$/);
  await expect(cause(page, "adsolut.odd_one")).toHaveAttribute("data-stand", "working");
  const detail = await page.request.post(`${sandbox.server.url}/api/desk/task_detail`, { data: { office: "sandbox", id: odd } });
  const task = await detail.json();
  expect(task.row.taken).toBeTruthy();
  expect(task.history[0].what).toBe("taken");
});

test("[M3] one is restarted to test, then all at once; who is faster is told", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  const ids = await stop(sandbox, "disk_full", ["AAA", "BBB", "CCC"]);
  await open(sandbox, page, `${LIST}&cause=adsolut.disk_full`);
  const panel = page.locator("#detail");
  await panel.getByRole("button", { name: "Restart 1 to test" }).click();
  await expect(panel.locator(".said")).toHaveText("1 task restarted.");
  expect(await sandbox.status(ids[0]!)).toBe("queued");
  expect(await sandbox.status(ids[1]!)).toBe("failed");
  await panel.getByRole("button", { name: "Restart all 2" }).click();
  await expect(panel.locator(".said")).toHaveText("2 tasks restarted.");
  for (const id of ids) expect(await sandbox.status(id)).toBe("queued");
  await expect(panel.getByTestId("stand")).toHaveText("Nothing open");
  await expect(panel.getByRole("button", { name: /Restart/ })).toHaveCount(0);
  // the line stays where it is until the person moves on
  await expect(cause(page, "adsolut.disk_full")).toHaveClass(/gone/);
  const again = await page.request.post(`${sandbox.server.url}/api/desk/restart_everywhere`, { data: { key: "adsolut.disk_full", one: false } });
  expect(again.status()).toBe(409);
});

test("[M15] a cause is handed to the office with a note", async ({ sandbox, page }) => {
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
});

test("[M15] a cause that returns after it was solved says so, and new causes wait to be shown", async ({ sandbox, page }) => {
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

  await stop(sandbox, "disk_full", ["BBB"]);
  await page.getByRole("button", { name: /1 new/ }).click();
  await expect(cause(page, "adsolut.disk_full")).toContainText("Came back on");
});

test("[M15] causes are for Support", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "admin");
  const answer = await page.goto(`${sandbox.server.url}/o/gent/causes`);
  expect(answer!.status()).toBe(403);
  await expect(page.getByText("This page is for Support.")).toBeVisible();
  for (const [call, data] of [
    ["causes", { office: "gent", filter: { turns: [], package: "", office: "", text: "" }, after: null }], ["cause", { office: "gent", key: "x" }], ["take_cause", { key: "x" }],
    ["restart_everywhere", { key: "x", one: false }], ["hand_cause_over", { key: "x", note: "n" }], ["solve_cause", { key: "x" }],
    ["instructions", { office: "gent" }], ["editing", { office: "gent", package: "adsolut", code: "x" }],
  ] as const) {
    const refused = await page.request.post(`${sandbox.server.url}/api/desk/${call}`, { data });
    expect(refused.status(), call).toBe(403);
  }
});

test("[M17] one instruction done for a cause offers to restart all that wait for the same, and no other", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC");
  const [a, b] = await stop(sandbox, "period_not_open", ["AAA", "BBB"], { period: "201802" });
  const [other] = await stop(sandbox, "period_not_open", ["CCC"], { period: "201803" });
  await sandbox.signIn(page, "support");
  const panel = await sandbox.panel(page, a!);
  await panel.getByRole("button", { name: /^Restart all 2/ }).click();
  await expect(panel.locator(".said")).toHaveText("Restarted.");
  for (const id of [a, b]) expect(await sandbox.status(id!)).toBe("queued");
  expect(await sandbox.status(other!)).toBe("action_required");
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
