//! GGUF: arbitrary bytes after the magic number are rejected, or parsed to tensors within the file.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod weights;

fuzz_target!(|data: &[u8]| {
    weights::read(data);
    if !data.starts_with(b"GGUF") {
        weights::read(&[b"GGUF\x03\0\0\0", data].concat());
    }
});
