// pg-boss on a PostgreSQL of its own: its calls one by one, as a caller of ours makes them.
import { PgBoss } from "pg-boss";
import pg from "pg";
import { Begins, pickUps, rate } from "./callers.mjs";
import { postgres, stop } from "./servers.mjs";

export async function open(dir) {
  const { url, child } = await postgres(dir);
  const boss = new PgBoss({ connectionString: url, max: 20, supervise: false, schedule: false, useListenNotify: true });
  boss.on("error", (e) => console.error(e.message));
  await boss.start();
  await boss.createQueue("jobs");
  await boss.createQueue("seen", { notify: true });
  return {
    rate: (callers, ms, n) => rate(callers, ms, async () => {
      if (n === 1) await boss.send("jobs", {});
      else await boss.insert("jobs", Array(n).fill({}));
      const jobs = await boss.fetch("jobs", { batchSize: n });
      if (jobs.length) await boss.complete("jobs", jobs.map(({ id }) => id));
      return jobs.length;
    }),
    async pickUp(samples) {
      const begins = new Begins();
      await boss.work("seen", async () => begins.begun());
      const took = await pickUps(Math.min(samples, 10), () => 10, () => boss.send("seen", {}), begins.next);
      await boss.offWork("seen");
      return took;
    },
    async bytes() {
      const db = new pg.Client(url);
      await db.connect();
      await db.query("VACUUM FULL");
      const { rows } = await db.query(`SELECT sum(pg_total_relation_size(c.oid)) / (SELECT count(*) FROM pgboss.job WHERE state = 'completed') AS bytes
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'pgboss' AND c.relname ~ '^j' AND c.relkind = 'r'`);
      await db.end();
      return Number(rows[0].bytes);
    },
    async close() {
      await boss.stop({ graceful: false });
      await stop(child, "SIGINT");
    },
  };
}
