//! Makes the folder the server serves: `pack IN.wasm SITE NAME [--release]`, run from the workspace root.
//!
//! IN.wasm is cut into parts (`parts.rs`) and bound for the browser, `style/*.css` becomes one sheet, `public/` is
//! copied. In release every file that gains by it gets a brotli sibling, and each file's size is printed.

mod parts;
mod smaller;

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};
use wasm_bindgen_cli_support::Bindgen;

pub(crate) type Done<T = ()> = Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: pack IN.wasm SITE NAME [--release]";

/// Formats that are compressed already: a second time only costs the server a larger site.
const DENSE: [&str; 8] = ["woff2", "woff", "png", "jpg", "webp", "avif", "gz", "br"];

fn main() -> ExitCode {
    match pack(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("pack: {why}");
            ExitCode::FAILURE
        }
    }
}

fn pack(args: &[String]) -> Done {
    let (wasm, site, name, release) = match args {
        [wasm, site, name] => (wasm, site, name, false),
        [wasm, site, name, flag] if flag == "--release" => (wasm, site, name, true),
        _ => return Err(USAGE.into()),
    };
    let (wasm, site) = (Path::new(wasm), Path::new(site));
    if !wasm.is_file() {
        return Err(format!(
            "{} is missing: build the frontend for wasm32 first",
            wasm.display()
        )
        .into());
    }

    let fresh = beside(site, "new")?;
    remove(&fresh)?;
    let pkg = fresh.join("pkg");
    fs::create_dir_all(&pkg).map_err(|e| format!("cannot make {}: {e}", pkg.display()))?;
    let main = parts::cut(wasm, &pkg, name)?;
    bind(&main, &pkg, name)?;
    fs::remove_file(&main)?;
    for script in list(&pkg)?.iter().filter(|f| extension(f) == "js") {
        write(script, smaller::script(&fs::read_to_string(script)?).as_bytes())?;
    }
    let sheet = smaller::sheet(&styles(Path::new("style"))?);
    write(&pkg.join(format!("{name}.css")), sheet.as_bytes())?;
    words(wasm, &pkg.join("words"))?;
    copy(Path::new("public"), &fresh)?;
    if release {
        compress(&fresh)?;
    }
    swap(&fresh, site)
}

fn bind(wasm: &Path, pkg: &Path, name: &str) -> Done {
    Bindgen::new()
        .input_path(wasm)
        .out_name(name)
        .typescript(false)
        // the parts call the program by these
        .keep_lld_exports(true)
        .demangle(false)
        // names are half of a debug program, and every page of every test would fetch them
        .remove_name_section(true)
        .remove_producers_section(true)
        .web(true)?
        .generate(pkg)
        .map_err(|e| format!("wasm-bindgen cannot bind {}: {e:#}", wasm.display()).into())
}

/// One sheet: the order of the names is the cascade's order.
fn styles(dir: &Path) -> Done<String> {
    let mut sheet = String::new();
    for file in list(dir)?.iter().filter(|f| extension(f) == "css") {
        sheet += &fs::read_to_string(file).map_err(|e| format!("cannot read {}: {e}", file.display()))?;
        sheet.push('\n');
    }
    if sheet.is_empty() {
        return Err(format!("{}/ holds no .css file: the pages would be bare", dir.display()).into());
    }
    Ok(sheet)
}

/// The words of each language, by the names that the program asks for.
fn words(wasm: &Path, dir: &Path) -> Done {
    fs::create_dir_all(dir)?;
    let words = words::Words::read(Path::new("app/locales"))?;
    let mark = words.mark();
    if !fs::read(wasm)?
        .windows(mark.len())
        .any(|at| at == mark.as_bytes())
    {
        return Err(format!(
            "{} has other words than app/locales: build it anew",
            wasm.display()
        )
        .into());
    }
    words
        .files()
        .try_for_each(|(language, file)| write(&dir.join(format!("{language}.{mark}.txt")), file.as_bytes()))
}

fn copy(from: &Path, to: &Path) -> Done {
    fs::create_dir_all(to)?;
    for file in list(from)? {
        let Some(name) = file
            .file_name()
            .filter(|n| !n.as_encoded_bytes().starts_with(b"."))
        else {
            continue;
        };
        if file.is_dir() {
            copy(&file, &to.join(name))?;
        } else {
            let bytes = fs::read(&file).map_err(|e| format!("cannot read {}: {e}", file.display()))?;
            write(&to.join(name), &bytes)?;
        }
    }
    Ok(())
}

fn compress(site: &Path) -> Done {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    println!("{:>10} {:>10}  file", "raw", "brotli");
    for file in walk(site)? {
        let raw = fs::read(&file)?;
        let mut small = Vec::new();
        if !DENSE.contains(&extension(&file)) {
            brotli::BrotliCompress(&mut raw.as_slice(), &mut small, &params)?;
        }
        let shown = file.strip_prefix(site)?.display();
        if small.is_empty() || small.len() >= raw.len() {
            println!("{:>10} {:>10}  {shown}", raw.len(), "-");
        } else {
            write(&file.with_added_extension("br"), &small)?;
            println!("{:>10} {:>10}  {shown}", raw.len(), small.len());
        }
    }
    Ok(())
}

/// Two renames, so that a running server finds the old site or the new one, never half of either.
fn swap(fresh: &Path, site: &Path) -> Done {
    let old = beside(site, "old")?;
    remove(&old)?;
    if site.exists() {
        fs::rename(site, &old).map_err(|e| format!("cannot put {} aside: {e}", site.display()))?;
    }
    fs::rename(fresh, site).map_err(|e| format!("cannot put {} in place: {e}", site.display()))?;
    remove(&old)
}

/// A neighbour of the site, because a rename must stay on one file system.
fn beside(site: &Path, suffix: &str) -> Done<PathBuf> {
    let name = site
        .file_name()
        .ok_or_else(|| format!("{} is no name for a folder", site.display()))?;
    Ok(site.with_file_name(format!("{}.{suffix}", name.to_string_lossy())))
}

fn remove(dir: &Path) -> Done {
    if dir.exists() {
        fs::remove_dir_all(dir).map_err(|e| format!("cannot clear {}: {e}", dir.display()))?;
    }
    Ok(())
}

fn write(file: &Path, bytes: &[u8]) -> Done {
    fs::write(file, bytes).map_err(|e| format!("cannot write {}: {e}", file.display()).into())
}

fn list(dir: &Path) -> Done<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).map_err(|e| {
        format!(
            "{}/ cannot be read (run from the project's root): {e}",
            dir.display()
        )
    })?;
    let mut paths = entries.map(|e| Ok(e?.path())).collect::<Done<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn walk(dir: &Path) -> Done<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in list(dir)? {
        if path.is_dir() {
            files.extend(walk(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

fn extension(file: &Path) -> &str {
    file.extension().and_then(|e| e.to_str()).unwrap_or("")
}
