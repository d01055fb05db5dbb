/** Collection systems and their entries, step by step as the source has it (C1–C7). */
import { expect, type Locator, type Page } from "@playwright/test";
import { axe, watchErrors } from "./support";
import { type Sandbox } from "./sandbox";
import { quiet as test } from "./clock";
import { asOperator, desk, detail } from "./jobs";

test.use({ viewport: { width: 1440, height: 900 } });

const NAMES = [
  "CCM BS Send Agree Batch Job", "CCM BS Import Agree Batch Job", "CCM BS Send Batch Job",
  "CCM BS Status Batch Job", "CCM BS Import Pmt. Batch Job", "CCM Post Coll. Jnl. Batch Job",
];

const GATED = "The collection system must be active and marked for direct communication first:";

function entry(page: Page, kind: string): Locator {
  return page.locator(`tr[data-entry="${kind}"]`);
}

async function system(sandbox: Sandbox, page: Page, code = "nets_basis", company = "1"): Promise<number> {
  return desk<number>(sandbox, page, "add_system", { code, company });
}

async function open(sandbox: Sandbox, page: Page, id: number): Promise<void> {
  await sandbox.open(page, `/o/sandbox/collection/${id}`);
}

test("[C1.1, C5.1, C5.2, C6.1] an operator searches Collection systems, picks the system and chooses Job queue entries: six are created once, and inactive", async ({ sandbox, page }) => {
  const errors = watchErrors(page);
  await asOperator(sandbox, page, "1");
  await sandbox.open(page, "/o/sandbox/tasks");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("Collection systems");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/collection$/);
  await page.getByLabel("Collection system", { exact: true }).selectOption("nets_basis");
  await page.getByLabel("Company", { exact: true }).selectOption("1");
  await page.getByRole("button", { name: "Add" }).click();
  await expect(page.getByRole("heading", { name: "Nets-BASIS" })).toBeVisible();
  await page.getByRole("button", { name: "Job queue entries" }).click();
  await expect(page.locator("tr[data-entry] th a")).toHaveText(NAMES);
  await expect(page.locator("tr[data-entry] [data-testid=job-status]")).toHaveText(Array(6).fill("Inactive"));
  for (const box of await page.locator("tr[data-entry] [role=switch]").all()) await expect(box).toHaveAttribute("aria-checked", "false");
  await page.getByRole("button", { name: "Job queue entries" }).click();
  await expect(page.locator(".said", { hasText: "Nothing was created twice." })).toBeVisible();
  await expect(page.locator("tr[data-entry]")).toHaveCount(6);
  expect((await desk(sandbox, page, "jobs", { ask: {} })).total).toBe(6);
  expect(errors).toEqual([]);
});

test("[C2.1] entries run only while the system is active and marked for direct communication, and say so", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1");
  const id = await system(sandbox, page);
  await desk(sandbox, page, "make_entries", { id });
  await open(sandbox, page, id);
  const status = entry(page, "ccm_status");
  const on = status.getByRole("switch");
  await expect(status.getByTestId("gate")).toHaveText("Does not run: the collection system is not active.");
  await expect(on).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("switch", { name: "System active" }).click();
  await expect(status.getByTestId("gate")).toHaveText("Does not run: direct communication is off.");
  await page.getByRole("switch", { name: "Direct communication" }).click();
  await expect(status.getByTestId("gate")).toHaveText("");
  await on.click();
  await expect(status.locator("[data-testid=job-status]")).toHaveText("Queued");
  // another person shuts the gate: this page says so without a reload, and nothing is switched on or run by hand
  const { entries } = await desk(sandbox, page, "system", { id });
  const [off, held, running] = [entries[0].job, entries[1].job, entries[3].job];
  for (const [verb, why] of [["activate", "Both are short."], ["hold", "Looked at by hand."]] as const) {
    await desk(sandbox, page, "do_job", { id: held, version: (await detail(sandbox, page, held)).line.version, verb, why });
  }
  const refused = async (job: number, verb: string, why: string) => {
    const { line } = await detail(sandbox, page, job);
    const answer = await page.request.post(`${sandbox.server.url}/api/desk/do_job`, { data: { office: "sandbox", id: job, version: line.version, verb, why: null } });
    expect([answer.status(), (await answer.json()).detail]).toEqual([409, `${GATED} ${why}`]);
  };
  const set = (version: number, active: boolean, direct: boolean) => sandbox.as("admin_sandbox", (call) => call("set_system", { office: "sandbox", id, version, active, direct }));
  for (const [version, active, said, why] of [
    [3, true, "Does not run: direct communication is off.", "direct communication is off."],
    [4, false, "Does not run: the collection system is not active.", "it is not active."],
  ] as const) {
    await set(version, active, !active);
    for (const kind of ["ccm_send_agreements", "ccm_status"]) await expect(entry(page, kind).getByTestId("gate")).toHaveText(said);
    await expect(entry(page, "ccm_send_agreements").getByRole("switch")).toHaveAttribute("aria-disabled", "true");
    await refused(off, "activate", why);
    for (const job of [off, held]) {
      const { line } = await detail(sandbox, page, job);
      const switched = await page.request.post(`${sandbox.server.url}/api/desk/switch_entry`, { data: { office: "sandbox", job, version: line.version, on: true, despite: null } });
      expect([switched.status(), (await switched.json()).detail]).toEqual([409, `${GATED} ${why}`]);
    }
    await refused(running, "run_now", why);
  }
  expect(await sandbox.claim()).toEqual([]);
  await set(5, true, true);
  await expect(status.getByTestId("gate")).toHaveText("");
  const { line } = await detail(sandbox, page, running);
  await desk(sandbox, page, "do_job", { id: running, version: line.version, verb: "run_now", why: null });
  expect((await sandbox.claim()).map((t) => t.payload["job"])).toEqual([running]);
});

test("[C3.2] of Nets-BASIS and Nets-TOTAL one imports payments, the other entries of both run: the switch is offered before activation", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1");
  const [basis, total] = [await system(sandbox, page), await system(sandbox, page, "nets_total")];
  await desk(sandbox, page, "set_system", { id: total, version: 1, active: true, direct: true });
  for (const id of [basis, total]) await desk(sandbox, page, "make_entries", { id });
  await open(sandbox, page, basis);
  const rival = page.getByTestId("rival");
  await expect(rival).toContainText("Nets-TOTAL is active");
  await expect(rival).toContainText("Nets-BASIS and Nets-TOTAL cannot both import payments. Switch to Nets-BASIS?");
  // both on: the others may run, payments are not imported
  await page.getByRole("switch", { name: "System active" }).click();
  await page.getByRole("switch", { name: "Direct communication" }).click();
  await expect(entry(page, "ccm_import_payments").getByTestId("gate")).toHaveText("Does not run: Nets-TOTAL is active too, and only one of the two may be.");
  const others = ["ccm_send_agreements", "ccm_import_agreements", "ccm_send_collections", "ccm_status", "ccm_post_journal"];
  for (const id of [total, basis]) {
    await open(sandbox, page, id);
    for (const kind of others) await expect(entry(page, kind).getByTestId("gate"), kind).toHaveText("");
    await expect(entry(page, "ccm_import_payments").getByTestId("gate")).toContainText("and only one of the two may be.");
    await expect(entry(page, "ccm_import_payments").getByRole("switch")).toHaveAttribute("aria-disabled", "true");
    // and they do run, one after the other
    for (const kind of others) {
      const line = entry(page, kind), on = line.getByRole("switch");
      await on.click();
      await expect(line.locator("[data-testid=job-status]"), kind).toHaveText("Queued");
      await line.getByRole("link").click();
      await page.getByRole("button", { name: "Run now" }).click();
      await expect(page.getByText(/^A run of job \d+ was made\./)).toBeVisible();
      const [task] = await sandbox.claim();
      expect(task!.payload["job_kind"]).toBe(kind);
      await sandbox.report(task!);
      await open(sandbox, page, id);
      // the other system's entry of this kind has the same hours
      await on.click();
      await expect(on).toHaveAttribute("aria-checked", "false");
      await expect(line.locator("[data-testid=job-status]"), kind).toHaveText("Inactive");
    }
  }
  await rival.getByRole("button", { name: "Switch to Nets-BASIS" }).click();
  await expect(rival).toHaveCount(0);
  await entry(page, "ccm_import_payments").getByRole("switch").click();
  await expect(entry(page, "ccm_import_payments").locator("[data-testid=job-status]")).toHaveText("Queued");
  expect((await desk(sandbox, page, "system", { id: total })).line.active).toBe(false);
});

test("[C4.1] each kind says what it does, and a run shows its counts", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1");
  const id = await system(sandbox, page);
  await desk(sandbox, page, "make_entries", { id });
  await desk(sandbox, page, "set_system", { id, version: 1, active: true, direct: true });
  await open(sandbox, page, id);
  for (const [kind, does] of [
    ["ccm_send_agreements", "Sends mandates that were created here, have status OK and are to be transferred."],
    ["ccm_import_agreements", "Reads mandates created at the collection centre; creates or updates agreements where a customer matches."],
    ["ccm_send_collections", "Sends collections and payments of the collection journal that are ready."],
    ["ccm_status", "Fetches status messages from the centre and updates the collections and payments under way."],
    ["ccm_import_payments", "Reads completed payments, collections and returns, and updates the lines they belong to."],
    ["ccm_post_journal", "Posts the lines of the collection journal that are marked as allowed to be posted."],
  ] as const) await expect(entry(page, kind)).toContainText(does);
  const { job, version } = (await desk(sandbox, page, "system", { id })).entries[4];
  await desk(sandbox, page, "switch_entry", { job, version, on: true });
  await desk(sandbox, page, "do_job", { id: job, version: version + 1, verb: "run_now", why: null });
  const [task] = await sandbox.claim();
  await sandbox.report(task!, { succeeded: { result: { counts: { payments: 12, collections: 3, returns: 1 }, outputs: [], log: "" } } });
  await expect(entry(page, "ccm_import_payments").getByTestId("counts")).toHaveText("12 payments, 3 collections, 1 returns");
});

test("[C7.3] 07:00, 120, 09:00: two runs a day, typed in place", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1");
  const id = await system(sandbox, page);
  await desk(sandbox, page, "make_entries", { id });
  await open(sandbox, page, id);
  await expect(entry(page, "ccm_import_agreements").getByTestId("runs")).toHaveText("07:00, 09:00, 2 runs");
  for (const [field, value] of [["start", "07:00"], ["every", "120"], ["end", "09:00"]]) {
    await expect(entry(page, "ccm_import_agreements").locator(`[name=${field}]`)).toHaveValue(value!);
  }
  const line = entry(page, "ccm_send_agreements");
  await line.locator("[name=start]").fill("07:00");
  await line.locator("[name=every]").fill("120");
  await expect(line.getByTestId("runs")).toHaveText("Give minutes and an end, or neither.");
  await expect(line.getByRole("button", { name: "Save" })).toBeDisabled();
  await line.locator("[name=end]").fill("09:00");
  await expect(line.getByTestId("runs")).toHaveText("07:00, 09:00, 2 runs");
  await line.getByRole("button", { name: "Save" }).click();
  await expect(line.getByRole("button", { name: "Save" })).toHaveCount(0);
  const { job } = (await desk(sandbox, page, "system", { id })).entries[0];
  const { form } = await detail(sandbox, page, job);
  expect(form.schedule.every).toEqual({ minutes: 120, from: "07:00", to: "09:00" });
  const { next } = await desk(sandbox, page, "preview_schedule", { schedule: form.schedule });
  const clock = (m: { at: number; offset: number }) => new Date(m.at + m.offset * 60_000).toISOString().slice(11, 16);
  expect(next.slice(0, 4).map(clock).sort()).toEqual(["07:00", "07:00", "09:00", "09:00"]);
  await page.reload();
  await expect(line.locator("[name=end]")).toHaveValue("09:00");
});

for (const [name, width, height] of [["desktop", 1440, 900], ["phone", 390, 844]] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`collection systems break no rule: ${name}, ${colorScheme}`, async ({ sandbox, page }) => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await asOperator(sandbox, page, "1", "2");
      const [id, other] = [await system(sandbox, page), await system(sandbox, page, "nets_total")];
      await desk(sandbox, page, "set_system", { id: other, version: 1, active: true, direct: true });
      await desk(sandbox, page, "make_entries", { id });
      await sandbox.open(page, "/o/sandbox/collection");
      await axe(page);
      await open(sandbox, page, id);
      await axe(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    });
  }
}

test("an entry is switched on with the keyboard alone", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1");
  const id = await system(sandbox, page);
  await desk(sandbox, page, "make_entries", { id });
  await desk(sandbox, page, "set_system", { id, version: 1, active: true, direct: true });
  await open(sandbox, page, id);
  const box = entry(page, "ccm_send_agreements").getByRole("switch");
  for (let n = 0; n < 60 && !(await box.evaluate((e) => e === document.activeElement)); n++) await page.keyboard.press("Tab");
  await expect(box).toBeFocused();
  await page.keyboard.press("Space");
  await expect(box).toHaveAttribute("aria-checked", "true");
});
