//! Puts the site into the binary: with `NACHTWACHT_SITE` set, every file of that folder is included. Without
//! it, as in debug builds, the server reads the folder given by `--site`.

use std::{env, error::Error, fmt::Write, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=NACHTWACHT_SITE");
    println!("cargo::rerun-if-changed=build.rs");
    let mut table = String::from("&[\n");
    if let Ok(site) = env::var("NACHTWACHT_SITE") {
        println!("cargo::rerun-if-changed={site}");
        add(Path::new(&site), "", &mut table)?;
    }
    table.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("site.rs"), table)?;
    Ok(())
}

fn add(dir: &Path, prefix: &str, table: &mut String) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = format!("{prefix}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            add(&entry.path(), &name, table)?;
        } else {
            writeln!(table, "    ({name:?}, include_bytes!({:?})),", entry.path())?;
        }
    }
    Ok(())
}
