/** The instruction catalogue: written once, for every task with the code. */
import { expect, type Page } from "@playwright/test";
import { BOOK, alive, failed, test, type Sandbox } from "./sandbox";
import { axe } from "./support";

const EDITOR = "/o/sandbox/instructions/adsolut/ledger_closed";

const LANGUAGES = ["en", "nl", "nb", "da", "fr"];

async function stop(sandbox: Sandbox, dossier: string, params: Record<string, unknown>): Promise<string> {
  return sandbox.fail({ kind: BOOK, dossier, subject: `${dossier}.pdf` }, failed("ledger_closed", params));
}

async function open(sandbox: Sandbox, page: Page, address = EDITOR): Promise<void> {
  await sandbox.signIn(page, "support");
  await sandbox.open(page, address);
}

/** Writes the texts of one language, each in its field. */
async function write(page: Page, language: string, title: string, cause: string, step: string): Promise<void> {
  await page.locator(`button[data-language=${language}]`).click();
  await page.locator("#text-title").fill(title);
  await page.locator("#text-cause").fill(cause);
  await page.locator("#text-step-1").fill(step);
}

/** A whole instruction in five languages. */
async function writeAll(page: Page): Promise<void> {
  await page.locator("button[data-add=ledger]").click();
  await expect(page.locator("li[data-param=ledger]")).toBeVisible();
  for (const l of LANGUAGES) await write(page, l, `Open ledger {ledger} (${l})`, `Ledger {ledger} is closed.`, `Open {ledger} in Adsolut.`);
}

const save = (page: Page) => page.getByRole("button", { name: "Save", exact: true }).click();

test("[M14.1, M14.2] Support writes an instruction once: all open tasks with the code turn orange and carry it, new ones get it by themselves", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA", "BBB", "CCC", "DDD");
  const a = await stop(sandbox, "AAA", { ledger: "440000" });
  const b = await stop(sandbox, "BBB", { ledger: "440000" });
  const lacking = await stop(sandbox, "CCC", {});
  expect(await sandbox.status(a)).toBe("failed");

  // from the cause, in one click
  await sandbox.signIn(page, "support");
  await sandbox.open(page, "/o/sandbox/causes?of=sandbox&cause=adsolut.ledger_closed");
  await page.getByRole("link", { name: "Write instruction" }).click();
  await expect(page.getByText("3 red tasks have this code.")).toBeVisible();
  await writeAll(page);
  const preview = page.getByTestId("preview");
  await preview.locator("select").first().selectOption("nl");
  await expect(preview.locator(".preview-title")).toHaveText(/^Open ledger \S+ \(nl\)$/);
  await save(page);
  const came = page.getByTestId("came");
  await expect(came).toContainText("2 tasks in 2 dossiers turn orange now. New failures with this cause get it by themselves.");
  await expect(came).toContainText("1 task stays red: it lacks ledger.");
  expect(await sandbox.status(a)).toBe("action_required");
  expect(await sandbox.status(b)).toBe("action_required");
  expect(await sandbox.status(lacking)).toBe("failed");
  const later = await stop(sandbox, "DDD", { ledger: "550000" });
  expect((await sandbox.task(later)).instruction).toBe("Open ledger 550000 (en)\nOpen 550000 in Adsolut.");

  const panel = await sandbox.panel(page, a);
  await expect(panel.getByRole("heading", { level: 2 })).toHaveText("Open ledger 440000 (en) · Adsolut");
});

test("[M14.3] what is missing is said at its field, in words, and nothing typed is lost", async ({ sandbox, page }) => {
  await open(sandbox, page);
  await page.locator("#text-title").fill("Open {ledger");
  await expect(page.locator("#text-title-note")).toHaveText("Check the braces: one is not closed or not opened.");
  await page.locator("#text-title").fill("Open {ledger}");
  await expect(page.locator("#text-title-note")).toHaveText("ledger is not a parameter of this instruction.");
  await page.getByPlaceholder("Another parameter").fill("ledger");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.locator("#text-title-note")).toHaveText("");
  await page.locator("#text-title").fill("x".repeat(201));
  await expect(page.locator("#text-title-note")).toHaveText("At most 200 characters.");
  await page.locator("#text-title").fill("Open {ledger}");

  await page.getByRole("button", { name: "Remove Step 1" }).click();
  await save(page);
  await expect(page.getByText("An instruction for the office needs a step that the office can do.")).toBeVisible();
  await expect(page.getByTestId("came")).toContainText("Not saved yet.");
  await page.locator("button[data-language=fr]").click();
  await expect(page.locator("#text-title-note")).toHaveText("Write this in Français too.");
  await page.locator("button[data-language=en]").click();
  await expect(page.locator("#text-title")).toHaveValue("Open {ledger}");

  // as long and as odd as it may be: shown as text
  const odd = `<img src=x onerror=alert(1)> שלום 🙂 ${"é".repeat(9_000)}`;
  await page.locator("#text-cause").fill(odd);
  await expect(page.getByTestId("preview").locator(".lead")).toContainText("<img src=x onerror=alert(1)> שלום 🙂");
  await expect(page.getByTestId("preview").locator("img")).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});

test("the server refuses what the page would not send", async ({ sandbox, page }) => {
  await open(sandbox, page, "/o/sandbox/instructions");
  const answer = await page.request.post(`${sandbox.server.url}/api/desk/write_instruction`, {
    data: { read: 0, instruction: { package: "adsolut", package_name: "", code: "Not a code", task_kinds: [], audience: "office", restartable: true, title: { en: "Do {this}" }, cause: {}, steps: [] } },
  });
  expect(answer.status()).toBe(422);
  const fields = (await answer.json()).errors.map((e: { field: string }) => e.field);
  expect(fields).toEqual(expect.arrayContaining(["steps", "title.en", "title.nl", "cause.en", "code", "task_kinds"]));
  for (const address of ["nobody/x", "adsolut/NO%20CODE"]) {
    const missing = await page.goto(`${sandbox.server.url}/o/sandbox/instructions/${address}`);
    expect(missing!.status(), address).toBe(404);
  }
});

test("[M16.2] two people at one instruction: the later one is told, and loses nothing", async ({ sandbox, page, browser }) => {
  await open(sandbox, page);
  await writeAll2(page, "first");
  const context = await browser.newContext();
  const other = await context.newPage();
  await open(sandbox, other);
  await writeAll2(other, "second");
  await save(page);
  await expect(page.getByTestId("came")).toContainText("Version 1 is saved.");
  await save(other);
  await expect(other.getByTestId("came")).toContainText("wrote version 1 while you were writing. Nothing that you typed is lost.");
  await other.locator("button[data-language=en]").click();
  await expect(other.locator("#text-title")).toHaveValue("Title second");
  await other.getByRole("button", { name: "Save mine as the next version" }).click();
  await expect(other.getByTestId("came")).toContainText("Version 2 is saved.");

  // both versions can be read, and written anew
  await sandbox.open(other, EDITOR);
  await expect(other.locator(".versions li")).toHaveCount(2);
  await other.locator("li[data-version='1']").getByRole("link").click();
  await alive(other);
  await expect(other.locator("#text-title")).toHaveValue("Title first");
  await context.close();
});

/** Without parameters. */
async function writeAll2(page: Page, name: string): Promise<void> {
  await write(page, "en", `Title ${name}`, `Cause ${name}.`, `Step ${name}.`);
  for (const l of LANGUAGES.slice(1)) {
    await page.locator(`button[data-language=${l}]`).click();
    await page.getByRole("button", { name: "Copy from English" }).click();
    await expect(page.locator("#text-title")).toHaveValue(`Title ${name}`);
  }
}

test("[M16.1, M16.2] other ways, boxes to tick that this browser keeps, versions that a task keeps, and how often it helped", async ({ sandbox, page }) => {
  const dossiers = ["AAA", "BBB", "CCC", "DDD", "EEE"];
  await sandbox.dossiers("adsolut", ...dossiers);
  const ids = [];
  for (const d of dossiers) ids.push(await stop(sandbox, d, { ledger: "1" }));
  await open(sandbox, page);
  await writeAll2(page, "one");
  await page.locator("button[data-language=en]").click();
  await page.getByRole("button", { name: "Add another way" }).click();
  await page.locator("#text-title-of-alternative-1").fill("Have Support move the document");
  await page.locator("#text-step-1-of-alternative-1").fill("Ask Support.");
  for (const l of LANGUAGES.slice(1)) {
    await page.locator(`button[data-language=${l}]`).click();
    await page.getByRole("button", { name: "Copy from English" }).click();
  }
  await save(page);
  await expect(page.getByTestId("came")).toContainText("5 tasks in 5 dossiers turn orange now.");

  let panel = await sandbox.panel(page, ids[0]!);
  await expect(panel.locator(".way h4")).toHaveText("Or: Have Support move the document");
  const box = panel.getByRole("checkbox", { name: "Step one." });
  await box.check();
  await page.reload();
  await alive(page);
  await expect(box).toBeChecked();
  await expect(panel.getByRole("checkbox", { name: "Ask Support." })).not.toBeChecked();
  panel = await sandbox.panel(page, ids[1]!);
  await expect(panel.getByRole("checkbox", { name: "Step one." })).not.toBeChecked();
  await expect(panel.locator(".helped")).toHaveText("Helped 0 of 5 times");

  // one succeeds after its restart: it has helped
  await panel.getByRole("button", { name: /^Restart task/ }).click();
  await expect(panel.locator(".said")).toHaveText("Restarted.");
  await sandbox.report(await sandbox.claimOne());
  panel = await sandbox.panel(page, ids[0]!);
  await expect(panel.locator(".helped")).toHaveText("Helped 1 of 5 times");

  // a new version is for later failures; this task keeps the one it was shown
  await sandbox.open(page, EDITOR);
  for (const l of LANGUAGES) await write(page, l, "Title two", "Cause two.", "Step two.");
  await save(page);
  await expect(page.getByTestId("came")).toContainText("Version 2 is saved.");
  panel = await sandbox.panel(page, ids[0]!);
  await expect(panel.getByRole("heading", { level: 2 })).toHaveText("Title one · Adsolut");
  const later = await stop(sandbox, "BBB", { ledger: "1" });
  panel = await sandbox.panel(page, later);
  await expect(panel.getByRole("heading", { level: 2 })).toHaveText("Title two · Adsolut");
});

test("[M9.2] an instruction whose values are missing is shown to nobody of the office: the task goes to Support, who sees which value is missing", async ({ sandbox, page, browser }) => {
  await sandbox.dossiers("adsolut", "AAA");
  await sandbox.manages("employee", "AAA");
  await sandbox.manages("operator", "AAA");
  const id = await sandbox.fail({ kind: BOOK, dossier: "AAA", subject: "A-1.pdf" }, failed("period_not_open", {}));
  expect(await sandbox.task(id)).toMatchObject({ status: "failed", instruction: null, failure: { code: "period_not_open" } });
  for (const role of ["employee_sandbox", "operator_sandbox", "admin_sandbox"]) {
    const context = await browser.newContext();
    const reader = await context.newPage();
    await sandbox.signIn(reader, role);
    const panel = await sandbox.panel(reader, id);
    await expect(reader.getByTestId("status"), role).toHaveText("With support");
    await expect(panel.locator(".calm"), role).toHaveText("Support is on it. You do not need a ticket.");
    await expect(panel.locator("ol:not(.hist)"), role).toHaveCount(0);
    for (const path of [`tasks?task=${id}`, `tasks/${id}`, "dossiers/AAA", "clients"]) {
      await sandbox.open(reader, `/o/sandbox/${path}`);
      await expect(reader.getByText("With support", { exact: true }).or(reader.getByText("Support is on it")).first(), `${path} as ${role}`).toBeVisible();
      // neither its title nor a step of it
      await expect(reader.getByText(/booking period|Create period|open dossier/), `${path} as ${role}`).toHaveCount(0);
    }
    await context.close();
  }
  await sandbox.signIn(page, "support");
  const panel = await sandbox.panel(page, id);
  await panel.getByText("Technical details").click();
  await expect(panel.locator("details dl.kv dt", { hasText: /^period$/ })).toHaveCount(1);
  await expect(panel.locator("details dl.kv")).toHaveText(/period\s*…/);
});

test("the catalogue lists every instruction, can be searched, and is for Support", async ({ sandbox, page, browser }) => {
  await open(sandbox, page, "/o/sandbox/instructions");
  await expect(page.locator("tr[data-code='adsolut.period_not_open']")).toContainText("All five");
  await expect(page.locator("tr[data-code='adsolut.period_not_open']")).toContainText("Came with Nachtwacht");
  await page.getByRole("searchbox", { name: "Search instructions" }).fill("period_not");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=period_not/);
  await expect(page.locator("tbody tr")).toHaveCount(3);
  await page.locator("tr[data-code='adsolut.period_not_open']").getByRole("link").click();
  await expect(page).toHaveURL(/instructions\/adsolut\/period_not_open$/);
  await expect(page.locator("#text-title")).toHaveValue("Open booking period {period}");

  const context = await browser.newContext();
  const admin = await context.newPage();
  await sandbox.signIn(admin, "admin");
  for (const address of ["instructions", "instructions/adsolut/period_not_open"]) {
    expect((await admin.goto(`${sandbox.server.url}/o/gent/${address}`))!.status()).toBe(403);
    await expect(admin.getByText("This page is for Support.")).toBeVisible();
  }
  await context.close();
});

test("instructions: both pages hold at every size in both themes", async ({ sandbox, page }) => {
  test.slow();
  await open(sandbox, page);
  for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      for (const address of ["/o/sandbox/instructions", EDITOR, "/o/sandbox/instructions/adsolut/period_not_open"]) {
        await sandbox.open(page, address);
        await axe(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), address).toBeLessThanOrEqual(0);
      }
    }
  }
});
