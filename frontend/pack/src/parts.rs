//! Cuts the program into what every page needs and the parts that come when a page asks for them
//! (`app/src/pages/lazy.rs` says which page is in which).

use crate::Done;
use std::{
    collections::{BTreeMap, hash_map::DefaultHasher},
    fs,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
};
use wasm_split_cli_support::{Options, transform};

/// What the program imports to fetch parts; the server names the same file in the page's head.
const LOADER: &str = "parts.js";

/// How the loader gets a part: its pieces come in one file, which is a quarter smaller than one by one. Without the
/// network it tries again, as everything else on the page does; a part that is not there belongs to a program that
/// the server has replaced, and the page comes anew.
const FETCH: &str = r#"
const pieces = new Map();
function whole(part) {
    return (fetcher, deps) => {
        const load = makeLoad(fetcher, deps);
        return () => {
            open(part);
            return load();
        };
    };
}
function open(part) {
    const { file, lengths } = PARTS[part];
    if (lengths.every(([name]) => pieces.has(name))) return;
    const bytes = fetchPart(new URL(file, import.meta.url));
    let end = 0;
    for (const [name, length] of lengths) {
        const start = end;
        end += length;
        if (!pieces.has(name)) pieces.set(name, bytes.then((all) => all.subarray(start, start + length)));
    }
}
function take(name) {
    const piece = pieces.get(name);
    // taken once: the bytes need not stay in memory
    pieces.set(name, undefined);
    return piece;
}
async function fetchPart(url) {
    for (;;) {
        try {
            const answer = await fetch(url);
            if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
            // once for a file: what is not there then either is waited for
            if (answer.status === 404 && sessionStorage.getItem("nw_gone") !== url.pathname) {
                sessionStorage.setItem("nw_gone", url.pathname);
                location.reload();
                return new Promise(() => {});
            }
        } catch {}
        await new Promise((again) => setTimeout(again, 2000));
    }
}
"#;

/// What the loader has of its own, and what it gets for it.
const OURS: [(&str, &str); 3] = [
    (r#"fetch(new URL("./"#, r#"take(""#),
    (r#".wasm", import.meta.url))"#, r#"")"#),
    (
        "WebAssembly.instantiateStreaming(src,",
        "WebAssembly.instantiate(await src,",
    ),
];

/// Writes the parts to `pkg` and answers where the program without them is. Beside them stand the loader and
/// `parts.json`: the files of each part, without their ending.
pub fn cut(wasm: &Path, pkg: &Path, name: &str) -> Done<PathBuf> {
    let input = fs::read(wasm).map_err(|e| format!("cannot read {}: {e}", wasm.display()))?;
    let main = pkg.join("main.wasm");
    let script = format!("./{name}.js");
    let link = format!("./{LOADER}");
    let mut options = Options::new(&input);
    options.output_dir = pkg;
    options.main_out_path = &main;
    options.main_module = &script;
    options.link_name = &link;
    let cut = transform(options).map_err(|e| format!("cannot cut {} into parts: {e:#}", wasm.display()))?;

    // A folder of this build's own: a page must never be given a part of another build.
    let mut build = DefaultHasher::new();
    input.hash(&mut build);
    let build = format!("{:016x}", build.finish());
    fs::create_dir_all(pkg.join(&build))?;
    let loader = pkg.join(LOADER);
    let mut script = fs::read_to_string(&loader)?;
    let unknown = "the loader of the parts has another form than the packer knows";
    for (theirs, ours) in OURS {
        if !script.contains(theirs) && !cut.split_modules.is_empty() {
            return Err(unknown.into());
        }
        script = script.replace(theirs, ours);
    }
    let mut files = BTreeMap::new();
    let mut lengths = BTreeMap::new();
    for (part, pieces) in &cut.prefetch_map {
        let load = format!("__wasm_split_load_{part} = wrapAsyncCb(");
        let (before, after) = script.split_once(&format!("{load}makeLoad(")).ok_or(unknown)?;
        script = format!("{before}{load}whole(\"{part}\")({after}");
        let mut bytes = vec![];
        let mut sizes = vec![];
        for piece in pieces {
            let module = without_names(&fs::read(pkg.join(piece).with_extension("wasm"))?)?;
            sizes.push((piece, module.len()));
            bytes.extend(module);
        }
        let file = format!("{build}/{part}");
        fs::write(pkg.join(&file).with_extension("wasm"), bytes)?;
        lengths.insert(
            part,
            serde_json::json!({ "file": format!("./{file}.wasm"), "lengths": sizes }),
        );
        files.insert(part, [file]);
    }
    for piece in &cut.split_modules {
        fs::remove_file(piece)?;
    }
    let lengths = serde_json::to_string(&lengths)?;
    fs::write(&loader, format!("{script}\nconst PARTS = {lengths};\n{FETCH}"))?;
    fs::write(pkg.join("parts.json"), serde_json::to_string(&files)?)?;
    Ok(main)
}

/// The module without its section of names, which only a developer reads.
fn without_names(module: &[u8]) -> Done<Vec<u8>> {
    const HEADER: usize = 8;
    let mut kept = module[..HEADER].to_vec();
    let mut at = HEADER;
    while at < module.len() {
        let start = at;
        let id = module[at];
        let (length, body) = number(module, at + 1).ok_or("a part ends within a section")?;
        at = body + length;
        let section = module.get(start..at).ok_or("a part ends within a section")?;
        let named = id == 0 && module[body..at].starts_with(b"\x04name");
        if !named {
            kept.extend_from_slice(section);
        }
    }
    Ok(kept)
}

/// An unsigned LEB128 number and where it ends.
fn number(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        value |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((value, at));
        }
        shift += 7;
        if shift > 28 {
            return None;
        }
    }
}
