/** Every page that an office has, and where the demo shows it. */
import { expect, type Page } from "@playwright/test";
import { routes } from "./calls";
import { type Sandbox } from "./sandbox";

export interface Address {
  path: string;
  /** Only the platform's team has this page. */
  support?: boolean;
}

/** Where the pages of the demo's office `kristiansand` are, which has everything that a page may show. Who is signed in
 *  runs the office. */
export async function officePages(sandbox: Sandbox, page: Page): Promise<Address[]> {
  const office = "kristiansand";
  const call = async (name: string, data: Record<string, unknown>) => {
    const answer = await page.request.post(`${sandbox.server.url}/api/desk/${name}`, { data: { office, ...data } });
    expect(answer.status(), `${name}: ${await answer.text()}`).toBe(200);
    return answer.json();
  };
  const system = (await call("systems", {})).systems[0].id;
  const procedure = await call("start_replace", { job: 1 });
  const { line } = await call("job", { id: 2 });
  await call("do_job", { id: 2, version: line.version, verb: "run_now", why: null });
  const { rows } = await call("tasks", { filter: { states: ["queued", "running", "succeeded"] }, after: null, rows: 1 });
  const here: Record<string, string | { support: string }> = {
    "clients": "clients", "clients/activate": "clients/activate", "clients/import": "clients/import", "dossiers/:code": "dossiers/1",
    "tasks": "tasks", "tasks/:id": `tasks/${rows[0].id}`,
    "jobs": "jobs", "jobs/runs": "jobs/runs", "jobs/runs/:run": "jobs/runs/1", "jobs/kinds": "jobs/kinds", "jobs/blocked": "jobs/blocked",
    "jobs/hours": "jobs/hours", "jobs/:id": "jobs/1", "collection": "collection", "collection/:id": `collection/${system}`,
    "procedures": "procedures", "procedures/:id": `procedures/${procedure}`,
    "causes": { support: "causes" }, "instructions": { support: "instructions" }, "instructions/:package/:code": { support: "instructions/adsolut/period_not_open" },
    "connectors": "connectors", "alerts": "alerts", "offices": { support: "offices" }, "users": "users", "downtime": "downtime", "requests": "requests",
    "mail": "mail", "audit": "audit", "settings": "settings", "profile": "profile",
  };
  const known = routes().filter((r) => r.startsWith("/o/:office/")).map((r) => r.slice("/o/:office/".length));
  expect(Object.keys(here).sort()).toEqual(known.sort());
  return Object.values(here).map((to) => typeof to === "string" ? { path: `/o/${office}/${to}` } : { path: `/o/${office}/${to.support}`, support: true });
}
