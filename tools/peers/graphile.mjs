// graphile-worker on a PostgreSQL of its own. It deletes what is finished.
import { EventEmitter } from "node:events";
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import pg from "pg";
import { Begins, Ends, pickUps, rate } from "./callers.mjs";
import { postgres, stop } from "./servers.mjs";

/** Connections for callers and workers; more only wait for each other on two cores. */
const POOL = 24;
const logger = new Logger(() => (level, message) => level === "error" && console.error(message));

export async function open(dir, mode) {
  const { url, child } = await postgres(dir);
  const pgPool = new pg.Pool({ connectionString: url, max: POOL });
  // it listens on one connection, and takes no pool that nobody hears
  pgPool.on("error", () => {});
  pgPool.on("connect", () => {});
  const utils = await makeWorkerUtils({ pgPool, preset: { worker: { logger } } });
  await utils.migrate();
  const bulk = mode === "bulk";
  const runner = (concurrentJobs, taskList, events = new EventEmitter()) => run({
    pgPool,
    taskList,
    preset: { worker: { concurrentJobs, logger, events, ...(bulk ? { localQueue: { size: 500 }, completeJobBatchDelay: 0 } : {}) } },
    noHandleSignals: true,
    parsedCronItems: [],
  });
  return {
    async rate(callers, ms, n) {
      const ends = new Ends();
      const events = new EventEmitter();
      events.on("job:complete", ({ job }) => ends.ended(job.payload.k));
      const worker = await runner(Math.min(callers * n, 100), { job: async () => {} }, events);
      return rate(callers, ms, async () => {
        const { jobs, ended } = ends.expect(n);
        if (n === 1) await utils.addJob("job", jobs[0]);
        else await utils.addJobs(jobs.map((payload) => ({ identifier: "job", payload })));
        await ended;
        return n;
        // it tells of a job's end before that is written: what is on its way is waited for once, at the end
      }, () => worker.stop());
    },
    async pickUp(samples) {
      const begins = new Begins();
      const worker = await runner(1, { seen: async () => begins.begun() });
      const took = await pickUps(samples, () => 10, () => utils.addJob("seen", {}), begins.next);
      await worker.stop();
      return took;
    },
    bytes: async () => 0,
    async close() {
      await utils.release();
      await pgPool.end();
      await stop(child, "SIGINT");
    },
  };
}
