/** The way in: streams that end when they must, that say when they are dead, and that pages share. */
import { expect, type Page } from "@playwright/test";
import { connect, createServer, type Socket } from "node:net";
import { api, watchErrors } from "./support";
import { alive, BOOK, KINDS, PACKAGES, row, SYNC, test } from "./sandbox";

test.use({ viewport: { width: 1440, height: 900 } });

test("[T17.7] who is shut out by an admin gets 401, and hears no more", async ({ sandbox, page }) => {
  await sandbox.signIn(page, "admin");
  await sandbox.open(page, "/o/gent/connectors");
  await page.getByRole("button", { name: "Add integration" }).click();
  await page.getByLabel("Name").fill("Peppol");
  await page.getByTestId("confirm").click();
  const integration = (await page.getByRole("dialog").locator("code").first().textContent())!;
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Add connector" }).click();
  await page.getByLabel("Name").fill("Cellar");
  await page.getByTestId("confirm").click();
  const code = (await page.getByRole("dialog").locator("code").first().textContent())!;
  const { token: connector } = (await api(null, "enrol", { code }, sandbox.server.url)).body;
  const hello = { boot_id: "b", version: "1.0", packages: PACKAGES, kinds: KINDS, recovers: [], max_parallel: 2 };
  expect((await api(connector, "hello", hello, sandbox.server.url)).status).toBe(200);
  await page.getByRole("dialog").getByRole("button", { name: "Done" }).click();

  // the integration listens, the connector waits for work that is for none
  const over = new AbortController();
  const stream = await fetch(`${sandbox.server.url}/api/v1/events`, { headers: { authorization: `Bearer ${integration}` }, signal: over.signal });
  expect(stream.status).toBe(200);
  let told = "";
  const ended = (async () => {
    const decoder = new TextDecoder(), reader = stream.body!.getReader();
    for (let got = await reader.read(); !got.done; got = await reader.read()) told += decoder.decode(got.value, { stream: true });
    return Date.now();
  })();
  const waiting = api(connector, "claim", { request_id: "r1", max: 1, wait_seconds: 50 }, sandbox.server.url);
  await expect.poll(() => told).toContain("open");

  const shutOut = async (line: string) => {
    const place = page.locator(line);
    if (await place.locator("summary").count()) await place.locator("summary").click();
    await place.getByRole("button", { name: "Shut out", exact: true }).click();
    const at = Date.now();
    await page.getByTestId("confirm").click();
    await expect(page.locator(".said")).toHaveText("Shut out.");
    await expect(place.getByRole("button", { name: "Shut out", exact: true })).toHaveCount(0);
    return at;
  };
  const out = await shutOut('[data-integration="Peppol"]');
  expect((await api(integration, "task", { id: "1" }, sandbox.server.url)).status).toBe(401);
  expect((await ended) - out).toBeLessThan(15_000);
  const before = told.length;

  await shutOut('tr[data-connector="Cellar"]');
  await waiting;
  expect((await api(connector, "hello", hello, sandbox.server.url)).status).toBe(401);
  expect(told.length).toBe(before);
  over.abort();
});

/** A proxy that can stop passing on what its connections say, without closing them, as a network does that is gone. */
async function forwarder(to: number) {
  const pairs = new Set<[Socket, Socket]>();
  const server = createServer((here) => {
    const there = connect(to, "127.0.0.1");
    const pair: [Socket, Socket] = [here, there];
    pairs.add(pair);
    here.pipe(there).pipe(here);
    for (const socket of pair) socket.on("error", () => undefined).on("close", () => pairs.delete(pair));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    /** The connections that there are say nothing any more. New ones do. */
    deafen() {
      for (const [here, there] of pairs) {
        here.unpipe(there).pause();
        there.unpipe(here).pause();
      }
    },
    close() {
      for (const pair of pairs) pair.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}

for (const shared of [true, false]) {
  test(`[S2.5] a stream that is dead but looks open is noticed (${shared ? "shared" : "the page's own"})`, async ({ sandbox, page }) => {
    test.slow();
    if (!shared) await page.addInitScript(() => Reflect.deleteProperty(window, "SharedWorker"));
    const proxy = await forwarder(sandbox.server.port);
    await sandbox.dossiers("adsolut", "CASE");
    const told = await sandbox.one({ kind: SYNC, dossier: "CASE" });
    const missed = await sandbox.one({ kind: SYNC, dossier: "CASE" });
    await page.goto(sandbox.keys.sign_in.support!.replace(sandbox.server.url, proxy.url));
    await page.getByTestId("sign-in").click();
    await page.waitForURL(/\/o\//);
    await page.goto(`${proxy.url}/o/sandbox/tasks?status=queued`);
    await alive(page);
    await sandbox.integration("cancel", { id: told, reason: "x" });
    await expect(row(page, told)).toHaveAttribute("data-state", "cancelled");

    proxy.deafen();
    // what it heard last came within the minute before
    const heard = [await officeClock(page), await officeClock(page, 1)];
    await sandbox.integration("cancel", { id: missed, reason: "x" });
    // within half a minute, as a quick machine counts
    await expect(page.getByTestId("live")).toContainText("Not live since", { timeout: 40_000 });
    // since when it has not been, not since when that is known
    const since = (await page.getByTestId("live").textContent())!.match(/\d\d:\d\d/)![0];
    expect(heard).toContain(since);
    // a browser asks over connections that it has, and one of those may be deaf, too
    await expect(page.getByTestId("live")).toHaveText("Live", { timeout: 90_000 });
    await expect(row(page, missed)).toHaveAttribute("data-state", "cancelled");
    proxy.close();
  });
}

/** What the clock of the office shows. */
const officeClock = (page: Page, back = 0) =>
  page.evaluate((back) => new Date(Date.now() - back * 60_000).toLocaleString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Brussels" }), back);

test("[S2.5] who has missed too much to be told it reads lines and counts anew", async ({ sandbox, page }) => {
  test.slow();
  const proxy = await forwarder(sandbox.server.port);
  await sandbox.dossiers("adsolut", "CASE");
  await page.goto(sandbox.keys.sign_in.support!.replace(sandbox.server.url, proxy.url));
  await page.getByTestId("sign-in").click();
  await page.waitForURL(/\/o\//);
  await page.goto(`${proxy.url}/o/sandbox/tasks?status=queued`);
  await alive(page);
  await expect(page.locator('[data-chip="queued"] .num')).toHaveText("0");
  proxy.deafen();
  for (let n = 0; n < 12; n++) {
    await sandbox.deliver(...Array.from({ length: 100 }, (_, i) => ({ kind: BOOK, dossier: "CASE", subject: `${n}-${i}` })));
  }
  await expect(page.getByTestId("live")).toContainText("Not live since", { timeout: 90_000 });
  await expect(page.getByTestId("live")).toHaveText("Live", { timeout: 90_000 });
  // nothing happens any more that would tell them
  await expect(page.locator('[data-chip="queued"]')).toContainText(/1[,.]?200/);
  proxy.close();
});

test("nine pages side by side are all live, and each goes on answering", async ({ sandbox, page, context }) => {
  test.slow();
  await sandbox.dossiers("adsolut", "CASE");
  const [first, second, third] = await sandbox.deliver(...Array.from({ length: 3 }, () => ({ kind: SYNC, dossier: "CASE" })));
  await sandbox.signIn(page, "support");
  const pages = [page];
  while (pages.length < 9) pages.push(await context.newPage());
  const errors = pages.map(watchErrors);
  for (const one of pages) await sandbox.open(one, "/o/sandbox/tasks?status=queued");
  const cancelled = async (id: string) => {
    for (const one of pages) await expect(row(one, id)).toHaveAttribute("data-state", "cancelled");
  };
  await sandbox.integration("cancel", { id: first, reason: "x" });
  await cancelled(first!);
  // a page that comes or goes takes nothing from the others
  await pages.pop()!.close();
  await sandbox.integration("cancel", { id: second, reason: "x" });
  await cancelled(second!);
  await row(page, third!).locator("a").click();
  await page.locator("#detail button[aria-keyshortcuts=C]").click();
  await page.getByTestId("confirm-cancel").click();
  await cancelled(third!);
  expect(errors.flat()).toEqual([]);
});
