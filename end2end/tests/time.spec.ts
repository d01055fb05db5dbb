/** What the desk learns and forgets as time passes. */
import { expect } from "@playwright/test";
import { HOUR, MINUTE, test } from "./clock";
import { BOOK, SYNC, failed } from "./sandbox";

test.use({ viewport: { width: 1440, height: 900 } });

test("[T17.3] a connector's errors of the last day are the failed reports that it made", async ({ watch, page }) => {
  await watch.dossiers("adsolut", "AAA", "BBB", "CCC", "DDD");
  await watch.signIn(page, "admin_sandbox");
  const line = page.locator('tr[data-connector="Sandbox 1"]'), other = page.locator('tr[data-connector="Sandbox 2"]');
  await watch.open(page, "/o/sandbox/connectors");
  await expect(line).not.toContainText("in a day");
  for (const dossier of ["AAA", "BBB"]) await watch.fail({ kind: BOOK, dossier }, failed("database_error"));
  await expect(line).toContainText("2 failed reports in a day");
  await watch.clock.pass(20 * HOUR);
  // one that is tried again is a failed report as well; one that succeeds is none
  await watch.fail({ kind: BOOK, dossier: "CCC" }, failed("package_unreachable"));
  await watch.one({ kind: SYNC, dossier: "DDD" });
  await watch.report(await watch.claimOne());
  await watch.open(page, "/o/sandbox/connectors");
  await expect(line).toContainText("3 failed reports in a day");
  await expect(other).not.toContainText("in a day");
  await watch.clock.pass(6 * HOUR);
  await watch.hello();
  await watch.open(page, "/o/sandbox/connectors");
  await expect(line).toContainText("1 failed report in a day");
});

test("[T16.2] with all connectors silent that could take it, a task says so and since when, and not that there is nothing to do", async ({ watch, page }) => {
  await watch.dossiers("adsolut", "AAA");
  await watch.hello(1, { packages: ["wings"] });
  await watch.clock.pass(35 * MINUTE);
  // one that calls, but reaches another package
  await watch.hello(1, { packages: ["wings"] });
  const id = await watch.one({ kind: SYNC, dossier: "AAA" });
  expect(await watch.task(id)).toMatchObject({ status: "queued", waits_for: "connector_asleep", expected_pick_up_seconds: null });
  await watch.signIn(page, "admin_sandbox");
  const panel = await watch.panel(page, id);
  const waits = panel.getByTestId("waits");
  await expect(waits).toContainText(/The connector that takes it has not called in for (35|36) min\. It is picked up when it is back\./);
  await expect(waits).not.toContainText("There is nothing to do.");
  // it is enough that one of them wakes
  await watch.hello(1, { boot_id: "both", packages: ["wings", "adsolut"] });
  expect((await watch.task(id)).waits_for).toBe("next_visit");
  await page.reload();
  await expect(waits).toContainText("There is nothing to do.");
});
