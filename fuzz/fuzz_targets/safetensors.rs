//! Safetensors: any header and data are parsed to tensors within the file, or rejected.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod weights;

fuzz_target!(|data: &[u8]| {
    weights::read(data);
    // With the true length of the header, so that the header itself is fuzzed.
    let (header, data) = match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, [].as_slice()),
    };
    let length = header.len() as u64;
    weights::read(&[&length.to_le_bytes(), header, data].concat());
});
