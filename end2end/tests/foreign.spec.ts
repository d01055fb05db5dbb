/** The protocol as a stranger meets it: the published document, and a client written from it alone. */
import { expect } from "@playwright/test";
import { execFile } from "node:child_process";
import { test } from "./sandbox";

const CALLS = ["enrol", "hello", "claim", "extend", "report", "drain", "deliver", "task", "cancel"];

test("[S7] the protocol is published as OpenAPI 3.1 and names every call", async ({ sandbox }) => {
  const answer = await fetch(`${sandbox.server.url}/api/v1/openapi.json`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain("application/json");
  const document = await answer.json();
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  expect(Object.keys(document.paths).sort()).toEqual([...CALLS, "events"].map((call) => `/api/v1/${call}`).sort());
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

test("[S7] the document and the server agree: the fields of an answer are those that are published", async ({ sandbox }) => {
  const document = await (await fetch(`${sandbox.server.url}/api/v1/openapi.json`)).json();
  const fields = (schema: string) => Object.keys(document.components.schemas[schema].properties).sort();
  await sandbox.dossiers("adsolut", "AAA");
  expect(Object.keys(await sandbox.hello()).sort()).toEqual(fields("HelloAnswer"));
  const id = await sandbox.one({ kind: "synchronise_dossier", dossier: "AAA" });
  expect(Object.keys(await sandbox.task(id)).sort()).toEqual(fields("TaskAnswer"));
  const task = await sandbox.claimOne();
  expect(Object.keys(task).sort()).toEqual(fields("ClaimedTask"));
  const refused = await sandbox.connector(0, "claim", {});
  // `since` is said by a planned downtime only, where downtime.spec.ts looks for it
  expect([...Object.keys(refused.body), "since"].sort()).toEqual(fields("Problem"));
});

test("[S7] a client written only from the document does a whole day's work, and every promise it can see is kept", async ({ sandbox }) => {
  const [first, second] = sandbox.keys.sandbox.connector_tokens;
  const args = ["foreign_connector.py", "--base-url", sandbox.server.url, "--connector-token", first, "--second-connector-token", second];
  args.push("--integration-token", sandbox.keys.sandbox.integration_token, "--tasks", "60", "--seed", "7");
  const { code, stdout, stderr } = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile("python3", args, { timeout: 80_000, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      resolve({ code: error ? (typeof error.code === "number" ? error.code : -1) : 0, stdout, stderr });
    });
  });
  const result = JSON.parse(stdout || "{}");
  expect((result.checks ?? []).filter((c: { ok: boolean }) => !c.ok), stderr.slice(-3000)).toEqual([]);
  expect(result.ok).toBe(true);
  expect(result.checks.length).toBeGreaterThan(30);
  expect(code).toBe(0);
});
