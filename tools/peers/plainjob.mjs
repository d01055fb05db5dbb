// plainjob on better-sqlite3. Its calls wait for the disk themselves, so callers take turns.
import Database from "better-sqlite3";
import { statSync } from "node:fs";
import { join } from "node:path";
import { better, defineQueue, defineWorker } from "plainjob";
import { Begins, pickUps, rate } from "./callers.mjs";

const silent = { error: console.error, warn() {}, info() {}, debug() {} };

export async function open(dir, mode) {
  const file = join(dir, `plainjob-${mode}.db`);
  const db = new Database(file);
  const queue = defineQueue({ connection: better(db), logger: silent });
  // it sets NORMAL itself, which loses what was answered when the power goes
  db.pragma(`synchronous = ${mode}`);
  return {
    rate: (callers, ms, n) => rate(callers, ms, async () => {
      if (n === 1) queue.add("job", {});
      else queue.addMany("job", Array(n).fill({}));
      for (let i = 0; i < n; i++) queue.markJobAsDone(queue.getAndMarkJobAsProcessing("job").id);
      return n;
    }),
    async pickUp() {
      const begins = new Begins();
      // as shipped it looks once a second
      const worker = defineWorker("seen", begins.begun, { queue, logger: silent });
      worker.start();
      const took = await pickUps(5, (i) => 130 * (i + 1), () => queue.add("seen", {}), begins.next);
      await worker.stop();
      return took;
    },
    async bytes() {
      db.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
      return statSync(file).size / db.prepare("SELECT count(*) AS n FROM plainjob_jobs").get().n;
    },
    close: async () => queue.close(),
  };
}
