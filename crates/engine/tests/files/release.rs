//! Released weights are dropped from memory and can be read again.

#![cfg(target_os = "linux")]

use std::path::Path;

use tempfile::TempDir;

use crate::support::{open, safetensors};

/// The number of f32 values in 1 MiB.
const COUNT: usize = 1 << 18;

/// The resident size of this process's maps of a file, in KiB.
fn resident(path: &Path) -> usize {
    let maps = std::fs::read_to_string("/proc/self/smaps").expect("failed to read smaps");
    let name = path.display().to_string();
    let mut is_ours = false;
    let mut total = 0;
    for line in maps.lines() {
        let field = line
            .split(' ')
            .next()
            .is_some_and(|word| word.ends_with(':'));
        if !field {
            is_ours = line.ends_with(&name);
        } else if let Some(size) = line.strip_prefix("Rss:").filter(|_| is_ours) {
            let size = size.trim().trim_end_matches(" kB");
            total += size.parse::<usize>().expect("not a number");
        }
    }
    total
}

#[test]
fn released_weights_are_dropped_from_memory_and_read_again() {
    let folder = TempDir::new().expect("failed to create a temporary folder");
    let path = folder.path().join("weights");
    let numbers = |from: usize| (from..from + COUNT).map(|i| i as f32).collect::<Vec<_>>();
    let shape = [COUNT / 256, 256];
    let file = safetensors(&[
        ("a.weight", &shape, numbers(0)),
        ("b.weight", &shape, numbers(7)),
    ]);
    std::fs::write(&path, file).expect("failed to write the file");
    let weights = open(&[&path]).expect("failed to open the weights");
    assert_eq!(weights.byte_count(), 2 * COUNT * 4);
    assert_eq!(weights.at("b").byte_count(), COUNT * 4);

    let matrix = |name: &str| {
        weights
            .matrix(name, shape[0], shape[1])
            .expect("invalid matrix")
    };
    let (a, b) = (matrix("a.weight"), matrix("b.weight"));
    let both = (a.to_f32(), b.to_f32());
    assert!(resident(&path) >= 2048, "{}", resident(&path));

    // If the kernel maps the file in large pages, part of `a` may be dropped as well.
    b.release();
    assert!(resident(&path) < 1280, "{}", resident(&path));
    weights.release();
    assert!(resident(&path) < 64, "{}", resident(&path));
    assert_eq!((a.to_f32(), b.to_f32()), both);
    weights.at("a").release();
    assert_eq!(a.to_f32(), both.0);
}
