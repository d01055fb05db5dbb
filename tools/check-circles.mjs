// Whether modules of a crate lean on each other in a circle: read from the `crate::`, `super::` and `use` paths of its
// files, among the children of each module. Names the edge that closes the circle. `check-circles.mjs [--order]`.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

const CRATES = ["app", "app/domain", "app/views", "app/words", "server/store", "server/engine", "server", "frontend/pack"];

/** All Rust files below a folder. */
const files = (dir) =>
  readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    return statSync(path).isDirectory() ? files(path) : path.endsWith(".rs") ? [path] : [];
  });

/** The module of a file, as a list of names; the root is the empty list. */
const moduleOf = (src, file) => {
  const names = relative(src, file).replace(/\.rs$/, "").split(sep);
  if (names.at(-1) === "mod" || (names.length === 1 && ["lib", "main"].includes(names[0]))) names.pop();
  return names;
};

/** The text without comments, strings and tests. */
const bare = (text) =>
  text
    .replace(/\/\/.*$/gm, "")
    .replace(/"(?:\\.|[^"\\])*"/gs, '""')
    .replace(/#\[cfg\(test\)\]\s*mod \w+ \{[\s\S]*$/, "");

/** Every path of a `use` tree. */
const paths = (tree) => {
  const text = tree.trim();
  const open = text.indexOf("{");
  if (open < 0) return [text.split(/\s+as\s+/)[0].trim()];
  const head = text.slice(0, open);
  const body = text.slice(open + 1, text.lastIndexOf("}"));
  const parts = [];
  let depth = 0, from = 0;
  [...body].forEach((c, i) => {
    if (c === "{") depth += 1;
    if (c === "}") depth -= 1;
    if (c === "," && depth === 0) { parts.push(body.slice(from, i)); from = i + 1; }
  });
  parts.push(body.slice(from));
  return parts.filter((p) => p.trim()).flatMap((p) => paths(head + p.trim()));
};

/** What a crate's modules lean on: from → to → a file that says so. */
const edges = (src) => {
  const all = files(src).filter((f) => !/_tests\.rs$|[/\\]tests[/\\]|[/\\]tests\.rs$/.test(f));
  const modules = new Set(all.map((f) => moduleOf(src, f).join("::")));
  const bared = new Map(all.map((f) => [f, bare(readFileSync(f, "utf8"))]));
  // what a module offers under its own name, though it stands in another
  const offered = new Map();
  const resolve = (at, path) => {
    let names = path.split("::").map((n) => n.trim()).filter(Boolean);
    if (names[0] === "crate") names = names.slice(1);
    else if (names[0] === "self") names = [...at, ...names.slice(1)];
    else if (names[0] === "super") {
      let up = [...at];
      while (names[0] === "super") { up = up.slice(0, -1); names = names.slice(1); }
      names = [...up, ...names];
    } else if (modules.has([...at, names[0]].join("::"))) names = [...at, ...names];
    else return undefined;
    return names.filter((n) => n !== "self");
  };
  const owner = (names, seen = 0) => {
    for (let n = names.length; n > 0; n -= 1) {
      const name = names.slice(0, n).join("::");
      const elsewhere = offered.get(name);
      if (elsewhere && seen < 8) return owner([...elsewhere, ...names.slice(n)], seen + 1);
      if (modules.has(name)) return names.slice(0, n);
    }
    return [];
  };
  const uses = (text) => [...text.matchAll(/^[ \t]*(pub(?:\([\w ]+\))? )?use ([^;]+);/gm)].map((m) => [m[1], m[2]]);
  for (const [file, text] of bared) {
    const at = moduleOf(src, file);
    for (const [open, tree] of uses(text)) {
      if (!open) continue;
      for (const path of paths(tree)) {
        const target = resolve(at, path);
        const name = path.split("::").at(-1).trim();
        if (target && name !== "self" && name !== "*") offered.set([...at, name].join("::"), target);
      }
    }
  }
  const found = new Map();
  const add = (from, to, file) => {
    if (!found.has(from)) found.set(from, new Map());
    if (!found.get(from).has(to)) found.get(from).set(to, relative(".", file));
  };
  for (const [file, text] of bared) {
    const at = moduleOf(src, file);
    const said = uses(text).flatMap(([, tree]) => paths(tree));
    const rest = text.replace(/^[ \t]*(pub(?:\([\w ]+\))? )?use [^;]+;/gm, "");
    said.push(...[...rest.matchAll(/\b((?:crate|super|self)(?:::\w+)+)/g)].map((m) => m[1]));
    for (const path of said) {
      const target = resolve(at, path);
      if (!target) continue;
      const to = owner(target);
      // the two branches where their ways part
      let same = 0;
      while (same < at.length && same < to.length && at[same] === to[same]) same += 1;
      if (same === at.length || same === to.length) continue;
      add(at.slice(0, same + 1).join("::"), to.slice(0, same + 1).join("::"), file);
    }
  }
  return found;
};

/** A circle of the modules, if there is one. */
const circle = (graph) => {
  const state = new Map();
  const way = [];
  const go = (node) => {
    state.set(node, 1);
    way.push(node);
    for (const to of graph.get(node)?.keys() ?? []) {
      if (state.get(to) === 1) return [...way.slice(way.indexOf(to)), to];
      if (!state.has(to)) {
        const closed = go(to);
        if (closed) return closed;
      }
    }
    way.pop();
    state.set(node, 2);
    return undefined;
  };
  for (const node of graph.keys()) {
    const closed = state.has(node) ? undefined : go(node);
    if (closed) return closed;
  }
  return undefined;
};

let wrong = 0;
for (const crate of CRATES) {
  const src = join(crate, "src");
  if (!existsSync(src)) continue;
  const graph = edges(src);
  for (let closed; (closed = circle(graph));) {
    wrong += 1;
    console.error(`circles: ${crate}: ${closed.join(" → ")}`);
    const [from, to] = closed.slice(-2);
    console.error(`         it is closed by ${graph.get(from).get(to)}`);
    // the next one is another
    graph.get(from).delete(to);
  }
}
if (wrong) process.exit(1);
