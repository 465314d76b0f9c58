//! Safetensors: arbitrary headers and data are rejected, or parsed to tensors within the file.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod weights;

fuzz_target!(|data: &[u8]| {
    weights::read(data);
    // Prepend the correct header length, so that the header itself is fuzzed.
    let (header, data) = match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, [].as_slice()),
    };
    let length = header.len() as u64;
    weights::read(&[&length.to_le_bytes(), header, data].concat());
});
