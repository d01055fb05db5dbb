/** A new dossier: the wrong code is corrected in one step, a mistaken activation is called off. */
import { expect, type Page } from "@playwright/test";
import { ACTIVATE, BOOK, DELETE, SYNC, alive, failed, row, settled, status, test, type Sandbox } from "./sandbox";

const WRONG = failed("dossier_code_wrong", { suggested_code: "CLAE1" });
const DENIED = failed("dossier_access_missing", { connector_user: "connector@halden-vos.example" });

function activation(code: string) {
  return { kind: ACTIVATE, dossier: code, payload: { name: `Client ${code}`, package: "exact_online" } };
}

/** An activation that has stopped, in a dossier that the employee manages, with two tasks that wait for it. */
async function stopped(sandbox: Sandbox, outcome = WRONG): Promise<[string, string, string]> {
  await sandbox.hello();
  const id = await sandbox.fail(activation("CLAES"), outcome);
  await sandbox.manages("employee", "CLAES");
  const [first, second] = await sandbox.deliver({ kind: BOOK, dossier: "CLAES", subject: "CL-1.pdf" }, { kind: SYNC, dossier: "CLAES" });
  expect(await sandbox.claim()).toEqual([]);
  return [id, first!, second!];
}

const field = (page: Page) => page.getByLabel("Dossier code");
const save = (page: Page) => page.getByRole("button", { name: "Save code and restart" });

test("[T9.1, T9.3, T15.2] a wrong dossier code: an employee types the right one at the failed task and restarts it, in one step", async ({ sandbox, page }) => {
  const [id, first, second] = await stopped(sandbox);
  await sandbox.signIn(page, "employee_sandbox");
  const panel = await sandbox.panel(page, id);
  await expect(panel.getByRole("heading", { level: 2 })).toContainText("Check the dossier code");
  await expect(field(page)).toHaveValue("CLAE1");
  await field(page).fill("CLAE9");
  // an arrow in a circle
  await expect(save(page).locator("svg path")).toHaveAttribute("d", "M13.4 8a5.4 5.4 0 1 1-1.7-3.9M13.5 1.9v3h-3");
  await save(page).click();
  await expect(status(page)).toHaveText("Queued");
  await expect(row(page, id)).toContainText("CLAE9");

  // the connector is handed the new code, and so are the tasks that waited
  expect(await sandbox.task(id)).toMatchObject({ status: "queued", dossier: "CLAE9" });
  const task = await sandbox.claimOne();
  expect(task).toMatchObject({ id, attempt: 2, dossier: { code: "CLAE9", name: "Client CLAES", package: "exact_online" } });
  await sandbox.report(task);
  for (const waited of [first, second]) {
    const next = await sandbox.claimOne();
    expect(next).toMatchObject({ id: waited, dossier: { code: "CLAE9" } });
    await sandbox.report(next);
  }
  expect((await sandbox.integration("deliver", { tasks: [{ kind: SYNC, dossier: "CLAES" }] })).status).toBe(422);

  // the history says who changed what
  await page.goto(`${sandbox.server.url}/o/sandbox/tasks/${id}`);
  await alive(page);
  const line = page.locator("ol.hist > li", { hasText: "Dossier code corrected" });
  await expect(line).toContainText("by Els Boek");
  await expect(line).toContainText(/CLAES\s*→\s*CLAE9/);
  await expect(page.locator("ol.hist > li", { hasText: "Restarted" })).toContainText("by Els Boek");

  // and the dossier bears the new one wherever it stands
  await sandbox.open(page, "/o/sandbox/clients");
  await expect(page.locator("table.clients tbody .to .code")).toHaveText(["CLAE9"]);
  await page.locator("table.clients tbody .to").click();
  await page.waitForURL("**/o/sandbox/dossiers/CLAE9");
  await expect(page.locator(".dos").first()).toContainText("CLAE9");
  expect((await page.request.get(`${sandbox.server.url}/o/sandbox/dossiers/CLAES`)).status()).toBe(404);
  await alive(page);
  await page.keyboard.press("Control+k");
  const palette = page.locator("dialog.palette");
  await palette.getByRole("combobox").fill("CLAE9");
  await expect(palette.getByRole("option").filter({ hasText: "CLAE9 · Exact Online" })).toHaveCount(1);
});

test("[T9.2] a text that is no code, or another dossier's code, is refused at the field; nothing is changed, and nothing typed is lost", async ({ sandbox, page }) => {
  await sandbox.dossiers("exact_online", "TAKEN");
  const [id] = await stopped(sandbox);
  await sandbox.signIn(page, "employee_sandbox");
  await sandbox.panel(page, id);
  const note = page.locator("#dossier-code-note");
  const before = await sandbox.task(id);
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
  expect(before).toMatchObject({ status: "action_required", dossier: "CLAES" });
  expect(await sandbox.task(id)).toEqual(before);
  await sandbox.open(page, "/o/sandbox/dossiers/CLAES?tab=history");
  await expect(page.getByText("Nobody has changed anything here yet.")).toBeVisible();
});

test("[T9.2] any task but a stopped activation refuses a new code", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE", "MORE", "SYNC");
  const booking = await sandbox.fail({ kind: BOOK, dossier: "CASE" }, failed("period_not_open", { period: "201802" }));
  const removal = await sandbox.fail({ kind: DELETE, dossier: "MORE" }, failed("database_error"));
  const sync = await sandbox.fail({ kind: SYNC, dossier: "SYNC" }, failed("database_error"));
  const [done, calledOff, runs, waits] = await sandbox.deliver(...["DONE", "CALLED", "RUNS", "WAITS"].map(activation));
  const taken = await sandbox.claim(0, { max: 3 });
  expect(taken.map((t) => t.id)).toEqual([done, calledOff, runs]);
  await sandbox.report(taken[0]!);
  await sandbox.report(taken[1]!, WRONG);
  expect((await sandbox.integration("cancel", { id: calledOff, reason: "not needed" })).status).toBe(200);
  await sandbox.manages("employee", "CASE", "MORE", "SYNC", "DONE", "CALLED", "RUNS", "WAITS");
  await sandbox.signIn(page, "employee_sandbox");
  for (const [id, stands] of [
    [booking, "action_required"], [removal, "failed"], [sync, "failed"],
    [done, "succeeded"], [calledOff, "cancelled"], [runs, "running"], [waits, "queued"],
  ] as const) {
    // but for the time that goes by
    const as = async () => ({ ...(await sandbox.task(id!)), expected_pick_up_seconds: null });
    const before = await as();
    expect(before.status).toBe(stands);
    const answer = await page.request.post(`${sandbox.server.url}/api/desk/correct`, { data: { office: "sandbox", id, dossier_code: "OTHER" } });
    expect(answer.status(), stands).toBe(409);
    expect(await as()).toEqual(before);
  }
  // the same call is the right one for an activation that has stopped
  await sandbox.report(taken[2]!, WRONG);
  const answer = await page.request.post(`${sandbox.server.url}/api/desk/correct`, { data: { office: "sandbox", id: runs, dossier_code: "OTHER" } });
  expect(answer.status()).toBe(200);
});

test("the office's admin corrects the code in the demo, and the connector carries the activation out", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "admin");
  await settled(sandbox.server, page);
  await alive(page);
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

for (const [choice, afterwards, run] of [["Let them go on", "queued", 2], ["Cancel them too", "cancelled", 0]] as const) {
  test(`[T8.1, T10.1, T10.2] an employee cancels a mistaken activation; the tasks that waited for it: "${choice}"`, async ({ sandbox, page }) => {
    const [id, first, second] = await stopped(sandbox, DENIED);
    await sandbox.signIn(page, "employee_sandbox");
    const panel = await sandbox.panel(page, id);
    const cross = panel.getByRole("button", { name: "Cancel activation" }).first();
    await expect(cross.locator("svg path")).toHaveAttribute("d", "M4 4l8 8M12 4l-8 8");
    const [name, icon] = [await row(page, id).locator("a").first().boundingBox(), await cross.boundingBox()];
    expect(icon!.x).toBeGreaterThan(name!.x + name!.width);
    await cross.click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("Cancel Activate dossier of Client CLAES?");
    await expect(dialog).toContainText("2 queued tasks wait for it:");
    await expect(dialog.locator("fieldset ul li")).toContainText(["CL-1.pdf", "Synchronise dossier"]);
    await expect(dialog).toContainText("Nothing is removed in the package.");
    await expect(dialog.getByLabel("Let them go on")).toBeChecked();

    // a second thought changes nothing
    await dialog.getByRole("button", { name: "Keep it" }).click();
    await expect(dialog).toBeHidden();
    for (const [task, stands] of [[id, "action_required"], [first, "queued"], [second, "queued"]] as const) expect(await sandbox.status(task)).toBe(stands);

    await cross.click();
    await dialog.getByLabel(choice).check();
    await dialog.getByTestId("confirm-cancel").click();
    await expect(status(page)).toHaveText("Cancelled");
    await expect(row(page, id)).toHaveAttribute("data-state", "cancelled");
    for (const follower of [first, second]) {
      await expect(row(page, follower)).toHaveAttribute("data-state", afterwards);
      expect(await sandbox.status(follower)).toBe(afterwards);
    }
    for (const follower of [first, second].slice(0, run)) {
      const task = await sandbox.claimOne();
      expect(task.id).toBe(follower);
      await sandbox.report(task);
    }
    expect(await sandbox.claim()).toEqual([]);
    await page.goto(`${sandbox.server.url}/o/sandbox/tasks/${id}`);
    await expect(page.locator("ol.hist > li", { hasText: "Cancelled" })).toContainText("by Els Boek");
  });
}

test("[T10.3] an activation that runs: the connector is told, and a success already reached stays one", async ({ sandbox, page }) => {
  await sandbox.hello();
  const [stays, stops] = await sandbox.deliver(activation("AAA"), activation("BBB"));
  const tasks = await sandbox.claim();
  await sandbox.manages("employee", "AAA", "BBB");
  await sandbox.signIn(page, "employee_sandbox");
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
