//! The parser of server-sent events: hostile inputs, any split, caps, time.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use crate::sse_reference;
use fluxhop_http::sse::{Events, Fault};
use fluxhop_http::{Bytes, SseEvent};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use proptest::prelude::*;

/// Reads chunks to the end: the events, and the cap that ended them.
fn read(chunks: impl IntoIterator<Item = Bytes>, cap: usize) -> (Vec<SseEvent>, Option<usize>) {
    let mut events = Events::new(
        stream::iter(chunks.into_iter().map(Ok::<_, Infallible>)),
        cap,
    );
    let mut all = Vec::new();
    loop {
        match events
            .next()
            .now_or_never()
            .expect("the source never waits")
        {
            Some(Ok(event)) => all.push(event),
            Some(Err(Fault::TooLarge { limit })) => {
                assert!(
                    events.next().now_or_never().unwrap().is_none(),
                    "an error is the last item"
                );
                return (all, Some(limit));
            }
            Some(Err(Fault::Source(never))) => match never {},
            None => return (all, None),
        }
    }
}

fn whole(body: &[u8]) -> Vec<SseEvent> {
    read([Bytes::copy_from_slice(body)], usize::MAX).0
}

fn bytewise(body: &[u8]) -> Vec<SseEvent> {
    read(
        body.iter().map(|byte| Bytes::copy_from_slice(&[*byte])),
        usize::MAX,
    )
    .0
}

/// An input, and its events as type and data.
type Case = (&'static [u8], &'static [(&'static str, &'static str)]);

const HOSTILE: &[Case] = &[
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
    (b"data: whole\n\ndata: cut", &[("message", "whole")]),
    (b"data: whole\n\ndata: cut\n", &[("message", "whole")]),
    (b"data: a\r\r\n", &[("message", "a")]),
    (b"\n\n\r\r\r\n\r\n", &[]),
    (b"<!doctype html><p>asleep</p>\n\n", &[]),
    (b"", &[]),
];

#[test]
fn hostile_inputs_give_the_standards_events_whole_bytewise_and_split_anywhere() {
    for (body, events) in HOSTILE {
        let name = body.escape_ascii();
        let expected: Vec<SseEvent> = events
            .iter()
            .map(|(event, data)| SseEvent {
                event: (*event).into(),
                data: (*data).into(),
            })
            .collect();
        assert_eq!(
            sse_reference::events(body),
            expected,
            "the reference, {name}"
        );
        assert_eq!(whole(body), expected, "{name}");
        assert_eq!(bytewise(body), expected, "bytewise, {name}");
        for at in 0..=body.len() {
            let (first, second) = body.split_at(at);
            let chunks = [first, b"", second].map(Bytes::copy_from_slice);
            assert_eq!(
                read(chunks, usize::MAX).0,
                expected,
                "split at {at}, {name}"
            );
        }
    }
}

#[test]
fn an_event_is_given_before_the_line_feed_of_its_last_carriage_return_comes() {
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
fn a_source_that_fails_gives_its_error_last() {
    let source = stream::iter([
        Ok(Bytes::from_static(b"data: a\n\ndata: b")),
        Err("cut"),
        Ok(Bytes::from_static(b"\n\n")),
    ]);
    let mut events = Events::new(source, 100);
    let mut next = || events.next().now_or_never().unwrap();
    assert!(matches!(next(), Some(Ok(event)) if event.data == "a"));
    assert!(matches!(next(), Some(Err(Fault::Source("cut")))));
    assert!(next().is_none());
}

#[test]
fn the_cap_counts_one_events_lines_and_nothing_else() {
    let chunks = |body: &[u8], size: usize| {
        body.chunks(size)
            .map(Bytes::copy_from_slice)
            .collect::<Vec<_>>()
    };
    for size in [1, 3, 100] {
        // "data: 12345" has 11 bytes.
        let read = |body: &[u8], cap| read(chunks(body, size), cap);
        assert_eq!(read(b"data: 12345\n\ndata: 12345\n\n", 11).1, None);
        let (events, limit) = read(b"data: 1\n\ndata: 12345\n\n", 10);
        assert_eq!((events.len(), limit), (1, Some(10)));
        // Many small lines are one event; comments are none of it, however long they are.
        assert_eq!(read(b"data: 1\ndata: 2\n\n", 13).1, Some(13));
        assert_eq!(read(b"id: 1\nid: 2\nid: 3\n", 13).1, Some(13));
        assert_eq!(
            read(b": a long comment\ndata: 1\n: and another\n\n", 7),
            (whole(b"data: 1\n\n"), None)
        );
        // A line that never ends.
        assert_eq!(read(b"data: 123456789", 7).1, Some(7));
    }
}

#[test]
fn eight_mebibytes_in_small_chunks_take_linear_time() {
    let mut body = b"data: ".to_vec();
    body.resize(8 * 1024 * 1024, b'x');
    body.extend_from_slice(b"\n\n");
    let body = Bytes::from(body);
    let chunks = (0..body.len())
        .step_by(64)
        .map(|at| body.slice(at..body.len().min(at + 64)));
    let start = Instant::now();
    let (events, limit) = read(chunks, 16 * 1024 * 1024);
    assert_eq!(
        (events.len(), events[0].data.len(), limit),
        (1, 8 * 1024 * 1024 - 6, None)
    );
    // Quadratic time is 130,000 chunks of a mean of 4 MiB: minutes. Linear is a tenth of a second.
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
}

/// Bytes in which the parser's special ones are common.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
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
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_split_anyhow_give_the_standards_events(body in body(), sizes in proptest::collection::vec(0usize..9, 1..20)) {
        let expected = sse_reference::events(&body);
        prop_assert_eq!(&whole(&body), &expected);
        prop_assert_eq!(&bytewise(&body), &expected);
        let mut rest = Bytes::from(body);
        let mut chunks = Vec::new();
        for size in sizes {
            chunks.push(rest.split_to(size.min(rest.len())));
        }
        chunks.push(rest);
        prop_assert_eq!(&read(chunks, usize::MAX).0, &expected);
    }

    #[test]
    fn a_cap_ends_the_events_and_changes_none(body in body(), cap in 0usize..60) {
        let expected = sse_reference::events(&body);
        let (capped, limit) = read(body.chunks(3).map(Bytes::copy_from_slice), cap);
        prop_assert!(expected.starts_with(&capped));
        prop_assert_eq!(limit.is_none() && capped.len() < expected.len(), false);
    }
}
