// P7, P9, P10 and P12, measured in a browser: `figures.mjs SERVER SITE` starts the release server on a demo of its own.
// Prints what a first visit costs and how the page bears a busy day. Part of `make bench`.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const { chromium } = createRequire(resolve("end2end/package.json"))("@playwright/test");
const [server, site] = process.argv.slice(2);
if (!server || !site) {
  console.error("usage: figures.mjs SERVER SITE");
  process.exit(1);
}
const ROWS = 10_000;
const dir = mkdtempSync(join(tmpdir(), "nachtwacht-"));
const port = await new Promise((done) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => done(port));
  });
});
const url = `http://127.0.0.1:${port}`;
const program = spawn(server, ["serve", "--data", dir, "--listen", `127.0.0.1:${port}`, "--site", site, "--demo"], { stdio: "ignore" });
const tidy = () => {
  program.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
};
process.on("exit", tidy);
for (let i = 0; i < 400; i++) {
  if (await fetch(`${url}/health/ready`).then((r) => r.ok, () => false)) break;
  await new Promise((r) => setTimeout(r, 50));
}
const demo = JSON.parse(readFileSync(join(dir, "demo.json"), "utf8"));
const call = async (token, name, body) => {
  const answer = await fetch(`${url}/api/v1/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};
const [connector] = demo.sandbox.connector_tokens;
const integration = demo.sandbox.integration_token;
const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
let asked = 0;

// the browser of the tests
const places = JSON.parse(readFileSync("end2end/browsers.json"));
const executablePath = [process.env.CHROMIUM, ...places].find((path) => path && existsSync(path));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
const signedIn = async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(demo.sign_in.support);
  await page.getByTestId("sign-in").click();
  await page.waitForURL(/\/o\//);
  return { context, page };
};

// P9: what comes over the wire, and when keys and buttons work, on a processor four times slower
{
  const times = { readable: [], interactive: [] };
  let bytes = 0;
  for (let run = 0; run < 5; run++) {
    const { context, page } = await signedIn();
    await page.close();
    const fresh = await context.newPage();
    const cdp = await context.newCDPSession(fresh);
    await cdp.send("Network.enable");
    await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    bytes = 0;
    cdp.on("Network.loadingFinished", (e) => (bytes += e.encodedDataLength));
    const began = performance.now();
    await fresh.goto(`${url}/o/gent/tasks`, { waitUntil: "commit" });
    await fresh.locator("li.tr").first().waitFor();
    times.readable.push(performance.now() - began);
    await fresh.getByTestId("live").getByText("Live").waitFor();
    times.interactive.push(performance.now() - began);
    await context.close();
  }
  console.log(`P9  first load: ${(bytes / 1024).toFixed(0)} KiB over the wire; with a processor four times slower, median of 5: readable after ${median(times.readable).toFixed(0)} ms, live after ${median(times.interactive).toFixed(0)} ms (bar 1500)`);
}

// P10: a thousand changes a second
{
  const hello = { boot_id: "figures", version: "1", packages: ["hledger"], kinds: ["synchronise_dossier", "activate_dossier"], recovers: [], max_parallel: 100 };
  await call(connector, "hello", hello);
  const codes = Array.from({ length: 100 }, (_, i) => `P${i}`);
  await call(integration, "deliver", { tasks: codes.map((dossier) => ({ kind: "activate_dossier", dossier, payload: { name: `Client ${dossier}`, package: "hledger" } })) });
  const round = async (outcome) => {
    const { tasks } = await call(connector, "claim", { request_id: `figures-${++asked}`, max: 100 });
    if (tasks.length) await call(connector, "report", { reports: tasks.map((t) => ({ task: t.id, lease: t.lease, outcome })) });
    return tasks.length;
  };
  while (await round({ succeeded: {} })) {}
  const { context, page } = await signedIn();
  await page.goto(`${url}/o/sandbox/tasks?status=queued,running,action_required,failed`);
  await page.getByTestId("live").getByText("Live").waitFor();
  await page.evaluate(() => {
    window.frames_ = [];
    let last = performance.now();
    const step = (now) => {
      window.frames_.push(now - last);
      last = now;
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
    window.long_ = [];
    new PerformanceObserver((list) => list.getEntries().forEach((e) => window.long_.push(e.duration))).observe({ entryTypes: ["longtask"] });
  });
  const until = Date.now() + 10_000;
  let changes = 0;
  const began = Date.now();
  while (Date.now() < until) {
    // delivered, claimed, reported: three changes a task
    await call(integration, "deliver", { tasks: codes.map((dossier) => ({ kind: "synchronise_dossier", dossier })) });
    changes += 100 + 2 * (await round({ succeeded: {} }));
    const ahead = (changes / 1000) * 1000 - (Date.now() - began);
    if (ahead > 0) await new Promise((r) => setTimeout(r, ahead));
  }
  const [frames, long] = await page.evaluate(() => [window.frames_, window.long_]);
  frames.sort((a, b) => a - b);
  const at = (p) => frames[Math.min(frames.length - 1, Math.floor((frames.length * p) / 100))].toFixed(0);
  console.log(`P10 ${(changes / 10).toFixed(0)} changes a second for 10 s: frames p50 ${at(50)} ms, p99 ${at(99)} ms, longest ${at(100)} ms; ${long.length} tasks over 50 ms, longest ${Math.max(0, ...long).toFixed(0)} ms (bar: none over 50 ms)`);
  await context.close();
}

// P7: from the call that changes a task to another browser's line, beside more and more who watch
{
  const { context, page } = await signedIn();
  const cookie = (await context.cookies()).map((c) => `${c.name}=${c.value}`).join("; ");
  const claim = async (max) => (await call(connector, "claim", { request_id: `figures-${++asked}`, max })).tasks;
  const report = (tasks) => call(connector, "report", { reports: tasks.map((t) => ({ task: t.id, lease: t.lease, outcome: { succeeded: {} } })) });
  for (let left = await claim(100); left.length; left = await claim(100)) await report(left);
  await call(integration, "deliver", { tasks: Array.from({ length: 100 }, (_, i) => ({ kind: "synchronise_dossier", dossier: `P${i}` })) });
  await page.goto(`${url}/o/sandbox/tasks?status=queued,running`);
  await page.getByTestId("live").getByText("Live").waitFor();
  await page.evaluate(() => {
    window.seen_ = {};
    const note = (list) => list.forEach(({ target }) => (window.seen_[target.dataset.task] ??= performance.timeOrigin + performance.now()));
    new MutationObserver(note).observe(document.querySelector("#main"), { subtree: true, attributes: true, attributeFilter: ["data-state"] });
  });
  const said = [];
  for (const viewers of [1, 100, 1000]) {
    const over = new AbortController();
    const drain = async (answer) => {
      for await (const _ of answer.body);
    };
    const others = Array.from({ length: viewers - 1 }, () => fetch(`${url}/api/desk/live?office=sandbox`, { headers: { cookie }, signal: over.signal }));
    for (const answer of await Promise.all(others)) drain(answer).catch(() => {});
    const took = [];
    for (let i = 0; i < 30; i++) {
      const began = performance.timeOrigin + performance.now();
      const tasks = await claim(1);
      const seen = await page.waitForFunction((id) => window.seen_[id], tasks[0].id).then((found) => found.jsonValue());
      took.push(seen - began);
      await report(tasks);
    }
    over.abort();
    took.sort((a, b) => a - b);
    said.push(`${viewers}: ${median(took).toFixed(0)} / ${took[took.length - 1].toFixed(0)}`);
  }
  console.log(`P7  a change to another browser's line, viewers: median / longest of 30, ms: ${said.join(", ")} (bar p99 250 at 100, 1000 at 1,000)`);
  await context.close();
}

// P12: a day of 500 jobs: the picture drawn, a run moved by its key, 300 of them laid out anew
{
  const JOBS = 500, SPREAD = 300;
  const { context, page } = await signedIn();
  const desk = async (name, data) => {
    const answer = await page.request.post(`${url}/api/desk/${name}`, { data: { office: "sandbox", ...data } });
    if (!answer.ok()) throw new Error(`${name}: ${answer.status()} ${await answer.text()}`);
    return answer.json();
  };
  for (let i = 0; i < JOBS; i++) {
    const minute = 30 + Math.floor((i * 1320) / JOBS);
    const at = `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
    const schedule = { zone: "Europe/Brussels", days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], at: [at] };
    const kind = i < SPREAD ? "nets_integration" : "outgoing_invoices";
    const form = { kind, description: `Job ${i}`, companies: [`P${i % 100}`], run_as: "SERVER", schedule, params: { integration: "Nets" }, outputs: [], estimate_minutes: 1 };
    await desk("new_job", { form, despite: "as it stood", confirmed: true });
  }
  const took = [];
  const day = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  for (let run = 0; run < 5; run++) {
    const began = performance.now();
    await desk("day_plan", { day });
    took.push(performance.now() - began);
  }
  const drawn = [], keyed = [];
  for (let run = 0; run < 5; run++) {
    const began = performance.now();
    await page.goto(`${url}/o/sandbox/jobs?day=${day}&family=nets_integration&zoom=01:00-02:00`, { waitUntil: "commit" });
    await page.locator("g[data-run]").first().waitFor();
    drawn.push(performance.now() - began);
    await page.locator("html[data-ready]").waitFor({ state: "attached" });
    await page.locator("g[data-run]").nth(2).focus();
    keyed.push(await page.evaluate(async () => {
      const bar = document.activeElement;
      const before = bar.getAttribute("aria-valuenow");
      const began = performance.now();
      bar.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, cancelable: true }));
      while (bar.getAttribute("aria-valuenow") === before) await new Promise((r) => setTimeout(r, 0));
      return performance.now() - began;
    }));
  }
  const ask = { day, kind: "nets_integration", from: "00:30", to: "22:30", shorter: 0 };
  const spread = [];
  for (let run = 0; run < 5; run++) {
    const began = performance.now();
    await desk("spread_jobs", { ask });
    spread.push(performance.now() - began);
  }
  console.log(`P12 a day of ${JOBS} jobs, medians of 5: the plan answered in ${median(took).toFixed(0)} ms, its page drawn after ${median(drawn).toFixed(0)} ms, a run moved by its key in ${median(keyed).toFixed(0)} ms (bar 100); ${SPREAD} of them spread over the day in ${median(spread).toFixed(0)} ms (bar 100)`);
  await context.close();
}

// P10: ten thousand lines scrolled
{
  for (let i = 0; i < ROWS; i += 100) {
    await call(integration, "deliver", { tasks: Array.from({ length: 100 }, (_, n) => ({ kind: "synchronise_dossier", dossier: `P${n}`, subject: `line-${i + n}` })) });
  }
  const { context, page } = await signedIn();
  await page.goto(`${url}/o/sandbox/tasks?status=queued&rows=2000`);
  await page.getByTestId("live").getByText("Live").waitFor();
  // the heading counts all lines; those far from the window are not drawn
  const listed = async () => Number(/([\d,]+) tasks/.exec(await page.locator(".grp>header .muted").first().innerText())?.[1].replace(",", ""));
  while ((await listed()) < ROWS && (await page.locator(".further button").count())) {
    const before = await listed();
    await page.locator(".further button").evaluate((button) => button.click());
    while ((await listed()) === before) await new Promise((r) => setTimeout(r, 20));
  }
  const rows = await listed();
  const all = await browser.newBrowserCDPSession();
  // the tab's process: all that is in memory, and without what it shares with other programs ("memory footprint")
  const memory = async () => {
    const { processInfo } = await all.send("SystemInfo.getProcessInfo");
    const used = processInfo.filter((p) => p.type === "renderer").map(({ id }) => {
      const status = readFileSync(`/proc/${id}/status`, "utf8");
      const mib = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
      return { resident: mib("VmRSS"), own: mib("RssAnon") + mib("VmSwap") };
    });
    return used.reduce((most, it) => (it.own > most.own ? it : most));
  };
  const top = { resident: 0, own: 0, drawn: 0 };
  // quicker than anybody reads: a window every tenth of a second
  for (let y = 0, n = 0; y < (await page.evaluate(() => document.documentElement.scrollHeight)); y += 700, n++) {
    await page.evaluate((y) => window.scrollTo(0, y), y);
    await new Promise((r) => setTimeout(r, 100));
    if (n % 20 === 0) {
      const now = await memory();
      top.resident = Math.max(top.resident, now.resident);
      top.own = Math.max(top.own, now.own);
      top.drawn = Math.max(top.drawn, await page.locator("li.tr").count());
    }
  }
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable");
  const { metrics } = await cdp.send("Performance.getMetrics");
  const heap = metrics.find((m) => m.name === "JSHeapUsedSize").value / 1024 / 1024;
  console.log(`P10 ${rows} lines shown and scrolled, at most ${top.drawn} drawn: JavaScript heap ${heap.toFixed(0)} MiB, the tab's process at most ${top.own.toFixed(0)} MiB of its own (bar 150 MiB), ${top.resident.toFixed(0)} MiB resident`);
  await context.close();
}
await browser.close();
process.exit(0);
