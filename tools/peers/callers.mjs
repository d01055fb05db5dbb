// What the peers' adapters share: so many callers in a closed circle, and who waits for whose end.

/** Cycles a second of so many callers, each beginning its next when its last is finished; the last ones' end, and what is
 * to be done then, is waited for. */
export async function rate(callers, ms, cycle, last = () => {}) {
  const began = performance.now();
  let finished = 0;
  const caller = async (_, k) => {
    while (performance.now() - began < ms) {
      const ended = await cycle(k);
      finished += ended;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  await last();
  return finished / ((performance.now() - began) / 1000);
}

/** Jobs that carry a number and whose end somebody waits for. */
export class Ends {
  #waiting = new Map();
  #next = 0;

  /** So many new jobs' data, and the promise that all of them have ended. */
  expect(n) {
    const jobs = Array.from({ length: n }, () => ({ k: ++this.#next }));
    const ended = jobs.map(({ k }) => new Promise((done) => this.#waiting.set(k, done)));
    return { jobs, ended: Promise.all(ended) };
  }

  ended(k) {
    this.#waiting.get(k)?.();
    this.#waiting.delete(k);
  }
}

/** How long it is from adding a job to the begin of its handler, on an idle queue: `begins` makes the promise of it. */
export async function pickUps(samples, idle, add, begins) {
  const took = [];
  for (let i = 0; i < samples; i++) {
    await new Promise((r) => setTimeout(r, idle(i)));
    const begun = begins();
    const began = performance.now();
    await add();
    took.push((await begun) - began);
  }
  return took;
}

/** Somebody who waits for a handler to begin. */
export class Begins {
  #told;
  next = () => new Promise((done) => (this.#told = done));
  begun = () => this.#told?.(performance.now());
}
