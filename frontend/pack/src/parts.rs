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

/// How the loader gets a part. Without the network it tries again, as everything else on the page does; a part that
/// is not there belongs to a program that the server has replaced, and the page comes anew.
const FETCH: &str = "
async function fetchPart(url) {
    for (;;) {
        try {
            const answer = await fetch(url);
            if (answer.ok) return answer;
            if (answer.status === 404) {
                location.reload();
                return new Promise(() => {});
            }
        } catch {}
        await new Promise((again) => setTimeout(again, 2000));
    }
}
";

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
    for part in &cut.split_modules {
        let file = part.file_name().ok_or("a part without a name")?;
        let bytes = fs::read(part)?;
        fs::write(pkg.join(&build).join(file), without_names(&bytes)?)?;
        fs::remove_file(part)?;
    }

    let loader = pkg.join(LOADER);
    let written = fs::read_to_string(&loader)?;
    let ours = written.replace("fetch(new URL(\"./", &format!("fetchPart(new URL(\"./{build}/"));
    if ours == written && !cut.split_modules.is_empty() {
        return Err("the loader of the parts has another form than the packer knows".into());
    }
    fs::write(&loader, ours + FETCH)?;

    let files: BTreeMap<_, Vec<_>> = cut
        .prefetch_map
        .iter()
        .map(|(part, files)| (part, files.iter().map(|f| format!("{build}/{f}")).collect()))
        .collect();
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
