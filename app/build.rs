//! Turns `locales/<language>/<subject>.json` into the module `i18n`. A key or an argument that a language lacks
//! stops the build.
//!
//! `leptos_i18n_build` would do the same, but brings a generator of Unicode data (some eighty crates) for
//! bundles that we do not make; its two inner crates are all that is needed.

use leptos_i18n_parser::parse_locales::{
    options::{Config, ParseOptions},
    parse_locales,
};
use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let options = ParseOptions::default().interpolate_display(true);
    let mut config = Config::new("en")?.parse_options(options);
    for language in ["nl", "nb", "da", "fr"] {
        config = config.add_locale(language)?;
    }
    println!("cargo::rerun-if-changed=locales/en");
    for file in fs::read_dir("locales/en")? {
        let file = file?.path();
        config = config.add_namespace(file.file_stem().and_then(|s| s.to_str()).unwrap_or_default())?;
    }
    let parsed = parse_locales(None, config)?;
    for file in parsed.tracked_files.iter().flatten() {
        println!("cargo::rerun-if-changed={file}");
    }
    let holes: Vec<String> = parsed.diag.warnings().iter().map(ToString::to_string).collect();
    if !holes.is_empty() {
        return Err(holes.join("\n").into());
    }
    let code = leptos_i18n_codegen::gen_code(&parsed, None, true, None, false)?;
    // megabytes on one line cost whoever looks for the place of a word minutes
    let code = code.to_string().replace(" pub const fn ", "\npub const fn ");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("i18n.rs"), code)?;
    Ok(())
}
