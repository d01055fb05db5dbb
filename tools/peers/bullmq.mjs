// BullMQ with a Redis of its own; the mode is Redis' appendfsync.
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Begins, Ends, pickUps, rate } from "./callers.mjs";
import { redis, stop } from "./servers.mjs";

export async function open(dir, mode) {
  const { port, child } = await redis(dir, mode);
  const connection = { host: "127.0.0.1", port, maxRetriesPerRequest: null };
  const queue = new Queue("jobs", { connection });
  const ends = new Ends();
  const worker = new Worker("jobs", async () => {}, { connection });
  worker.on("completed", (job) => ends.ended(job.data.k));
  await worker.waitUntilReady();
  return {
    rate(callers, ms, n) {
      worker.concurrency = Math.min(callers * n, 100);
      return rate(callers, ms, async () => {
        const { jobs, ended } = ends.expect(n);
        if (n === 1) await queue.add("job", jobs[0]);
        else await queue.addBulk(jobs.map((data) => ({ name: "job", data })));
        await ended;
        return n;
      });
    },
    async pickUp(samples) {
      const begins = new Begins();
      const idle = new Queue("seen", { connection });
      const other = new Worker("seen", async () => begins.begun(), { connection });
      await other.waitUntilReady();
      const took = await pickUps(samples, () => 10, () => idle.add("job", {}), begins.next);
      await other.close();
      await idle.close();
      return took;
    },
    async bytes() {
      const client = new Redis(port);
      await client.bgrewriteaof();
      while (/aof_rewrite_(in_progress|scheduled):1/.test(await client.info("persistence"))) await pause(100);
      client.disconnect();
      const files = readdirSync(dir, { recursive: true }).filter((name) => name.includes("appendonly.aof"));
      const bytes = files.map((name) => statSync(join(dir, name))).filter((file) => file.isFile());
      return bytes.reduce((sum, { size }) => sum + size, 0) / (await queue.getCompletedCount());
    },
    async close() {
      await worker.close();
      await queue.close();
      await stop(child, "SIGKILL");
    },
  };
}
