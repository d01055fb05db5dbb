/** A new dossier: the wrong code is corrected in one step, a mistaken activation is called off. */
import { expect, type Page } from "@playwright/test";
import { ACTIVATE, BOOK, SYNC, alive, failed, row, status, test, type Sandbox } from "./sandbox";

const WRONG = failed("dossier_code_wrong", { suggested_code: "CLAE1" });
const DENIED = failed("dossier_access_missing", { connector_user: "connector@halden-vos.example" });

function activation(code: string) {
  return { kind: ACTIVATE, dossier: code, payload: { name: `Client ${code}`, package: "exact_online" } };
}

/** An activation that has stopped, with two tasks that wait for it. */
async function stopped(sandbox: Sandbox, outcome = WRONG): Promise<[string, string, string]> {
  await sandbox.hello();
  const id = await sandbox.fail(activation("CLAES"), outcome);
  const [first, second] = await sandbox.deliver({ kind: BOOK, dossier: "CLAES", subject: "CL-1.pdf" }, { kind: SYNC, dossier: "CLAES" });
  expect(await sandbox.claim()).toEqual([]);
  return [id, first!, second!];
}

const field = (page: Page) => page.getByLabel("Dossier code");
const save = (page: Page) => page.getByRole("button", { name: "Save code and restart" });

test("[T9] a wrong dossier code: the right one is typed at the failed task and restarts it, in one step", async ({ sandbox, page }) => {
  const [id, first] = await stopped(sandbox);
  await sandbox.signIn(page, "support");
  const panel = await sandbox.panel(page, id);
  await expect(panel.getByRole("heading", { level: 2 })).toContainText("Check the dossier code");
  await expect(field(page)).toHaveValue("CLAE1");
  await field(page).fill("CLAE9");
  await save(page).click();
  await expect(status(page)).toHaveText("Queued");
  await expect(row(page, id)).toContainText("CLAE9");

  // the dossier has the new code, and so has what the connector is handed
  expect(await sandbox.task(id)).toMatchObject({ status: "queued", dossier: "CLAE9" });
  const task = await sandbox.claimOne();
  expect(task).toMatchObject({ id, attempt: 2, dossier: { code: "CLAE9", name: "Client CLAES", package: "exact_online" } });
  await sandbox.report(task);
  const next = await sandbox.claimOne();
  expect(next).toMatchObject({ id: first, dossier: { code: "CLAE9" } });
  expect((await sandbox.integration("deliver", { tasks: [{ kind: SYNC, dossier: "CLAES" }] })).status).toBe(422);

  // the history says who changed what
  await page.goto(`${sandbox.server.url}/o/sandbox/tasks/${id}`);
  await alive(page);
  const line = page.locator("ol.hist > li", { hasText: "Dossier code corrected" });
  await expect(line).toContainText("by Sara Support");
  await expect(line).toContainText("CLAES");
  await expect(line).toContainText("CLAE9");
  await expect(page.locator("ol.hist > li", { hasText: "Restarted" })).toContainText("by Sara Support");
});

test("[T9] a code that is no code, or that another dossier has, gets a clear answer and changes nothing", async ({ sandbox, page }) => {
  await sandbox.dossiers("exact_online", "TAKEN");
  const [id] = await stopped(sandbox);
  await sandbox.signIn(page, "support");
  await sandbox.panel(page, id);
  const note = page.locator("#dossier-code-note");
  for (const [typed, answer] of [
    ["TAKEN", "is already the code of Client TAKEN"],
    ["no such/code!", "A code has 1 to 32 letters"],
    ["", "A code has 1 to 32 letters"],
    ["../etc", "A code has 1 to 32 letters"],
  ]) {
    await field(page).fill(typed!);
    await save(page).click();
    await expect(note).toContainText(answer!);
    await expect(field(page)).toHaveAttribute("aria-invalid", "true");
    await expect(field(page)).toHaveValue(typed!);
  }
  expect(await sandbox.task(id)).toMatchObject({ status: "action_required", dossier: "CLAES" });
  await field(page).fill("CLAE1");
  await save(page).click();
  await expect(status(page)).toHaveText("Queued");
});

test("[T9] the office's admin corrects the code in the demo, and the connector carries the activation out", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "admin");
  await sandbox.open(page, "/o/gent/tasks");
  await page.getByRole("searchbox").fill("Claes");
  await page.getByRole("searchbox").press("Enter");
  const line = page.locator("li.tr", { hasText: "Notariaat Claes" }).first();
  await expect(line).toHaveAttribute("data-state", "action_required");
  await line.locator("a").click();
  await expect(field(page)).toHaveValue("CLAE1");
  await save(page).click();
  await expect(status(page)).toHaveText("Done");
  await expect(page.locator("#detail")).toContainText("CLAE1");
});

test("[T9] only a stopped activation can have its code corrected", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE" }, failed("period_not_open", { period: "201802" }));
  await sandbox.signIn(page, "support");
  const answer = await page.request.post(`${sandbox.server.url}/api/desk/correct`, { data: { office: "sandbox", id, dossier_code: "OTHER" } });
  expect(answer.status()).toBe(409);
  expect(await sandbox.task(id)).toMatchObject({ status: "action_required", dossier: "CASE" });
});

for (const [choice, afterwards] of [["Let them go on", "queued"], ["Cancel them too", "cancelled"]] as const) {
  test(`[T10] a mistaken activation is cancelled; the tasks that waited for it: "${choice}"`, async ({ sandbox, page }) => {
    const [id, first, second] = await stopped(sandbox, DENIED);
    await sandbox.signIn(page, "support");
    const panel = await sandbox.panel(page, id);
    await panel.getByRole("button", { name: "Cancel activation" }).first().click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("Cancel Activate dossier of Client CLAES?");
    await expect(dialog).toContainText("2 queued tasks wait for it:");
    await expect(dialog).toContainText("Nothing is removed in the package.");
    await expect(dialog.getByLabel("Let them go on")).toBeChecked();

    // a second thought changes nothing
    await dialog.getByRole("button", { name: "Keep it" }).click();
    await expect(dialog).toBeHidden();
    expect(await sandbox.status(id)).toBe("action_required");

    await panel.getByRole("button", { name: "Cancel activation" }).first().click();
    await dialog.getByLabel(choice).check();
    await dialog.getByTestId("confirm-cancel").click();
    await expect(status(page)).toHaveText("Cancelled");
    await expect(row(page, id)).toHaveAttribute("data-state", "cancelled");
    for (const follower of [first, second]) {
      await expect(row(page, follower)).toHaveAttribute("data-state", afterwards);
      expect(await sandbox.status(follower)).toBe(afterwards);
    }
    expect((await sandbox.claim()).map((t) => t.id)).toEqual(afterwards === "queued" ? [first] : []);
    await page.goto(`${sandbox.server.url}/o/sandbox/tasks/${id}`);
    await expect(page.locator("ol.hist > li", { hasText: "Cancelled" })).toContainText("by Sara Support");
  });
}

test("[T10] an activation that runs: the connector is told, and a success already reached stays one", async ({ sandbox, page }) => {
  await sandbox.hello();
  const [stays, stops] = await sandbox.deliver(activation("AAA"), activation("BBB"));
  const tasks = await sandbox.claim();
  await sandbox.signIn(page, "support");
  for (const id of [stays, stops]) {
    const panel = await sandbox.panel(page, id!);
    await panel.getByRole("button", { name: "Cancel activation" }).first().click();
    await expect(page.getByRole("dialog")).toContainText("A connector works on it. It is stopped after this step.");
    await page.getByTestId("confirm-cancel").click();
    await expect(status(page)).toHaveText("Stopping");
  }
  const extended = await sandbox.connector(0, "extend", { leases: tasks.map((t) => ({ task: t.id, lease: t.lease })) });
  expect(extended.body.leases.map((l: { state: string }) => l.state)).toEqual(["cancel", "cancel"]);
  expect(await sandbox.report(tasks[0]!)).toBe("succeeded");
  expect(await sandbox.report(tasks[1]!, { released: { reason: "stopped" } })).toBe("cancelled");
  await expect(status(page)).toHaveText("Cancelled");
});
