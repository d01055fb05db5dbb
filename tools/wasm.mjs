// What a WebAssembly program consists of, by the names that it still has before it is packed.
import { readFileSync } from "node:fs";

/** Bytes of code by crate and module, the largest first; what is less than a KiB is left out. */
export function programBytes(path) {
  const bytes = new Map();
  for (const [name, size] of functions(readFileSync(path))) {
    const key = place(name);
    bytes.set(key, (bytes.get(key) ?? 0) + size);
  }
  return [...bytes].filter(([, size]) => size >= 1024).sort((a, b) => b[1] - a[1]);
}

/** `app::pages::tasks` of whatever stands in it; of a trait's implementation, where the type is from. */
function place(mangled) {
  const parts = [];
  for (let rest = mangled.replace(/^_ZN/, ""), n; (n = parseInt(rest)); ) {
    const digits = String(n).length;
    parts.push(rest.slice(digits, digits + n));
    rest = rest.slice(digits + n);
  }
  const path = parts.join("::").replaceAll("..", "::").replaceAll(/\$(LT|GT|u20|u7b|u7d|RF|BP|C|LP|RP)\$/g, " ");
  const named = path.match(/[a-z_][a-z_0-9]*(::[a-z_][a-z_0-9]*)+/)?.[0] ?? (path || "without a name");
  return named.split("::").filter((word) => word !== "_").slice(0, named.startsWith("app::") ? 3 : 2).join("::");
}

/** The name and size of each function. */
function functions(wasm) {
  let at = 8;
  const number = () => {
    let value = 0, shift = 0, byte;
    do {
      byte = wasm[at++];
      value += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    } while (byte >= 0x80);
    return value;
  };
  const text = () => {
    const length = number();
    at += length;
    return wasm.toString("utf8", at - length, at);
  };
  const names = new Map();
  const sizes = [];
  while (at < wasm.length) {
    const section = wasm[at++];
    const end = number() + at;
    if (section === 10) {
      for (let n = number(); n > 0; n--) {
        sizes.push(number());
        at += sizes.at(-1);
      }
    }
    if (section === 0 && text() === "name") {
      while (at < end) {
        const kind = wasm[at++];
        const stop = number() + at;
        if (kind === 1) for (let n = number(); n > 0; n--) names.set(number(), text());
        at = stop;
      }
    }
    at = end;
  }
  // names count the imported functions too, which have no body
  const imported = [...names.keys()].at(-1) + 1 - sizes.length;
  return sizes.map((size, i) => [names.get(i + imported) ?? "", size]);
}
