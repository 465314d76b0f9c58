//! Safetensors: any header over any data gives tensors that lie within them, or an error.

#![no_main]

use libfuzzer_sys::fuzz_target;

mod weights;

fuzz_target!(|data: &[u8]| {
    weights::read(data);
    // A header of the length that it says it has, so that what is fuzzed is the header.
    let (header, data) = match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, [].as_slice()),
    };
    let length = header.len() as u64;
    weights::read(&[&length.to_le_bytes(), header, data].concat());
});
