// huey's SqliteHuey, in a Python of its own: one line of JSON asks, one answers.
import { createInterface } from "node:readline";
import { PYTHON, start, stop } from "./servers.mjs";

export async function open(dir) {
  const child = start(PYTHON, ["tools/peers/huey_callers.py", dir], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (what) => {
    child.stdin.write(`${JSON.stringify(what)}\n`);
    return JSON.parse((await lines.next()).value);
  };
  return {
    rate: (callers, ms, n) => ask({ rate: { callers, seconds: ms / 1000, n } }),
    pickUp: () => ask({ pick_up: { samples: 5 } }),
    bytes: () => ask({ bytes: {} }),
    // its consumer has taken the other signals
    close: () => stop(child, "SIGKILL"),
  };
}
