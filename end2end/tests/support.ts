/** What every spec needs: the demo office's keys, signing in, the API, axe, and servers of a test's own. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BASE_URL, demoJson } from "../servers";

export { BASE_URL };

/** What a server started with `--demo` writes beside its data, for people and tests to get in with. */
export interface Demo {
  base_url: string;
  /** A role (`staff`, `admin`, …) and the link that signs in as it. */
  sign_in: Record<string, string>;
  /** An office without simulated connectors: whatever happens there, a test did. */
  sandbox: { connector_tokens: [string, string]; integration_token: string };
}

/** Reads `demo.json`: of the server under test, or of the one given. */
export function demo(server?: Server): Demo {
  const path = server ? join(server.dir, "demo.json") : (demoJson() ?? setting("DEMO_JSONS"));
  return JSON.parse(readFileSync(path, "utf8")) as Demo;
}

/** Signs in as one of the demo's roles and leaves the page where that role lands. */
export async function signIn(page: Page, role: string, from: Demo = demo()): Promise<void> {
  const link = from.sign_in[role];
  if (!link) throw new Error(`demo.json has no role "${role}", only ${Object.keys(from.sign_in).join(", ")}`);
  await page.goto(link);
  const before = page.url();
  await page.getByTestId("sign-in").click();
  await page.waitForURL((url) => url.href !== before);
}

export interface Answer<T> {
  status: number;
  headers: Headers;
  /** The parsed JSON; the bare text where the answer is not JSON; null where it is empty. */
  body: T;
}

/**
 * POSTs `body` to `/api/v1/{call}`; without a token (null) as a caller nobody knows.
 * `T` may be left out: tests look into answers of every shape.
 */
export async function api<T = any>(token: string | null, call: string, body: unknown = {}, base = BASE_URL): Promise<Answer<T>> {
  const headers: Record<string, string> = { "content-type": "application/json", accept: "application/json" };
  if (token !== null) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(`${base}/api/v1/${call}`, { method: "POST", headers, body: JSON.stringify(body), redirect: "manual" });
  const text = await answer.text();
  const json = /[/+]json\b/.test(answer.headers.get("content-type") ?? "");
  return { status: answer.status, headers: answer.headers, body: (text === "" ? null : json ? JSON.parse(text) : text) as T };
}

/** Expects the page, as it stands, to break no rule of WCAG 2.2 A and AA nor of good practice. */
export async function axe(page: Page): Promise<void> {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
  // one document without frames: all rules run in it, and what holds is not carried out of it
  const builder = new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).withTags(tags).setLegacyMode();
  const { violations } = await builder.analyze();
  const found = violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `    ${n.target.join(" ")}`).join("\n")}`);
  expect(found, `accessibility of ${page.url()}`).toEqual([]);
}

/** Collects uncaught errors and console errors from now on; expect the list to be empty at the end. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (e) => errors.push(`uncaught: ${e.message}`));
  page.on("console", (m) => {
    if (m.type() === "error") errors.push(`console: ${m.text()} (${m.location().url})`);
  });
  return errors;
}

export interface ServerOptions {
  demo?: boolean;
  /** Further arguments of `nachtwacht serve`. */
  args?: string[];
  env?: Record<string, string>;
  /** Free MiB of the disk below which there is an alert; without it none, whatever machine this runs on. */
  diskAlert?: number;
  /** Another server's data, to start again on what it left. */
  dir?: string;
  /** Another server's port, so that its callers find the new one. */
  port?: number;
}

export interface Server {
  url: string;
  port: number;
  /** The data folder; it stays until all tests are over. */
  dir: string;
  /** Asks it to stop, as an operator does, and gives its exit code (null: it had to be killed). */
  stop(): Promise<number | null>;
  /** Takes it down without warning, as a power cut does. */
  kill(): Promise<void>;
  /** Everything it has printed so far. */
  output(): string;
}

/** Starts a server of the test's own, on its own port and data, and waits until it is ready. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const dir = options.dir ?? freshDir();
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const args = ["serve", "--data", dir, "--listen", `127.0.0.1:${port}`, "--site", setting("NACHTWACHT_SITE_DIR"), "--disk-alert", String(options.diskAlert ?? 0), "--mail-allow-private"];
  if (options.demo) args.push("--demo");
  const child = spawn(setting("NACHTWACHT_BIN"), [...args, ...(options.args ?? [])], {
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);

  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  // "close" comes after the last output, "exit" may come before it
  const ended = new Promise<number | null>((resolve) => {
    child.on("error", (e) => { printed += String(e); resolve(null); });
    child.on("close", (code) => { running.delete(child); resolve(code); });
  });

  const server: Server = {
    url, port, dir,
    async stop() {
      child.kill("SIGTERM");
      const patience = setTimeout(() => child.kill("SIGKILL"), 30_000);
      const code = await ended;
      clearTimeout(patience);
      return code;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    output: () => printed,
  };
  try {
    await untilReady(server, ended);
  } catch (e) {
    // somebody else has taken the port since it was free
    if (options.port === undefined && printed.includes("in use by another program")) return startServer(options);
    throw e;
  }
  return server;
}

async function untilReady(server: Server, ended: Promise<unknown>): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  const deadline = Date.now() + 60_000;
  while (!over && Date.now() < deadline) {
    try {
      if ((await fetch(`${server.url}/health/ready`)).status === 200) return;
    } catch {
      // not listening yet
    }
    await new Promise((resume) => setTimeout(resume, 50));
  }
  if (!over) await server.kill();
  throw new Error(`the server at ${server.url} ${over ? "ended before it was ready" : "was not ready within a minute"}:\n${server.output()}`);
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

const running = new Set<ChildProcess>();
const root = { path: "" };

// A failing test never reaches its own stop(): whatever it started ends with the tests.
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  if (root.path) rmSync(root.path, { recursive: true, force: true });
});

function freshDir(): string {
  root.path ||= mkdtempSync(join(tmpdir(), "nachtwacht-"));
  const dir = join(mkdtempSync(join(root.path, "server-")), "data");
  mkdirSync(dir);
  return dir;
}

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with make test or tools/e2e.sh`);
  return value;
}
