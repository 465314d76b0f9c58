//! Dropping a stream stops the work on the Space, as far as Gradio can stop it.

use std::time::Duration;

use fluxhop::providers::space::Space;
use fluxhop::{Event, Provider, ProviderExt, Request};
use fluxhop_http::{Client, ClientOptions};
use fluxhop_tests::peer;
use futures_util::StreamExt;

use crate::support::{options, spaces, stranger};

/// A provider whose HTTP client the test keeps, to wait for the cancel request.
fn space(base: &str, endpoint: &str) -> (Client, Space) {
    let client = Client::new(ClientOptions::default()).expect("a client");
    let space = Space::new(client.clone(), options(base, Some(endpoint))).expect("a Space");
    (client, space)
}

/// Waits until the Space has noted `what` of the calls with `prompt`.
async fn noted(base: &str, prompt: &str, what: &str) {
    let watch = async {
        loop {
            if peer::stats(base, prompt).await[what]
                .as_u64()
                .unwrap_or_default()
                > 0
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let limit = Duration::from_secs(20);
    let watched = tokio::time::timeout(limit, watch).await;
    watched.unwrap_or_else(|_| panic!("{prompt} was not {what}"));
}

#[tokio::test]
async fn a_generator_stops_at_its_next_preview() {
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
        // Let go, it would come to its end in a step, if anybody still asked it for one; what is
        // drawn next takes several.
        peer::release(&base, &prompt).await;
        let clock = stranger(&base, Some("/infer_previews"));
        clock
            .draw(Request::new("a clock").with_size(64, 64))
            .await
            .expect(gradio);
        let stats = peer::stats(&base, &prompt).await;
        assert_eq!(
            stats["finished"].as_u64().unwrap_or_default(),
            0,
            "{gradio}: {stats}"
        );
        // Gradio 4 only forgets a generator; later ones close it.
        if gradio != "gradio4" {
            noted(&base, &prompt, "cancelled").await;
        }
    }
}

#[tokio::test]
async fn a_call_that_waits_is_taken_out_of_the_queue() {
    for gradio in peer::GRADIOS {
        let own = peer::Space::start(gradio, &["--concurrency", "1"]);
        let (client, space) = space(&own.url, "/infer_held");
        let mut first = space.generate(Request::new("first").with_size(64, 64));
        while !matches!(first.next().await.expect("an event"), Ok(Event::Started)) {}
        let mut second = space.generate(Request::new("second").with_size(64, 64));
        while !matches!(
            second.next().await.expect("an event"),
            Ok(Event::Queued { .. })
        ) {}
        drop(second);
        client.finish_background(Duration::from_secs(10)).await;
        peer::release(&own.url, "first").await;
        // What comes after it runs, and so it would have run by then.
        let third = space.generate(Request::new("third").with_size(64, 64));
        peer::release(&own.url, "third").await;
        third
            .for_each(|event| async { drop(event.expect("no error")) })
            .await;
        assert_eq!(
            peer::stats(&own.url, "second").await["started"]
                .as_u64()
                .unwrap_or(0),
            0
        );
    }
}
