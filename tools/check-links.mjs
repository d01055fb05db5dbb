// The documents lead where they say: each relative link names a file or folder that is there, and a heading that is in it.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const DOCUMENTS = [...readdirSync(ROOT), ...readdirSync(join(ROOT, "docs")).map((file) => `docs/${file}`)].filter((file) => file.endsWith(".md"));

const wrong = [];
let count = 0;
for (const file of DOCUMENTS) {
  for (const to of links(readFileSync(join(ROOT, file), "utf8"))) {
    count++;
    const [path, heading] = to.split("#");
    const target = path ? join(ROOT, dirname(file), decodeURI(path)) : join(ROOT, file);
    if (relative(ROOT, target).startsWith("..")) wrong.push(`${file}: ${to} leads out of the project.`);
    else if (!existsSync(target)) wrong.push(`${file}: ${to} is not there.`);
    else if (heading && !(statSync(target).isFile() && headings(readFileSync(target, "utf8")).has(heading))) wrong.push(`${file}: ${to} has no such heading.`);
  }
}
// documents without a link would mean that links are written otherwise than they are looked for
if (!count) wrong.push("no document has a link.");

console.log(`${count} links of ${DOCUMENTS.length} documents lead somewhere, but for ${wrong.length}`);
for (const sentence of wrong) console.error(`check-links: ${sentence}`);
process.exitCode = wrong.length ? 1 : 0;

/** The relative links and pictures of a document, without its examples. */
function links(text) {
  const said = prose(text).replace(/`[^`\n]*`/g, "");
  const inline = [...said.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map((m) => m[1]);
  const named = [...said.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)].map((m) => m[1]);
  const html = [...said.matchAll(/\b(?:src|href)="([^"]+)"/g)].map((m) => m[1]);
  return [...inline, ...named, ...html].filter((to) => !/^[a-z]+:/i.test(to));
}

/** What its headings are called in an address, as the hosts of repositories do it. */
function headings(text) {
  const seen = new Map();
  return new Set([...prose(text).matchAll(/^#+ +(.+?)\s*$/gm)].map(([, words]) => {
    const slug = words.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/ /g, "-");
    const n = seen.get(slug) ?? 0;
    seen.set(slug, n + 1);
    return n ? `${slug}-${n}` : slug;
  }));
}

/** A document without its blocks of code. */
function prose(text) {
  return text.replace(/^(```|~~~)[\s\S]*?^\1/gm, "").replace(/^(?: {4}|\t).*$/gm, "");
}
