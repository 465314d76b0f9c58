//! Server-sent events: arbitrary bytes, split into arbitrary chunks, are parsed as the standard
//! specifies, and the size limit is enforced.

#![no_main]

#[path = "../../crates/http/tests/it/sse_reference.rs"]
mod sse_reference;

use std::convert::Infallible;

use bytes::Bytes;
use fluxhop_http::SseEvent;
use fluxhop_http::sse::{Events, Fault};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use libfuzzer_sys::fuzz_target;

/// Returns the events, and whether the size limit was exceeded.
fn read(body: &[u8], sizes: &[u8], cap: usize) -> (Vec<SseEvent>, bool) {
    let mut sizes = sizes.iter().cycle();
    let mut chunks = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        // A size of 0 adds an empty chunk, which must have no effect, then a chunk of one byte.
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
        match events
            .next()
            .now_or_never()
            .expect("the source is always ready")
        {
            Some(Ok(event)) => all.push(event),
            Some(Err(Fault::TooLarge { limit })) => {
                assert_eq!(limit, cap);
                let after = events
                    .next()
                    .now_or_never()
                    .expect("the source is always ready");
                assert!(after.is_none(), "item after the error");
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
    assert!(expected.starts_with(&capped), "the limit changed an event");
    assert!(
        ended || capped.len() == expected.len(),
        "the limit dropped an event without an error"
    );
    // Each line feed in the data comes from a `data:` line of at least five bytes. A byte of invalid
    // UTF-8 becomes three bytes.
    assert!(
        capped
            .iter()
            .all(|event| event.data.len() <= 3 * usize::from(cap))
    );
});
