/** What it costs that many watch. */
import { expect } from "@playwright/test";
import { startServer } from "./support";
import { SYNC, Sandbox, test } from "./sandbox";

/** Somebody's event stream; counts the changes that it tells. */
async function watch(url: string, cookie: string): Promise<{ heard: () => number; close: () => void }> {
  const over = new AbortController();
  const answer = await fetch(`${url}/api/desk/live?office=sandbox`, { headers: { cookie }, signal: over.signal });
  expect(answer.status).toBe(200);
  let text = "";
  const read = async () => {
    const decoder = new TextDecoder(), reader = answer.body!.getReader();
    for (let got = await reader.read(); !got.done; got = await reader.read()) text += decoder.decode(got.value, { stream: true });
  };
  read().catch(() => "closed");
  await expect.poll(() => text).toContain("open");
  return { heard: () => text.split("event: task").length - 1, close: () => over.abort() };
}

test("a change is read from the database once, however many watch", async ({ page }) => {
  test.slow();
  const CHANGES = 20;
  const sandbox = new Sandbox(await startServer({ demo: true, args: ["--streams", "200"], env: { NACHTWACHT_LOG: "info,sqlx::query=debug" } }));
  await sandbox.signIn(page, "support");
  const cookie = (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join("; ");
  // it would ask as well
  await page.close();
  await sandbox.dossiers("adsolut", "LIVE");
  const reads = () => sandbox.server.output().split("sqlx::query").length - 1;
  const cost = async (viewers: number) => {
    const watching = await Promise.all(Array.from({ length: viewers }, () => watch(sandbox.server.url, cookie)));
    const before = reads();
    // one after the other: those that come at once are read at once
    for (let i = 1; i <= CHANGES; i++) {
      await sandbox.deliver({ kind: SYNC, dossier: "LIVE" });
      await expect.poll(() => Math.min(...watching.map((viewer) => viewer.heard())), { intervals: [20] }).toBe(i);
    }
    const after = reads();
    watching.forEach((viewer) => viewer.close());
    return after - before;
  };
  const alone = await cost(1);
  expect(alone).toBeGreaterThanOrEqual(CHANGES);
  // a read for each of them would be 1,980 more; the desk's own ticking is a few a second
  expect(await cost(100)).toBeLessThan(alone + 500);
  await sandbox.server.kill();
});
