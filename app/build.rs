//! Gives every word of `locales/` a name in the module `i18n`. A key or a gap that a language lacks stops the build.

use std::{env, error::Error, fs, path::Path};
use words::Words;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=locales");
    let out = env::var("OUT_DIR")?;
    let words = Words::read(Path::new("locales"))?;
    fs::write(Path::new(&out).join("i18n.rs"), words.code())?;
    for (language, file) in words.files() {
        fs::write(Path::new(&out).join(language).with_extension("txt"), file)?;
    }
    Ok(())
}
