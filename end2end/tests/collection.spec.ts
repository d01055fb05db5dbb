/** Collection systems and their entries, step by step as the source has it (C1–C7). */
import { expect, type Locator, type Page } from "@playwright/test";
import { axe, watchErrors } from "./support";
import { test, type Sandbox } from "./sandbox";
import { desk, detail, ready } from "./jobs_support";

test.use({ viewport: { width: 1440, height: 900 } });

const NAMES = [
  "CCM BS Send Agree Batch Job", "CCM BS Import Agree Batch Job", "CCM BS Send Batch Job",
  "CCM BS Status Batch Job", "CCM BS Import Pmt. Batch Job", "CCM Post Coll. Jnl. Batch Job",
];

function entry(page: Page, kind: string): Locator {
  return page.locator(`tr[data-entry="${kind}"]`);
}

async function system(sandbox: Sandbox, page: Page, code = "nets_basis", company = "1"): Promise<number> {
  return desk<number>(page, sandbox, "add_system", { code, company });
}

async function open(sandbox: Sandbox, page: Page, id: number): Promise<void> {
  await sandbox.open(page, `/o/sandbox/collection/${id}`);
}

test("[C1][C5][C6] search Collection systems, pick the system, Job queue entries: six are created once, and inactive", async ({ sandbox, page }) => {
  const errors = watchErrors(page);
  await ready(sandbox, page, "1");
  await sandbox.open(page, "/o/sandbox/tasks");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("Collection systems");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/collection$/);
  await page.getByLabel("Collection system", { exact: true }).selectOption("nets_basis");
  await page.getByLabel("Company", { exact: true }).selectOption("1");
  await page.getByRole("button", { name: "Add" }).click();
  await expect(page.getByRole("heading", { name: "Nets-BASIS" })).toBeVisible();
  await page.getByTestId("make-entries").click();
  await expect(page.locator("tr[data-entry] th a")).toHaveText(NAMES);
  await expect(page.locator("tr[data-entry] [data-testid=job-status]")).toHaveText(Array(6).fill("Inactive"));
  for (const box of await page.locator("tr[data-entry] [role=switch]").all()) await expect(box).toHaveAttribute("aria-checked", "false");
  await page.getByTestId("make-entries").click();
  await expect(page.locator(".said", { hasText: "Nothing was created twice." })).toBeVisible();
  await expect(page.locator("tr[data-entry]")).toHaveCount(6);
  expect((await desk(page, sandbox, "jobs", { ask: {} })).total).toBe(6);
  expect(errors).toEqual([]);
});

test("[C2] entries run only while the system is active and marked for direct communication, and say so", async ({ sandbox, page }) => {
  await ready(sandbox, page, "1");
  const id = await system(sandbox, page);
  await desk(page, sandbox, "make_entries", { id });
  await open(sandbox, page, id);
  const status = entry(page, "ccm_status");
  const on = status.getByRole("switch");
  await expect(status.getByTestId("gate")).toHaveText("Does not run: the collection system is not active.");
  await expect(on).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("switch", { name: "System active" }).click();
  await expect(status.getByTestId("gate")).toHaveText("Does not run: direct communication is off.");
  const job = (await desk(page, sandbox, "system", { id })).entries[3].job;
  const refused = await page.request.post(`${sandbox.server.url}/api/desk/do_job`, { data: { office: "sandbox", id: job, version: 1, verb: "activate", why: null } });
  expect(refused.status()).toBe(409);
  expect((await refused.json()).detail).toContain("direct communication is off");
  await page.getByRole("switch", { name: "Direct communication" }).click();
  await expect(status.getByTestId("gate")).toHaveText("");
  await on.click();
  await expect(status.locator("[data-testid=job-status]")).toHaveText("Queued");
  // another person shuts the gate: this page says so without a reload, and a run by hand is refused
  await desk(page, sandbox, "set_system", { id, version: 3, active: true, direct: false });
  await expect(status.getByTestId("gate")).toHaveText("Does not run: direct communication is off.");
  const { line } = await detail(page, sandbox, job);
  const run = await page.request.post(`${sandbox.server.url}/api/desk/do_job`, { data: { office: "sandbox", id: job, version: line.version, verb: "run_now", why: null } });
  expect(run.status()).toBe(409);
});

test("[C3] of Nets-BASIS and Nets-TOTAL one imports payments: the switch is offered before activation", async ({ sandbox, page }) => {
  await ready(sandbox, page, "1");
  const [basis, total] = [await system(sandbox, page), await system(sandbox, page, "nets_total")];
  await desk(page, sandbox, "set_system", { id: total, version: 1, active: true, direct: true });
  await desk(page, sandbox, "make_entries", { id: basis });
  await open(sandbox, page, basis);
  const rival = page.getByTestId("rival");
  await expect(rival).toContainText("Nets-TOTAL is active");
  await expect(rival).toContainText("Nets-BASIS and Nets-TOTAL cannot both import payments. Switch to Nets-BASIS?");
  // both on: the others may run, payments are not imported
  await page.getByRole("switch", { name: "System active" }).click();
  await page.getByRole("switch", { name: "Direct communication" }).click();
  await expect(entry(page, "ccm_import_payments").getByTestId("gate")).toHaveText("Does not run: Nets-TOTAL is active too, and only one of the two may be.");
  await expect(entry(page, "ccm_status").getByTestId("gate")).toHaveText("");
  await rival.getByRole("button", { name: "Switch to Nets-BASIS" }).click();
  await expect(rival).toHaveCount(0);
  await entry(page, "ccm_import_payments").getByRole("switch").click();
  await expect(entry(page, "ccm_import_payments").locator("[data-testid=job-status]")).toHaveText("Queued");
  expect((await desk(page, sandbox, "system", { id: total })).line.active).toBe(false);
});

test("[C4] each kind says what it does, and a run shows its counts", async ({ sandbox, page }) => {
  await ready(sandbox, page, "1");
  const id = await system(sandbox, page);
  await desk(page, sandbox, "make_entries", { id });
  await desk(page, sandbox, "set_system", { id, version: 1, active: true, direct: true });
  await open(sandbox, page, id);
  await expect(entry(page, "ccm_send_agreements")).toContainText("Sends mandates that were created here, have status OK and are to be transferred.");
  await expect(entry(page, "ccm_import_agreements")).toContainText("creates or updates agreements where a customer matches");
  await expect(entry(page, "ccm_import_payments")).toContainText("completed payments, collections and returns");
  const { job, version } = (await desk(page, sandbox, "system", { id })).entries[4];
  await desk(page, sandbox, "switch_entry", { job, version, on: true });
  await desk(page, sandbox, "do_job", { id: job, version: version + 1, verb: "run_now", why: null });
  const [task] = await sandbox.claim();
  await sandbox.report(task!, { succeeded: { result: { counts: { payments: 12, collections: 3, returns: 1 }, outputs: [], log: "" } } });
  await expect(entry(page, "ccm_import_payments").getByTestId("counts")).toHaveText("12 payments, 3 collections, 1 returns");
});

test("[C7] 07:00, 120, 09:00: two runs a day, typed in place", async ({ sandbox, page }) => {
  await ready(sandbox, page, "1");
  const id = await system(sandbox, page);
  await desk(page, sandbox, "make_entries", { id });
  await open(sandbox, page, id);
  await expect(entry(page, "ccm_import_agreements").getByTestId("runs")).toHaveText("07:00, 09:00, 2 runs");
  const line = entry(page, "ccm_send_agreements");
  await line.locator("[name=start]").fill("07:00");
  await line.locator("[name=every]").fill("120");
  await expect(line.getByTestId("runs")).toHaveText("Give minutes and an end, or neither.");
  await expect(line.getByRole("button", { name: "Save" })).toBeDisabled();
  await line.locator("[name=end]").fill("09:00");
  await expect(line.getByTestId("runs")).toHaveText("07:00, 09:00, 2 runs");
  await line.getByRole("button", { name: "Save" }).click();
  await expect(line.getByRole("button", { name: "Save" })).toHaveCount(0);
  const { job } = (await desk(page, sandbox, "system", { id })).entries[0];
  const { form } = await detail(page, sandbox, job);
  expect(form.schedule.every).toEqual({ minutes: 120, from: "07:00", to: "09:00" });
  const { next } = await desk(page, sandbox, "preview_schedule", { schedule: form.schedule });
  const clock = (m: { at: number; offset: number }) => new Date(m.at + m.offset * 60_000).toISOString().slice(11, 16);
  expect(next.slice(0, 4).map(clock).sort()).toEqual(["07:00", "07:00", "09:00", "09:00"]);
  await page.reload();
  await expect(line.locator("[name=end]")).toHaveValue("09:00");
});

for (const [name, width, height] of [["desktop", 1440, 900], ["phone", 390, 844]] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`[S4] collection systems break no rule: ${name}, ${colorScheme}`, async ({ sandbox, page }) => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await ready(sandbox, page, "1", "2");
      const [id, other] = [await system(sandbox, page), await system(sandbox, page, "nets_total")];
      await desk(page, sandbox, "set_system", { id: other, version: 1, active: true, direct: true });
      await desk(page, sandbox, "make_entries", { id });
      await sandbox.open(page, "/o/sandbox/collection");
      await axe(page);
      await open(sandbox, page, id);
      await axe(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    });
  }
}

test("[S4][C6] an entry is switched on with the keyboard alone", async ({ sandbox, page }) => {
  await ready(sandbox, page, "1");
  const id = await system(sandbox, page);
  await desk(page, sandbox, "make_entries", { id });
  await desk(page, sandbox, "set_system", { id, version: 1, active: true, direct: true });
  await open(sandbox, page, id);
  const box = entry(page, "ccm_send_agreements").getByRole("switch");
  for (let n = 0; n < 60 && !(await box.evaluate((e) => e === document.activeElement)); n++) await page.keyboard.press("Tab");
  await expect(box).toBeFocused();
  await page.keyboard.press("Space");
  await expect(box).toHaveAttribute("aria-checked", "true");
});
