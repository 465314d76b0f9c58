//! Tells the linker where functions go: those that a drawing runs lie side by side.
//!
//! The kernel maps a file's code in pieces of 64 KiB. The functions of a drawing, a sixth of the code,
//! touch most pieces where they are spread over all of it, and few where they are together: less
//! memory, and fewer page faults. `bench/order` makes the list; a name that is not there does nothing.

use std::env;
use std::path::Path;

/// A script for the linker that adds to its own. Both GNU's and LLVM's read it.
const ORDER: &str = "link/order.ld";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={ORDER}");
    if !is_wanted() {
        return;
    }
    let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo:rustc-link-arg-bin=fluxhop=-T");
    println!(
        "cargo:rustc-link-arg-bin=fluxhop={}",
        Path::new(&folder).join(ORDER).display()
    );
}

/// Whether the program is one to be used, linked by the linker that Rust takes by itself.
fn is_wanted() -> bool {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    is("PROFILE", "release")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && env::var_os("RUSTC_LINKER").is_none()
        && !["linker", "fuse-ld"]
            .iter()
            .any(|word| flags.contains(word))
}
