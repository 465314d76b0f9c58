//! Server-sent events: any bytes, split anywhere, give the standard's events; a cap holds.

#![no_main]

#[path = "../../crates/http/tests/it/sse_reference.rs"]
mod sse_reference;

use std::convert::Infallible;

use bytes::Bytes;
use fluxhop_http::SseEvent;
use fluxhop_http::sse::{Events, Fault};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use libfuzzer_sys::fuzz_target;

/// The events, and whether the cap ended them.
fn read(body: &[u8], sizes: &[u8], cap: usize) -> (Vec<SseEvent>, bool) {
    let mut sizes = sizes.iter().cycle();
    let mut chunks = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        // A size of 0 is an empty chunk, which must change nothing; the 1 after it ends the loop.
        let size = usize::from(*sizes.next().unwrap_or(&1)).min(rest.len());
        chunks.push(Ok::<_, Infallible>(Bytes::copy_from_slice(&rest[..size])));
        let step = size.max(1);
        if size == 0 {
            chunks.push(Ok(Bytes::copy_from_slice(&rest[..1])));
        }
        rest = &rest[step..];
    }
    let mut events = Events::new(stream::iter(chunks), cap);
    let mut all = Vec::new();
    loop {
        match events.next().now_or_never().expect("the source never waits") {
            Some(Ok(event)) => all.push(event),
            Some(Err(Fault::TooLarge { limit })) => {
                assert_eq!(limit, cap);
                let after = events.next().now_or_never().expect("the source never waits");
                assert!(after.is_none(), "an item after the error");
                return (all, true);
            }
            Some(Err(Fault::Source(never))) => match never {},
            None => return (all, false),
        }
    }
}

fuzz_target!(|input: (Vec<u8>, u8, Vec<u8>)| {
    let (sizes, cap, body) = input;
    let expected = sse_reference::events(&body);
    assert_eq!(read(&body, &sizes, usize::MAX), (expected.clone(), false));

    let (capped, ended) = read(&body, &sizes, usize::from(cap));
    assert!(expected.starts_with(&capped), "a cap changed an event");
    assert!(ended || capped.len() == expected.len(), "a cap lost an event without an error");
    // Each line feed of the data was a line `data:` of at least five bytes; a byte that is no UTF-8
    // becomes three.
    assert!(capped.iter().all(|event| event.data.len() <= 3 * usize::from(cap)));
});
