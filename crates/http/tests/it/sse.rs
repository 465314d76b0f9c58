//! The parser of server-sent events: malformed inputs, chunk boundaries, size limits and run time.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use crate::sse_reference;
use fluxhop_http::sse::{Events, Fault};
use fluxhop_http::{Bytes, SseEvent};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use proptest::prelude::*;

/// Returns the events of all chunks, and the size limit if one was exceeded.
fn read(chunks: impl IntoIterator<Item = Bytes>, limit: usize) -> (Vec<SseEvent>, Option<usize>) {
    let mut events = Events::new(
        stream::iter(chunks.into_iter().map(Ok::<_, Infallible>)),
        limit,
    );
    let mut all = Vec::new();
    loop {
        match events
            .next()
            .now_or_never()
            .expect("the source is always ready")
        {
            Some(Ok(event)) => all.push(event),
            Some(Err(Fault::TooLarge { limit })) => {
                assert!(
                    events.next().now_or_never().unwrap().is_none(),
                    "item after an error"
                );
                return (all, Some(limit));
            }
            Some(Err(Fault::Source(infallible))) => match infallible {},
            None => return (all, None),
        }
    }
}

fn read_at_once(body: &[u8]) -> Vec<SseEvent> {
    read([Bytes::copy_from_slice(body)], usize::MAX).0
}

fn read_bytewise(body: &[u8]) -> Vec<SseEvent> {
    read(
        body.iter().map(|byte| Bytes::copy_from_slice(&[*byte])),
        usize::MAX,
    )
    .0
}

/// An input, and the expected events as type and data.
type Case = (&'static [u8], &'static [(&'static str, &'static str)]);

const CASES: &[Case] = &[
    (b"data: a\n\n", &[("message", "a")]),
    (b"event: complete\ndata: [1]\n\n", &[("complete", "[1]")]),
    (b"data: [1]\nevent: complete\n\n", &[("complete", "[1]")]),
    (b"id: 7\nevent: x\ndata: a\n\n", &[("x", "a")]),
    (
        b"data: a\r\n\r\ndata: b\r\n\r\n",
        &[("message", "a"), ("message", "b")],
    ),
    (
        b"data: a\r\rdata: b\r\r",
        &[("message", "a"), ("message", "b")],
    ),
    (
        b"data: a\r\n\rdata: b\n\r\n",
        &[("message", "a"), ("message", "b")],
    ),
    (b"data:a\n\n", &[("message", "a")]),
    (b"data:  a \n\n", &[("message", " a ")]),
    (b"data:\ta\n\n", &[("message", "\ta")]),
    (b"\xef\xbb\xbfdata: a\n\n", &[("message", "a")]),
    (b"\xef\xbb\xbf: hello\ndata: a\n\n", &[("message", "a")]),
    (
        b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n",
        &[("message", "b")],
    ),
    (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", &[("message", "a")]),
    (b": ping\n\n: ping\r\n\r\ndata: a\n\n", &[("message", "a")]),
    (b"data: a\n: within\ndata: b\n\n", &[("message", "a\nb")]),
    (b"data: a\ndata\ndata: b\n\n", &[("message", "a\n\nb")]),
    (b"data\n\n", &[("message", "")]),
    (b"data:\ndata:\n\n", &[("message", "\n")]),
    (b"event: lost\n\ndata: a\n\n", &[("message", "a")]),
    (b"event: a\nevent: b\ndata: c\n\n", &[("b", "c")]),
    (b"event: a\nevent\ndata: c\n\n", &[("message", "c")]),
    (
        b"id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
        &[("message", "a"), ("message", "b"), ("message", "c")],
    ),
    (b"id: 1\nid: 2\0\ndata: a\n\n", &[("message", "a")]),
    (
        b"retry: 10\nfoo: bar\nDATA: no\n data: no\ndata : no\ndata: yes\n\n",
        &[("message", "yes")],
    ),
    (b"data: a:b: c\n\n", &[("message", "a:b: c")]),
    (
        b"data: \xff\xfe\n\ndata: \xe2\x82\n\n",
        &[("message", "\u{fffd}\u{fffd}"), ("message", "\u{fffd}")],
    ),
    (b"data: \xe2\x82\xac\n\n", &[("message", "\u{20ac}")]),
    (b"event: \xff\nid: \xff\ndata: a\n\n", &[("\u{fffd}", "a")]),
    (b"data: \0\n\n", &[("message", "\0")]),
    (
        b"data: complete\n\ndata: truncated",
        &[("message", "complete")],
    ),
    (
        b"data: complete\n\ndata: truncated\n",
        &[("message", "complete")],
    ),
    (b"data: a\r\r\n", &[("message", "a")]),
    (b"\n\n\r\r\r\n\r\n", &[]),
    (b"<!doctype html><p>asleep</p>\n\n", &[]),
    (b"", &[]),
];

#[test]
fn any_split_into_chunks_yields_the_same_events_as_the_reference() {
    for (body, events) in CASES {
        let name = body.escape_ascii();
        let expected: Vec<SseEvent> = events
            .iter()
            .map(|(event, data)| SseEvent {
                event: (*event).into(),
                data: (*data).into(),
            })
            .collect();
        assert_eq!(sse_reference::events(body), expected, "reference, {name}");
        assert_eq!(read_at_once(body), expected, "{name}");
        assert_eq!(read_bytewise(body), expected, "bytewise, {name}");
        for index in 0..=body.len() {
            let (first, second) = body.split_at(index);
            let chunks = [first, b"", second].map(Bytes::copy_from_slice);
            assert_eq!(
                read(chunks, usize::MAX).0,
                expected,
                "split at {index}, {name}"
            );
        }
    }
}

#[test]
fn a_final_carriage_return_dispatches_the_event_without_a_line_feed() {
    let source = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"data: a\r\n\r"))])
        .chain(stream::pending());
    let mut events = Events::new(source, 100);
    assert_eq!(
        events
            .next()
            .now_or_never()
            .flatten()
            .unwrap()
            .unwrap()
            .data,
        "a"
    );
}

#[test]
fn an_error_of_the_source_ends_the_stream() {
    let source = stream::iter([
        Ok(Bytes::from_static(b"data: a\n\ndata: b")),
        Err("closed"),
        Ok(Bytes::from_static(b"\n\n")),
    ]);
    let mut events = Events::new(source, 100);
    let mut next = || events.next().now_or_never().unwrap();
    assert!(matches!(next(), Some(Ok(event)) if event.data == "a"));
    assert!(matches!(next(), Some(Err(Fault::Source("closed")))));
    assert!(next().is_none());
}

#[test]
fn the_limit_counts_the_lines_of_one_event_without_comments() {
    let chunks = |body: &[u8], size: usize| {
        body.chunks(size)
            .map(Bytes::copy_from_slice)
            .collect::<Vec<_>>()
    };
    for size in [1, 3, 100] {
        // "data: 12345" has 11 bytes.
        let read = |body: &[u8], limit| read(chunks(body, size), limit);
        assert_eq!(read(b"data: 12345\n\ndata: 12345\n\n", 11).1, None);
        let (events, limit) = read(b"data: 1\n\ndata: 12345\n\n", 10);
        assert_eq!((events.len(), limit), (1, Some(10)));
        // Small lines add up to the size of their event; comments do not count.
        assert_eq!(read(b"data: 1\ndata: 2\n\n", 13).1, Some(13));
        assert_eq!(read(b"id: 1\nid: 2\nid: 3\n", 13).1, Some(13));
        assert_eq!(
            read(b": a long comment\ndata: 1\n: and another\n\n", 7),
            (read_at_once(b"data: 1\n\n"), None)
        );
        // An unterminated line.
        assert_eq!(read(b"data: 123456789", 7).1, Some(7));
    }
}

#[test]
fn a_large_event_in_small_chunks_takes_linear_time() {
    let mut body = b"data: ".to_vec();
    body.resize(8 * 1024 * 1024, b'x');
    body.extend_from_slice(b"\n\n");
    let body = Bytes::from(body);
    let chunks = (0..body.len())
        .step_by(64)
        .map(|start| body.slice(start..body.len().min(start + 64)));
    let start = Instant::now();
    let (events, limit) = read(chunks, 16 * 1024 * 1024);
    assert_eq!(
        (events.len(), events[0].data.len(), limit),
        (1, 8 * 1024 * 1024 - 6, None)
    );
    // Quadratic time would copy 4 MiB on average for each of 130,000 chunks, which takes minutes;
    // linear time takes a tenth of a second.
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
}

/// Random bytes in which field names, line endings and other syntax are common.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        Just(b"data:".to_vec()),
        Just(b"data: ".to_vec()),
        Just(b"event: ".to_vec()),
        Just(b"id: ".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n\n".to_vec()),
        Just(b":".to_vec()),
        Just(b"\xef\xbb\xbf".to_vec()),
        Just("\u{20ac}".as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

proptest! {
    #[test]
    fn random_bytes_yield_the_same_events_as_the_reference(body in body(), sizes in proptest::collection::vec(0usize..9, 1..20)) {
        let expected = sse_reference::events(&body);
        prop_assert_eq!(&read_at_once(&body), &expected);
        prop_assert_eq!(&read_bytewise(&body), &expected);
        let mut rest = Bytes::from(body);
        let mut chunks = Vec::new();
        for size in sizes {
            chunks.push(rest.split_to(size.min(rest.len())));
        }
        chunks.push(rest);
        prop_assert_eq!(&read(chunks, usize::MAX).0, &expected);
    }

    #[test]
    fn a_limit_truncates_the_events_without_changing_them(body in body(), limit in 0usize..60) {
        let expected = sse_reference::events(&body);
        let (limited, exceeded) = read(body.chunks(3).map(Bytes::copy_from_slice), limit);
        prop_assert!(expected.starts_with(&limited));
        prop_assert_eq!(exceeded.is_none() && limited.len() < expected.len(), false);
    }
}
