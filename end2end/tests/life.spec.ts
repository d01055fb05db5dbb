/** A task's whole life on one page. */
import { expect } from "@playwright/test";
import { BOOK, alive, failed, status, test } from "./sandbox";

test("[T15.1] delivery, claims, attempts, who restarted it, what was said and how long it took: all on one page, live", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  await sandbox.hello(1);
  const id = await sandbox.one({ kind: BOOK, dossier: "CASE", subject: "2018-0231.pdf", payload: { document: "x" } });
  await sandbox.signIn(page, "admin_sandbox");
  await page.goto(`${sandbox.server.url}/o/sandbox/tasks/${id}`);
  await alive(page);
  const history = page.locator("ol.hist > li");
  const attempts = page.locator("ol.tries > li");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("The task’s whole life");
  await expect(status(page)).toHaveText("Queued");
  await expect(history).toHaveCount(1);
  await expect(attempts).toHaveCount(0);

  // first try, by one connector: given back, to be tried again in ten seconds
  await sandbox.report(await sandbox.claimOne(0), { released: { reason: "the package is being updated", retry_after_seconds: 10 } });
  await expect(history).toHaveCount(3);
  await expect(page.getByTestId("waits")).toContainText(/A connector gave it back unstarted\. It is tried again by itself in (\d|10) s\./);
  // second try: a person must act; it takes three seconds at least
  const asked = Date.now();
  const second = (await sandbox.claim(0, { wait_seconds: 30 }))[0]!;
  await expect(status(page)).toHaveText("Working");
  await expect(attempts.last()).toContainText("Running");
  const claimed = Date.now();
  await expect.poll(() => Date.now() - claimed).toBeGreaterThan(3_050);
  const tells = Date.now();
  await sandbox.report(second, failed("period_not_open", { period: "201802" }, "Period 2018-02 is closed."));
  const reported = Date.now();
  await expect(status(page)).toHaveText("Action employee required");
  // a person restarts it, and another connector books it
  await page.getByRole("button", { name: /^Restart task/ }).click();
  await expect(status(page)).toHaveText("Queued");
  const third = await sandbox.claimOne(1);
  expect(third.earlier).toEqual([{ attempt: 1, outcome: "released" }, { attempt: 2, outcome: "failed" }]);
  await sandbox.report(third, { succeeded: { result: { document_no: "B-2018-77" } } }, 1);
  await expect(status(page)).toHaveText("Done");

  // newest first, each with its time
  const whole = await sandbox.task(id);
  const [first, other] = ["Sandbox 1", "Sandbox 2"];
  const expected = [
    /Done/, new RegExp(`Picked up by ${other}`), /Restarted by Ada Baas/, /Needs your action\s*Open booking period 2018-02/,
    new RegExp(`Picked up by ${first}`), /Given back unstarted\s*the package is being updated/, new RegExp(`Picked up by ${first}`), /Delivered/,
  ];
  await expect(history).toHaveText(expected);
  await expect(history.locator("time[datetime]")).toHaveCount(expected.length);
  for (const line of [history.nth(3), attempts.nth(1)]) {
    const took = Number(/took (\d+) s/.exec(await line.innerText())![1]);
    expect(took, "from the answer to the claim to the report").toBeGreaterThanOrEqual(Math.floor((tells - claimed) / 1000));
    expect(took, "from the claim to the answer to the report").toBeLessThanOrEqual(Math.ceil((reported - asked) / 1000));
  }

  // the attempts, oldest first
  await expect(attempts).toHaveText([
    new RegExp(`Attempt 1\\s*Given back · ${first} · took 0 s`),
    new RegExp(`Attempt 2\\s*Failed · ${first} · took \\d+ s`),
    new RegExp(`Attempt 3\\s*Done · ${other} · took 0 s`),
  ]);
  await expect(attempts.last()).toContainText("B-2018-77");
  expect(whole.attempts.map((a: { outcome: string }) => a.outcome)).toEqual(["released", "failed", "succeeded"]);
  expect(whole.concluded_at).not.toBeNull();

  // the facts
  for (const fact of [id, "Process booking proposal", "2018-0231.pdf", "Client CASE", "Adsolut", other]) {
    await expect(page.locator("dl.kv").first()).toContainText(fact);
  }
  // and it reads the same before any script runs
  const html = await (await page.request.get(page.url())).text();
  expect(html).toContain("Restarted");
  expect(html).toContain("Ada Baas");
});

test("the way there and back: from the list to the panel to the whole life to the list", async ({ sandbox, page }) => {
  await sandbox.dossiers("adsolut", "CASE");
  const id = await sandbox.fail({ kind: BOOK, dossier: "CASE" }, failed("database_error"));
  await sandbox.signIn(page, "admin_sandbox");
  await sandbox.open(page, "/o/sandbox/tasks");
  await page.locator("li.tr a").click();
  await page.getByRole("link", { name: "The task’s whole life" }).click();
  await page.waitForURL(`**/o/sandbox/tasks/${id}`);
  await expect(page.locator("ol.tries > li")).toHaveCount(1);
  await page.getByRole("link", { name: "Tasks" }).first().click();
  await page.waitForURL("**/o/sandbox/tasks");
  await expect(page.locator("li.tr")).toHaveCount(1);
});
