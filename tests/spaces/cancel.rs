//! Dropping a stream cancels the call on the Space, as far as Gradio supports it.

use std::time::Duration;

use fluxhop::providers::space::Space;
use fluxhop::{Event, Provider, ProviderExt, Request};
use fluxhop_http::{Client, ClientOptions};
use fluxhop_tests::peer;
use futures_util::StreamExt;

use crate::support::{options, space_at, spaces};

/// A provider and its HTTP client, which a test uses to wait for the cancel request.
fn space(base: &str, endpoint: &str) -> (Client, Space) {
    let client = Client::new(ClientOptions::default()).expect("a client");
    let space = Space::new(client.clone(), options(base, Some(endpoint))).expect("a Space");
    (client, space)
}

#[tokio::test]
async fn dropping_the_stream_stops_a_generator() {
    for (gradio, base) in spaces() {
        let (client, space) = space(&base, "/infer_held_previews");
        let prompt = format!("a generator on {gradio}");
        let mut events = space.generate(Request::new(&prompt).with_size(64, 64).with_previews());
        while !matches!(
            events.next().await.expect("an event"),
            Ok(Event::Preview(_))
        ) {}
        drop(events);
        client.finish_background(Duration::from_secs(10)).await;
        // A generator that is still running would finish within one step, before the next request,
        // which takes several.
        peer::release(&base, &prompt).await;
        let other = space_at(&base, Some("/infer_previews"));
        other
            .draw(Request::new("a clock").with_size(64, 64))
            .await
            .expect(gradio);
        let stats = peer::stats(&base, &prompt).await;
        assert_eq!(
            stats["finished"].as_u64().unwrap_or_default(),
            0,
            "{gradio}: {stats}"
        );
        // Gradio 4 drops the generator without closing it; later versions close it.
        if gradio != "gradio4" {
            peer::wait_for_stat(&base, &prompt, "cancelled").await;
        }
    }
}

#[tokio::test]
async fn dropping_the_stream_removes_a_queued_call() {
    for gradio in peer::GRADIOS {
        let server = peer::Space::start(gradio, &["--concurrency", "1"]);
        let (client, space) = space(&server.url, "/infer_held");
        let mut first = space.generate(Request::new("first").with_size(64, 64));
        while !matches!(first.next().await.expect("an event"), Ok(Event::Started)) {}
        let mut second = space.generate(Request::new("second").with_size(64, 64));
        while !matches!(
            second.next().await.expect("an event"),
            Ok(Event::Queued { .. })
        ) {}
        drop(second);
        client.finish_background(Duration::from_secs(10)).await;
        peer::release(&server.url, "first").await;
        // The third call runs last, so the second would have started before it ends.
        let third = space.generate(Request::new("third").with_size(64, 64));
        peer::release(&server.url, "third").await;
        third
            .for_each(|event| async { drop(event.expect("no error")) })
            .await;
        assert_eq!(
            peer::stats(&server.url, "second").await["started"]
                .as_u64()
                .unwrap_or(0),
            0
        );
    }
}
