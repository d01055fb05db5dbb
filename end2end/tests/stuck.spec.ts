/** Why a job does not run: the source's symptoms one by one (J26, J27, J30). */
import { expect, type Locator, type Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { axe } from "./support";
import { alive, DONE, failed, type Sandbox } from "./sandbox";
import { MINUTE, quiet as test } from "./clock";
import { ALL_DAYS, act, asOperator, desk, detail, helloServer, runNow, setUp, vouchers } from "./jobs";

test.use({ viewport: { width: 1440, height: 900 } });

async function open(sandbox: Sandbox, page: Page, job: number): Promise<void> {
  await sandbox.open(page, `/o/sandbox/procedures?job=${job}`);
}

function advice(page: Page): Locator {
  return page.getByTestId("advice");
}

function check(page: Page, key: string): Locator {
  return page.locator(`[data-check="${key}"]`);
}

const BROKEN = failed("database_error", {}, "the server went away");

test("[J26.4, J30.1] a stopped job is put back with today's date and its own clock time; after two tries IT is told, with the facts", async ({ sandbox, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await asOperator(sandbox, page, "1");
  const id = await setUp(sandbox, page, vouchers(["1"], ["00:00"]));
  await runNow(sandbox, page, id, BROKEN);
  await open(sandbox, page, id);
  const keys = ["server", "blocked", "queue", "start", "held", "requeued", "posting"];
  expect(await page.locator("[data-check]").evaluateAll((all) => all.map((e) => (e as HTMLElement).dataset.check))).toEqual(keys);
  // what may be done next, and nothing else
  const offered = (...buttons: string[]) => expect(advice(page).getByRole("button").or(advice(page).getByRole("link"))).toHaveText(buttons);
  const said = ["No.", "Yes, 1 time since it last finished.", "Yes, 2 times since it last finished."];
  for (let tries = 1; tries <= 2; tries++) {
    await expect(advice(page)).toContainText("The clock time stays 00:00.");
    await expect(check(page, "requeued").locator(".answer")).toHaveText(said[tries - 1]!);
    await offered("Queue again");
    await page.getByTestId("queue-again").click();
    // it runs today, at once, because its time is passed; its schedule is untouched
    await expect(advice(page)).toHaveAttribute("data-advice", /wait/);
    await offered();
    await expect(check(page, "requeued").locator(".answer")).toHaveText(said[tries]!);
    const found = await detail(sandbox, page, id);
    expect(found.form.schedule.at).toEqual(["00:00"]);
    expect(found.requeued).toBe(tries);
    const tasks = await sandbox.claim();
    expect(tasks).toHaveLength(1);
    await sandbox.report(tasks[0]!, BROKEN);
  }
  await expect(advice(page)).toContainText("Report to IT");
  await expect(advice(page)).toContainText("It was queued again twice and failed again.");
  await offered("Copy the facts");
  await expect(check(page, "requeued").locator(".answer")).toHaveText(said[2]!);
  const report = (await page.getByTestId("report").textContent())!.split("\n");
  expect(report).toEqual([
    `Postere bilag alle selskap, job ${id}, does not run.`,
    "Office: sandbox · Kind: Post vouchers · Error",
    "Companies: 1 · Runs as: PROGRAMSERVERBRUKER ØKONOMI",
    expect.stringMatching(/^Looked at: .* 12:\d\d$/),
    expect.stringMatching(/^- Is the server calling in\? Sandbox 1: .*, last call .* ago\.$/),
    "- Is this a blocked window? No, nothing blocks it now.",
    "- Is a long job before it? No, nothing works for its companies.",
    "- Is its start time passed? It has no further time.",
    expect.stringMatching(/^- Is it put aside on purpose\? No, it stopped after an error, .* 12:\d\d\.$/),
    "- Was it queued again already? Yes, 2 times since it last finished.",
    "- Is the posting status of its companies OK? Yes.",
    "Last error: 1: the server went away",
  ]);
  await page.getByTestId("copy-report").click();
  await expect(page.getByText("Copied.")).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await page.getByTestId("report").textContent());
});

test("[J26.2] putting it back too early is prevented while another job works for its company; a reason overrides", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1", "75");
  const id = await setUp(sandbox, page, vouchers(["1"], ["00:00"]));
  const long = await setUp(sandbox, page, vouchers(["1", "75"], ["22:00"], { description: "Kommunale avgifter", estimate_minutes: 55 }));
  await runNow(sandbox, page, id, BROKEN);
  await runNow(sandbox, page, long);
  await open(sandbox, page, id);
  await expect(check(page, "queue")).toContainText(`Kommunale avgifter (job ${long})`);
  await expect(check(page, "queue")).toContainText("usual 55 min");
  await expect(page.getByTestId("queue-again")).toBeDisabled();
  const { line } = await detail(sandbox, page, id);
  const early = await page.request.post(`${sandbox.server.url}/api/desk/do_job`, { data: { office: "sandbox", id, version: line.version, verb: "queue", why: null } });
  expect(early.status()).toBe(409);
  await page.getByLabel("Why you do not wait").fill("company 75 posts all night");
  await page.getByTestId("queue-despite").click();
  await expect(advice(page)).toHaveAttribute("data-advice", "wait");
  const stood = (await detail(sandbox, page, id)).stood;
  expect(stood.why).toBe("company 75 posts all night");
});

test("queued with its start time passed is an alarm to IT; in a blocked window it is not", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1");
  const id = await setUp(sandbox, page, vouchers(["1"], ["22:00"]));
  await act(sandbox, page, id, "run_now");
  await sandbox.clock.pass(25 * MINUTE);
  await helloServer(sandbox);
  await open(sandbox, page, id);
  await expect(page.locator("[data-testid=job-status]")).toHaveText("Overdue");
  await expect(check(page, "start")).toHaveAttribute("data-mark", "bad");
  await expect(check(page, "start")).toContainText("is passed by 25 min");
  await expect(advice(page)).toContainText("It is queued, its start time is passed, and nothing explains it.");
  await desk(sandbox, page, "save_blocked", { id: null, form: { reason: "Backup", owner: "IT", days: ALL_DAYS, from: "00:00", minutes: 1440 } });
  await page.reload();
  await expect(advice(page)).toContainText("It goes on when the blocked window is over");
  await expect(check(page, "blocked")).toContainText("Backup");
});

test("the posting status PO is set back to OK, but not while a large invoicing run is being posted", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1", "75");
  const id = await setUp(sandbox, page, vouchers(["1"], ["23:59"]));
  const large = await setUp(sandbox, page, vouchers(["75"], ["23:30"], { description: "Fakturering Avfall Sør" }));
  // no page says yet which company's postings take long
  const code = "import sqlite3,sys; d=sqlite3.connect(sys.argv[1],timeout=10); d.execute(\"UPDATE dossier SET large = 1 WHERE code = '75'\"); d.commit()";
  execFileSync("python3", ["-c", code, join(sandbox.server.dir, "nachtwacht.db")]);
  // a posting that is not through says so itself
  const [task] = await runNow(sandbox, page, id);
  await sandbox.report(task!, failed("posting_not_through", {}, "PO"));
  const running = await runNow(sandbox, page, large);
  await sandbox.open(page, "/o/sandbox/procedures?tab=posting");
  const line = page.locator('[data-company="1"]');
  await expect(line).toContainText("PO since");
  await expect(page.getByTestId("large-run")).toContainText(`Fakturering Avfall Sør (job ${large})`);
  await expect(line.getByRole("button")).toBeDisabled();
  const refused = await page.request.post(`${sandbox.server.url}/api/desk/set_posting_ok`, { data: { office: "sandbox", company: "1" } });
  expect(refused.status()).toBe(409);
  await sandbox.report(running[0]!, DONE);
  await expect(page.getByTestId("large-run")).toHaveCount(0);
  await line.getByRole("button", { name: "Set company 1 to OK" }).click();
  await expect(page.getByText("Every company is OK.")).toBeVisible();
  const asked = { who: "", what: "posting", from: "", to: "", text: "", before: null };
  const log = await sandbox.as("admin_sandbox", (call) => call("audit", { office: "sandbox", asked }));
  expect(log.lines[0]).toMatchObject({ before: "PO", after: "OK" });
});

test("[J27.3] PO stands at a company only after its package reported a posting that is not through", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1", "75", "80");
  const id = await setUp(sandbox, page, vouchers(["1", "75", "80"], ["23:59"]));
  await sandbox.open(page, "/o/sandbox/procedures?tab=posting");
  await expect(page.getByText("Every company is OK.")).toBeVisible();
  const tasks = await runNow(sandbox, page, id);
  const of = (company: string) => tasks.find((t) => t.dossier.code === company)!;
  // other failures, and what is through, make none
  await sandbox.report(of("75"), BROKEN);
  await sandbox.report(of("80"), DONE);
  await page.reload();
  await alive(page);
  await expect(page.getByText("Every company is OK.")).toBeVisible();
  await sandbox.report(of("1"), failed("posting_not_through", {}, "The status of the last posting is PO."));
  await expect(page.locator("[data-company]")).toHaveCount(1);
  await expect(page.locator('[data-company="1"]')).toContainText("PO since");
});

test("the start time is not passed and the ledger is not updated: the help says to set PO back", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1");
  const id = await setUp(sandbox, page, vouchers(["1"], ["23:59"]));
  const posts = await setUp(sandbox, page, vouchers(["1"], ["22:00"], { description: "Postere avgifter" }));
  await runNow(sandbox, page, posts, failed("posting_not_through", {}, "PO"));
  await open(sandbox, page, id);
  await expect(check(page, "posting")).toHaveAttribute("data-mark", "bad");
  await page.getByTestId("set-posting").click();
  await expect(advice(page)).toHaveAttribute("data-advice", "wait");
  await expect(check(page, "posting")).toHaveAttribute("data-mark", "good");
});

test("what is on hold on purpose names who and why, and is left alone", async ({ sandbox, page }) => {
  await asOperator(sandbox, page, "1");
  const id = await setUp(sandbox, page, vouchers(["1"], ["23:59"]));
  await act(sandbox, page, id, "hold", "Visma Aksesspunkt menighetene");
  await open(sandbox, page, id);
  await expect(check(page, "held")).toContainText("Visma Aksesspunkt menighetene");
  await expect(advice(page)).toHaveAttribute("data-advice", "leave");
});

for (const [name, width, height] of [["desktop", 1440, 900], ["phone", 390, 844]] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`the help for a stuck job breaks no rule: ${name}, ${colorScheme}`, async ({ sandbox, page }) => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await asOperator(sandbox, page, "1");
      const id = await setUp(sandbox, page, vouchers(["1"], ["00:00"]));
      await runNow(sandbox, page, id, BROKEN);
      await open(sandbox, page, id);
      await axe(page);
      for (let tries = 1; tries <= 2; tries++) {
        await act(sandbox, page, id, "queue");
        for (const task of await sandbox.claim()) await sandbox.report(task, BROKEN);
      }
      await page.reload();
      await alive(page);
      await expect(page.getByTestId("report")).toBeVisible();
      await axe(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    });
  }
}
