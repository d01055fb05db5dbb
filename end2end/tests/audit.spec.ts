/** The audit log and the settings of the office. */
import { expect, type Locator, type Page } from "@playwright/test";
import { after } from "./clock";
import { axe } from "./support";
import { BOOK, alive, failed, test, type Sandbox } from "./sandbox";

// many pages a test, on machines of any speed

const rows = (page: Page) => page.locator("table.log tbody tr");

/** The line says when it was, which is just now; gives the day, as the office calls it. */
async function justNow(line: Locator): Promise<string> {
  const at = (await line.locator("time").getAttribute("datetime"))!;
  expect(Math.abs(Date.now() - Date.parse(at))).toBeLessThan(180_000);
  return at.slice(0, 10);
}

async function log(sandbox: Sandbox, page: Page, office: string, query = ""): Promise<void> {
  await page.goto(`${sandbox.server.url}/o/${office}/audit${query}`);
  await alive(page);
}

test("[S3.1] what a person did to a task is in the log: when, who, what, to what, before and after", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "AAA");
  const id = await sandbox.fail({ kind: BOOK, dossier: "AAA", subject: "A.pdf" }, failed("period_not_open", { period: "201802" }));
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.panel(page, id);
  await page.locator("#detail").getByRole("button", { name: /^Restart task/ }).click();
  await expect(page.locator("#detail .said")).toHaveText("Restarted.");
  await log(sandbox, page, "sandbox", "?what=restart");
  const first = rows(page).first();
  await expect(first).toContainText("Ada Baas");
  await expect(first.getByRole("rowheader")).toHaveText("Restarted");
  await expect(first.locator(".change")).toContainText(/Action required.*→.*Queued/);
  await expect(first.locator("time")).toHaveText(/^\w{3} \d+ \w{3} \d{4}, \d\d:\d\d$/);
  await justNow(first);
  await first.getByRole("link", { name: `Task ${id}` }).click();
  await expect(page).toHaveURL(new RegExp(`/o/sandbox/tasks/${id}`));
});

test("[S3.1] the filters stand in the address: person, verb, days, text; nonsense finds nothing and breaks nothing", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "support");
  await log(sandbox, page, "gent");
  // Support's own sign-ins are the platform's, and shown to Support
  await expect(rows(page).filter({ hasText: "Signed in" }).filter({ hasText: "Platform" })).not.toHaveCount(0);
  await page.locator("select[name=what]").selectOption("sign_in");
  await page.locator("select[name=who]").selectOption("support");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await expect(page).toHaveURL(/who=support&what=sign_in/);
  await expect(rows(page)).not.toHaveCount(0);
  for (const what of await rows(page).evaluateAll((all) => all.map((r) => (r as HTMLElement).dataset["what"]))) expect(what).toBe("sign_in");
  await page.reload();
  await expect(page.locator("select[name=what]")).toHaveValue("sign_in");
  await page.getByRole("link", { name: "Clear the filter" }).click();
  await expect(page).toHaveURL(/\/audit$/);
  for (const query of ["?what=purple", "?who=abc", "?before=-7", "?q=%25%5F%5C%27%22", "?to=1999-12-31"]) {
    await log(sandbox, page, "gent", query);
    await expect(page.getByText("Nothing matches this filter."), query).toBeVisible();
  }
  for (const query of ["?from=tomorrow", "?before=abc", "?colour=red"]) {
    await log(sandbox, page, "gent", query);
    await expect(rows(page), query).not.toHaveCount(0);
  }
});

test("[S3.3] an office sees its own log and nothing of the platform's; staff see none", async ({ sandbox, page, browser }) => {
  await sandbox.signIn(page, "admin");
  await log(sandbox, page, "gent");
  await expect(rows(page).filter({ hasText: "Lotte Maes" })).not.toHaveCount(0);
  await expect(rows(page).filter({ hasText: "Platform" })).toHaveCount(0);
  const asked = { who: "", what: "", from: "", to: "", text: "", before: null };
  const call = (p: Page, office: string) => p.request.post(`${sandbox.server.url}/api/desk/audit`, { data: { office, asked } });
  expect((await call(page, "sandbox")).status()).toBe(404);
  const context = await browser.newContext();
  const employee = await context.newPage();
  await sandbox.signIn(employee, "employee");
  for (const [name, data] of Object.entries({
    audit: { office: "gent", asked },
    people: { office: "gent", text: "" },
    settings: { office: "gent" },
    renew_link: { office: "gent", person: 2 },
    set_role: { office: "gent", person: 4, role: "admin" },
  })) {
    expect((await employee.request.post(`${sandbox.server.url}/api/desk/${name}`, { data })).status(), name).toBe(403);
  }
  await context.close();
});

test("[S3.1] a setting: saved, in force without a restart, and in the log with before and after", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "admin_sandbox");
  await page.goto(`${sandbox.server.url}/o/sandbox/settings`);
  await alive(page);
  await page.getByLabel("Next visit, earliest (seconds)").fill("42");
  await page.getByLabel("Next visit, latest (seconds)").fill("42");
  await page.getByLabel("Time zone").fill("Asia/Kathmandu");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
  expect((await sandbox.connector(0, "claim", { request_id: `s-${Date.now()}`, max: 1 })).body.next_poll_seconds).toBe(42);
  await log(sandbox, page, "sandbox");
  await expect(rows(page).nth(1)).toBeVisible();
  await page.getByRole("searchbox").fill("Kathmandu");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await expect(page).toHaveURL(/\/audit\?q=Kathmandu$/);
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText("Time zone");
  await expect(rows(page)).toContainText("Ada Baas");
  await expect(rows(page).locator(".change")).toContainText(/Europe\/Brussels.*→.*Asia\/Kathmandu/);
  await expect(rows(page).locator("time")).toHaveAttribute("datetime", /\+05:45$/);
  const today = await justNow(rows(page));
  for (const [day, found] of [[after(today, -1), 0], [today, 1], [after(today, 1), 0]] as const) {
    for (const end of ["from", "to"]) await page.locator(`input[name=${end}]`).fill(day);
    await page.getByRole("button", { name: "Filter", exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`from=${day}&to=${day}&q=Kathmandu`));
    await expect(rows(page)).toHaveCount(found);
  }
  await page.goto(`${sandbox.server.url}/o/sandbox/settings`);
  await alive(page);
  await page.getByLabel("Time zone").fill("Europe/Brussels");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
});

test("wrong settings are named at their field", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "admin");
  await page.goto(`${sandbox.server.url}/o/gent/settings`);
  await alive(page);
  await page.getByLabel("Name of the office").fill("");
  await page.getByLabel("Time zone").fill("Europe/Gent");
  await page.getByLabel("Next visit, latest (seconds)").fill("99999");
  await page.getByLabel("Remind the dossier’s managers after (hours)").fill("");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.locator("#name-note")).toHaveText("Fill this in.");
  await expect(page.locator("#zone-note")).toContainText("Choose a time zone from the list");
  await expect(page.locator("#poll_to-note")).toContainText("to 3600.");
  await expect(page.locator("#remind_hours-note")).toHaveText("A number from 1 to 720.");
  await axe(page);
});

test("two people change the settings: the later one is told, and nothing typed is lost", async ({ sandbox, page, browser }) => {
  await sandbox.signIn(page, "support");
  const context = await browser.newContext();
  const other = await context.newPage();
  await sandbox.signIn(other, "support");
  for (const p of [page, other]) {
    await p.goto(`${sandbox.server.url}/o/sandbox/settings`);
    await alive(p);
  }
  await page.getByLabel("Support contact").fill("first@nachtwacht.example");
  await page.getByRole("button", { name: "Save settings" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
  await other.getByLabel("Name of the office").fill("Sandbox of the second");
  await other.getByLabel("Support contact").fill("second@nachtwacht.example");
  await other.getByRole("button", { name: "Save settings" }).click();
  await expect(other.getByText("Somebody else has changed these settings")).toBeVisible();
  await expect(other.getByText("Now set to: first@nachtwacht.example")).toBeVisible();
  await expect(other.getByLabel("Support contact")).toHaveValue("second@nachtwacht.example");
  await expect(other.getByLabel("Name of the office")).toHaveValue("Sandbox of the second");
  await other.getByRole("button", { name: "Save settings" }).click();
  await expect(other.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
  await context.close();
});
