//! Lets the linker keep what it knows of who refers to whom: the packer cuts the program into parts by it.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-cdylib-link-arg=--emit-relocs");
}
