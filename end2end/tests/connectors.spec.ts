/** The fleet (T17) and honest waiting (T16), in the demo's office `sandbox`, where the tests are the connectors. */
import { expect, type Page } from "@playwright/test";
import { api, axe, watchErrors } from "./support";
import { alive, BOOK, KINDS, SYNC, test, type Sandbox } from "./sandbox";
import { MINUTE, test as rehearsed } from "./clock";

// wide enough for every column
test.use({ viewport: { width: 1440, height: 900 } });

function line(page: Page, name: string) {
  return page.locator(`tr[data-connector="${name}"]`);
}

async function choose(page: Page, name: string, verb: string): Promise<void> {
  await line(page, name).locator("summary").click();
  await line(page, name).getByRole("button", { name: verb, exact: true }).click();
}

async function open(sandbox: Sandbox, page: Page, role = "support"): Promise<void> {
  await sandbox.signIn(page, role);
  await sandbox.open(page, "/o/sandbox/connectors");
}

test("[T17.1] each connector says in words how alive it is, what it does, and what waits for it", async ({ sandbox, page }) => {
  const errors = watchErrors(page);
  await sandbox.dossiers("adsolut", "A1", "A2");
  await sandbox.deliver({ kind: BOOK, dossier: "A1", subject: "1.pdf" }, { kind: BOOK, dossier: "A2", subject: "2.pdf" });
  await open(sandbox, page);
  await expect(line(page, "Sandbox 1").getByTestId("liveness")).toHaveText("Polling");
  await expect(line(page, "Sandbox 1").locator(".f5 b")).toHaveText("2");
  await expect(line(page, "Sandbox 1").getByRole("img")).toHaveAttribute("aria-label", /^Called in [1-9]\d* of the last 180 minutes; tasks taken: 2$/);
  await expect(line(page, "Sandbox 2").getByTestId("liveness")).toHaveText("Never seen");
  await expect(line(page, "Sandbox 2")).toContainText("Start it with an enrol code.");
  await expect(line(page, "Sandbox 1")).toContainText("Up to 100 at once");
  await sandbox.hello(0, { max_parallel: 4 });
  await expect(line(page, "Sandbox 1")).toContainText("Up to 4 at once");

  const [task] = await sandbox.claim(0, { max: 1 });
  await expect(line(page, "Sandbox 1").getByTestId("liveness")).toHaveText("Working");
  await expect(line(page, "Sandbox 1").locator(".f5 b")).toHaveText("1");
  await expect(line(page, "Sandbox 1").getByRole("img")).toHaveAttribute("aria-label", /; tasks taken: 3$/);

  // the address is the filter
  await page.locator('[data-chip="never_seen"]').click();
  await expect(page).toHaveURL(/status=never_seen/);
  await expect(line(page, "Sandbox 1")).toHaveCount(0);
  await page.reload();
  await expect(line(page, "Sandbox 2")).toBeVisible();
  await alive(page);
  await page.goBack();
  await page.goto(`${sandbox.server.url}/o/sandbox/connectors?status=nonsense`);
  await alive(page);
  await line(page, "Sandbox 1").getByRole("link").first().click();
  await expect(page).toHaveURL(new RegExp(`/tasks/${task!.id}$`));
  expect(errors).toEqual([]);
});

test("a connector is added, enrolled and seen to call; a name that is taken is refused", async ({ sandbox, page }) => {
  await open(sandbox, page);
  await page.getByRole("button", { name: "Add connector" }).click();
  const dialog = page.getByRole("dialog");
  await page.getByLabel("Name").fill("Sandbox 1");
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("alert")).toHaveText("This name is taken in this office. Choose another.");
  await page.getByLabel("Name").fill("Naïve <b>ü</b> 😀");
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("heading")).toHaveText("Enrol code for Naïve <b>ü</b> 😀");
  await expect(dialog.getByRole("heading")).toBeFocused();
  await axe(page);
  const code = (await dialog.locator("code").first().textContent())!;
  await expect(dialog.locator("code").nth(1)).toContainText(`--enrol ${code}`);
  await expect(dialog.getByTestId("first-call")).toContainText("Waiting for the first call");

  const enrolled = await api(null, "enrol", { code }, sandbox.server.url);
  expect(enrolled.status, JSON.stringify(enrolled.body)).toBe(200);
  const hello = { boot_id: "b", version: "1.0", packages: ["adsolut"], kinds: KINDS, recovers: [], max_parallel: 2 };
  expect((await api(enrolled.body.token, "hello", hello, sandbox.server.url)).status).toBe(200);
  await expect(dialog.getByTestId("first-call")).toContainText("has called in.");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(line(page, "Naïve <b>ü</b> 😀").getByTestId("liveness")).toHaveText("Polling");
});

test("whether there are enough connectors is judged by what happened, and not before enough has", async ({ sandbox, page }) => {
  await sandbox.hello();
  await open(sandbox, page);
  const advice = page.getByTestId("advice");
  await expect(advice).toContainText("Too little has happened in the last week to judge.");
  await sandbox.dossiers("adsolut", ...Array.from({ length: 25 }, (_, i) => `D${100 + i}`));
  await expect(advice).toContainText(/1 connector is enough\. The longest wait of the last week was \d+ (s|min)\./);
});

test("[T17.1] one that is held back with a reason gets nothing until it is let go; one that is shut out is a stranger", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "A1");
  const id = await sandbox.one({ kind: BOOK, dossier: "A1", subject: "1.pdf" });
  await open(sandbox, page);
  await choose(page, "Sandbox 1", "Hold back");
  await page.getByLabel("Reason").fill("the server moves");
  await page.getByTestId("confirm").click();
  await expect(page.locator(".said")).toHaveText("Held back.");
  await expect(line(page, "Sandbox 1").getByTestId("liveness")).toHaveText("Held back");
  await expect(line(page, "Sandbox 1")).toContainText("the server moves");
  await expect(line(page, "Sandbox 1")).toContainText("Let it go when the work on it is done.");
  expect(await sandbox.claim()).toEqual([]);

  await choose(page, "Sandbox 1", "Let go");
  await expect(page.locator(".said")).toHaveText("Let go.");
  expect((await sandbox.claim()).map((t) => t.id)).toEqual([id]);

  await choose(page, "Sandbox 1", "New token");
  await page.getByRole("radio", { name: "1 hour" }).check();
  await page.getByTestId("confirm").click();
  const token = (await page.getByRole("dialog").locator("code").first().textContent())!;
  await page.getByRole("button", { name: "Done" }).click();
  for (const t of [token, sandbox.keys.sandbox.connector_tokens[0]]) {
    expect((await api(t, "claim", { request_id: `r${t.length}${t.at(-1)}`, max: 1 }, sandbox.server.url)).status).toBe(200);
  }
  await choose(page, "Sandbox 1", "Shut out");
  await page.getByRole("button", { name: "Leave it" }).click();
  await choose(page, "Sandbox 1", "Shut out");
  await page.getByTestId("confirm").click();
  await expect(line(page, "Sandbox 1").getByTestId("liveness")).toHaveText("Shut out");
  await expect(line(page, "Sandbox 1")).toContainText("Add a new one if it is still needed.");
  expect((await api(token, "claim", { request_id: "after", max: 1 }, sandbox.server.url)).status).toBe(401);
});

test("an integration gets a token that is shown once; only those who run the office may", async ({ sandbox, page, browser }) => {
  await open(sandbox, page);
  await page.getByRole("button", { name: "Add integration" }).click();
  await page.getByLabel("Name").fill("Peppol");
  await page.getByTestId("confirm").click();
  const token = (await page.getByRole("dialog").locator("code").first().textContent())!;
  await page.getByRole("button", { name: "Done" }).click();
  expect((await api(token, "task", { id: "999999" }, sandbox.server.url)).status).toBe(404);
  await expect(page.locator('[data-integration="Peppol"]')).toContainText("Active");

  for (const [role, fleet] of [["operator", 200], ["employee", 403]] as const) {
    const context = await browser.newContext();
    const other = await context.newPage();
    await sandbox.signIn(other, role);
    const call = async (name: string, data: object) =>
      (await other.request.post(`${sandbox.server.url}/api/desk/${name}`, { data: { office: "gent", ...data } })).status();
    expect(await call("fleet", {})).toBe(fleet);
    expect(await call("alerts", {})).toBe(fleet);
    const connector = { connector: 1 };
    for (const [name, data] of [["add_connector", { name: "X" }], ["enrol_code", connector], ["hold_connector", { ...connector, reason: "x" }],
      ["rotate", { holder: { connector: 1 }, keep_hours: 1 }], ["shut_out", { holder: { connector: 1 } }], ["add_integration", { name: "X" }]] as const) {
      expect(await call(name, data), `${name} as ${role}`).toBe(403);
    }
    await context.close();
  }
});

rehearsed("[T17.5] tasks that no connector takes are named, with how many and for how long", async ({ watch, page }) => {
  await watch.dossiers("adsolut", "A1", "A2");
  await watch.hello(0, { packages: ["hledger"], boot_id: "later" });
  const [id] = await watch.deliver({ kind: SYNC, dossier: "A1" }, { kind: SYNC, dossier: "A2" });
  await watch.clock.pass(12 * MINUTE);
  await open(watch, page);
  const card = page.getByTestId("orphans");
  await expect(card.getByRole("heading")).toHaveText("No connector can take this");
  await expect(card).toContainText(/2 tasks wait, the oldest for 1[23] min/);
  await expect(card.getByRole("link")).toHaveAttribute("href", `/o/sandbox/tasks/${id}`);
  await axe(page);
  await watch.hello(0, { boot_id: "last" });
  await expect(card).toHaveCount(0);
});

test("[T16.1] a queued task says its place, its reason, when it is expected, and that there is nothing to do", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "A1", "A2");
  await sandbox.hello(0, { max_parallel: 1 });
  await sandbox.claim();
  const [first, second, third] = await sandbox.deliver(
    { kind: BOOK, dossier: "A1", subject: "1.pdf" }, { kind: BOOK, dossier: "A2", subject: "2.pdf" }, { kind: BOOK, dossier: "A2", subject: "3.pdf" });
  await sandbox.signIn(page, "support");
  let panel = await sandbox.panel(page, first!);
  await expect(panel.getByTestId("waits")).toContainText("There is nothing to do.");
  await expect(panel.getByTestId("expected")).toHaveText(/^Expected pick-up: in \d+ min to \d+ min\.$/);
  panel = await sandbox.panel(page, second!);
  await expect(panel.getByTestId("expected")).toContainText("1 task of other dossiers comes before it.");
  panel = await sandbox.panel(page, third!);
  await expect(panel.getByTestId("waits")).toContainText(`It comes after task ${second} of this dossier.`);
  await expect(panel.getByTestId("waits")).toContainText("Place 2 in the dossier’s line.");
});

for (const scheme of ["light", "dark"] as const) {
  test(`connectors and alerts are accessible, ${scheme}`, async ({ sandbox, page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(sandbox, page, "support");
    for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
      await page.setViewportSize(size);
      for (const path of ["/o/gent/connectors", "/o/gent/alerts"]) {
        await sandbox.open(page, path);
        await axe(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wide, `${path} at ${size.width}`).toBeLessThanOrEqual(0);
      }
    }
  });
}
