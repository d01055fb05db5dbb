// The desk over the wire: `deliver`, `claim` and `report` of a Node client, each call answered before the next.
import { Pool } from "undici";
import { Begins, pickUps, rate } from "./callers.mjs";
import { desk, stop } from "./servers.mjs";

const KIND = "synchronise_dossier";
const MOST = 100;

export async function open(dir, program) {
  const { child, url, connector_tokens, integration_token } = await desk(dir, program);
  const pool = new Pool(url, { connections: 64, pipelining: 1 });
  const call = async (token, name, body) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const { statusCode, body: answer } = await pool.request({ path: `/api/v1/${name}`, method: "POST", headers, body: JSON.stringify(body) });
    if (statusCode !== 200) throw new Error(`${name}: ${statusCode} ${await answer.text()}`);
    return answer.json();
  };
  const connector = (k) => connector_tokens[k % connector_tokens.length];
  for (const token of connector_tokens) {
    await call(token, "hello", { boot_id: "peers", version: "1", packages: ["hledger"], kinds: [KIND, "activate_dossier"], recovers: [], max_parallel: MOST });
  }
  const deliver = (tasks) => call(integration_token, "deliver", { tasks });
  let asked = 0;
  const claim = (k, max, wait) => call(connector(k), "claim", { request_id: `peers-${++asked}`, max, wait_seconds: wait });
  const report = (k, tasks) => call(connector(k), "report", {
    reports: tasks.map(({ id, lease }) => ({ task: id, lease, outcome: { succeeded: {} } })),
  });
  const cycle = async (k, n, wait) => {
    const { tasks } = await claim(k, n, wait);
    if (tasks.length) await report(k, tasks);
    return tasks.length;
  };
  await deliver(Array.from({ length: MOST }, (_, k) => ({ kind: "activate_dossier", dossier: `P${k}`, payload: { name: `Peer ${k}`, package: "hledger" } })));
  while (await cycle(0, MOST, 0)) {}
  return {
    rate: (callers, ms, n) => rate(callers, ms, async (k) => {
      await deliver(Array.from({ length: n }, (_, i) => ({ kind: KIND, dossier: `P${(k + i) % MOST}` })));
      return cycle(k, n, 1);
    }),
    async pickUp(samples) {
      while (await cycle(0, MOST, 0)) {}
      const begins = new Begins();
      let left = samples;
      const worker = async () => {
        while (left-- > 0) {
          const { tasks } = await claim(0, 1, 50);
          begins.begun();
          await report(0, tasks);
        }
      };
      const working = worker();
      const took = await pickUps(samples, () => 10, () => deliver([{ kind: KIND, dossier: "P0" }]), begins.next);
      await working;
      return took;
    },
    async close() {
      await pool.close();
      await stop(child, "SIGKILL");
    },
  };
}
