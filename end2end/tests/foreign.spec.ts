/** The protocol as a stranger meets it: the published document, and a client written from it alone. */
import { expect } from "@playwright/test";
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DONE, KINDS, PACKAGES, SYNC, failed, test, type Outcome } from "./sandbox";
import { api, type Answer } from "./support";

const CALLS = ["enrol", "hello", "claim", "extend", "report", "drain", "deliver", "task", "cancel"];

test("[S7.1] the protocol is published as OpenAPI 3.1 and names every call", async ({ sandbox }) => {
  const answer = await fetch(`${sandbox.server.url}/api/v1/openapi.json`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain("application/json");
  const document = await answer.json();
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  expect(Object.keys(document.paths).sort()).toEqual([...CALLS, "events", "documents", "documents/{id}"].map((call) => `/api/v1/${call}`).sort());
  for (const call of CALLS) {
    const { post } = document.paths[`/api/v1/${call}`];
    expect(post.requestBody.content["application/json"].schema, call).toBeTruthy();
    expect(Object.keys(post.responses), call).toEqual(expect.arrayContaining(["200", "400", "401", "422"]));
  }
  // every reference leads somewhere
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((m) => m[1]!);
  expect(references.length).toBeGreaterThan(20);
  for (const reference of references) {
    const found = reference.split("/").reduce((at: any, part) => at?.[part.replace(/~1/g, "/").replace(/~0/g, "~")], document);
    expect(found, reference).toBeTruthy();
  }
});

test("[S7.1] the document and the server agree: the fields of an answer are those that are published", async ({ sandbox }) => {
  const document = await (await fetch(`${sandbox.server.url}/api/v1/openapi.json`)).json();
  /** What is said has the schema's fields, but for those that it leaves unsaid. */
  const has = (said: object, schema: string, ...unsaid: string[]) => {
    expect([...Object.keys(said), ...unsaid].sort(), schema).toEqual(Object.keys(document.components.schemas[schema].properties).sort());
  };
  /** What a call answers, which has the fields of the schema that the document names for it. */
  const answered = async (call: string, answer: Promise<Answer<any>>) => {
    const { status, body } = await answer;
    expect(status, `${call}: ${JSON.stringify(body)}`).toBe(200);
    const { $ref } = document.paths[`/api/v1/${call}`].post.responses["200"].content["application/json"].schema;
    has(body, $ref.replace("#/components/schemas/", ""));
    return body;
  };
  const integration = (call: string, body: object) => answered(call, sandbox.integration(call, body));
  const connector = (call: string, body: object) => answered(call, sandbox.connector(0, call, body));

  const { secret } = await sandbox.as("admin_sandbox", (call) => call("add_connector", { office: "sandbox", name: "Cellar" }));
  await answered("enrol", api(null, "enrol", { code: secret }, sandbox.server.url));
  await sandbox.dossiers("adsolut", "AAA");
  await connector("hello", { boot_id: "b", version: "1", packages: PACKAGES, kinds: KINDS, recovers: [], max_parallel: 9 });

  const { tasks: [delivered] } = await integration("deliver", { tasks: [{ kind: SYNC, dossier: "AAA" }] });
  has(delivered, "Delivered");
  await sandbox.report(await sandbox.claimOne(), { released: { retry_after_seconds: 1 } });
  const { tasks: [task] } = await connector("claim", { request_id: "again", max: 1, wait_seconds: 20 });
  // `confirmed` is said only of what a person has confirmed
  has(task, "ClaimedTask", "confirmed");
  has(task.dossier, "ClaimedDossier");
  has(task.earlier[0], "EarlierAttempt");
  const { leases: [extended] } = await connector("extend", { leases: [{ task: task.id, lease: task.lease }] });
  has(extended, "ExtendedLease");
  has((await integration("task", { id: task.id })).attempts[0], "AttemptAnswer");
  await integration("cancel", { id: task.id, reason: "not needed" });
  const { running } = await connector("drain", { boot_id: "b" });
  expect(running).toBe(1);
  const report = (outcome: Outcome) => connector("report", { reports: [{ task: task.id, lease: task.lease, outcome }] });
  const { reports: [done] } = await report(DONE);
  has(done, "Reported", "error");
  const { reports: [contrary] } = await report(failed("database_error"));
  has(contrary, "Reported", "status");
  // `errors` are said of what breaks a rule
  has(contrary.error, "ItemError", "errors");

  const headers = { authorization: `Bearer ${sandbox.keys.sandbox.integration_token}`, "content-type": "application/pdf" };
  const brought = await fetch(`${sandbox.server.url}/api/v1/documents`, { method: "PUT", headers, body: "%PDF-1.4" });
  expect(document.paths["/api/v1/documents"].put.responses["200"].content["application/json"].schema.$ref).toBe("#/components/schemas/DocumentAnswer");
  has(await brought.json(), "DocumentAnswer");

  const refused = await sandbox.connector(0, "claim", {});
  // `since` is said by a planned downtime only, where downtime.spec.ts looks for it
  has(refused.body, "Problem", "since");
  has(refused.body.errors[0], "FieldError");
});

test("[S7.1] a client written only from the document does a whole day's work, and every promise it can see is kept", async ({ sandbox }) => {
  test.slow();
  const [first, second] = sandbox.keys.sandbox.connector_tokens;
  const args = ["conformance", "--base-url", sandbox.server.url, "--connector-token", first, "--second-connector-token", second];
  args.push("--integration-token", sandbox.keys.sandbox.integration_token, "--tasks", "60", "--seed", "7");
  const { code, stdout, stderr } = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile("python3", args, { timeout: 300_000, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      resolve({ code: error ? (typeof error.code === "number" ? error.code : -1) : 0, stdout, stderr });
    });
  });
  const result = JSON.parse(stdout || "{}");
  expect((result.checks ?? []).filter((c: { ok: boolean }) => !c.ok), stderr.slice(-3000)).toEqual([]);
  expect(result.ok).toBe(true);
  expect(result.checks.length).toBeGreaterThan(30);
  expect(code).toBe(0);
});

test("[S7.1] the sample to copy works as it stands: what was not told before is told first, a task is carried out, and it ends when asked", async ({ sandbox }) => {
  const dir = mkdtempSync(join(tmpdir(), "sample-"));
  const [token, reports] = [join(dir, "connector.token"), join(dir, "reports.json")];
  await sandbox.dossiers("adsolut", "AAA", "BBB");
  const untold = await sandbox.one({ kind: SYNC, dossier: "AAA" });
  const { lease } = await sandbox.claimOne();
  writeFileSync(token, sandbox.keys.sandbox.connector_tokens[0]);
  writeFileSync(reports, JSON.stringify([[untold, lease, DONE]]));
  const delivered = await sandbox.one({ kind: SYNC, dossier: "BBB" });

  const args = ["samples/connector/client.py", "--url", sandbox.server.url, "--token-file", token, "--reports", reports, "--wait", "1"];
  const sample = spawn("python3", args, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise<number | null>((resolve) => sample.once("exit", resolve));
  try {
    for (const id of [untold, delivered]) await expect.poll(() => sandbox.status(id)).toBe("succeeded");
    const later = await sandbox.one({ kind: SYNC, dossier: "AAA" });
    await expect.poll(() => sandbox.status(later)).toBe("succeeded");
    sample.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(JSON.parse(readFileSync(reports, "utf8"))).toEqual([]);
  } finally {
    sample.kill("SIGKILL");
    rmSync(dir, { recursive: true });
  }
});
