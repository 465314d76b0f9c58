//! The true reason when a Space draws nothing.

use std::time::Duration;

use fluxhop::{Error, ErrorKind, Event, Phase, Provider, ProviderExt, Request};
use fluxhop_http::Secret;
use fluxhop_tests::peer;
use futures_util::StreamExt;

use crate::support::{options, provider, spaces, stranger};

async fn error_of(base: &str, endpoint: &str) -> Error {
    let request = Request::new("a red fox").with_size(64, 64);
    stranger(base, Some(endpoint))
        .draw(request)
        .await
        .expect_err(endpoint)
}

#[tokio::test]
async fn a_gr_error_is_told_in_the_space_s_own_words() {
    for (gradio, base) in spaces() {
        let error = error_of(&base, "/infer_error").await;
        assert_eq!(error.kind(), &ErrorKind::Upstream, "{gradio}");
        assert_eq!(error.message(), "The model is out of paint", "{gradio}");
        assert!(!error.is_retryable());
    }
}

#[tokio::test]
async fn an_exception_that_the_space_hides_is_said_to_be_hidden() {
    for (gradio, base) in spaces() {
        let error = error_of(&base, "/infer_exception").await;
        assert_eq!(error.kind(), &ErrorKind::Upstream, "{gradio}: {error}");
        assert!(
            error.message().contains("does not show why"),
            "{gradio}: {error}"
        );
        assert!(error.is_retryable());
    }
}

#[tokio::test]
async fn a_used_up_quota_is_told_with_its_wait_and_without_html() {
    for (gradio, base) in spaces() {
        let error = error_of(&base, "/infer_quota").await;
        let ErrorKind::QuotaExceeded { resets_at: Some(_) } = error.kind() else {
            panic!("{gradio}: {error:?}");
        };
        assert!(!error.message().contains('<'), "{gradio}: {error}");
    }
}

#[tokio::test]
async fn a_result_without_a_picture_is_not_a_success() {
    for (gradio, base) in spaces() {
        let error = error_of(&base, "/infer_null").await;
        assert_eq!(error.kind(), &ErrorKind::Protocol, "{gradio}");
        assert!(error.message().contains("[null,"), "{gradio}: {error}");
    }
}

#[tokio::test]
async fn an_error_after_a_preview_is_the_end() {
    for (gradio, base) in spaces() {
        let request = Request::new("a red fox")
            .with_size(64, 64)
            .with_steps(2)
            .with_previews();
        let mut events = stranger(&base, Some("/infer_previews_error")).generate(request);
        let (mut previews, mut error) = (0, None);
        while let Some(event) = events.next().await {
            match event {
                Ok(Event::Preview(_)) => previews += 1,
                Ok(_) => {}
                Err(found) => error = Some(found),
            }
        }
        let error = error.expect(gradio);
        assert_eq!(
            (previews, error.message()),
            (1, "The canvas tore after the first preview")
        );
    }
}

#[tokio::test]
async fn an_unknown_endpoint_is_answered_with_those_there_are() {
    for (gradio, base) in spaces() {
        let error = error_of(&base, "/draw").await;
        assert_eq!(
            error.kind(),
            &ErrorKind::InvalidRequest { field: "api_name" },
            "{gradio}"
        );
        assert!(
            error.message().contains("/infer_gallery"),
            "{gradio}: {error}"
        );
    }
}

#[tokio::test]
async fn limits_are_the_space_s_own() {
    for (gradio, base) in spaces() {
        let space = stranger(&base, Some("/infer_guided"));
        for (field, request) in [
            ("width", Request::new("a fox").with_size(2056, 64)),
            ("steps", Request::new("a fox").with_steps(51)),
            ("guidance", Request::new("a fox").with_guidance(8.0)),
        ] {
            let error = space.draw(request).await.expect_err(field);
            assert_eq!(
                error.kind(),
                &ErrorKind::InvalidRequest { field },
                "{gradio}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn a_login_is_asked_for_and_used() {
    for gradio in peer::GRADIOS {
        let own = peer::Space::start(gradio, &["--login", "me:hunter2"]);
        let request = || Request::new("a red fox").with_size(64, 64);
        let error = stranger(&own.url, None)
            .draw(request())
            .await
            .expect_err(gradio);
        assert_eq!(error.kind(), &ErrorKind::Unauthorized, "{gradio}: {error}");

        for (password, is_right) in [("hunter2", true), ("wrong", false)] {
            let mut options = options(&own.url, None);
            options.login = Some(("me".to_owned(), Secret::from(password.to_owned())));
            let drawn = provider(options).draw(request()).await;
            assert_eq!(drawn.is_ok(), is_right, "{gradio}: {drawn:?}");
            if let Err(error) = drawn {
                assert_eq!(error.kind(), &ErrorKind::Unauthorized);
                assert!(!format!("{error:?}").contains("wrong"), "{error:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_full_queue_is_told_as_such() {
    for gradio in peer::GRADIOS {
        let own = peer::Space::start(gradio, &["--max-size", "1", "--concurrency", "1"]);
        let space = stranger(&own.url, Some("/infer_held"));
        let held = |prompt| Request::new(prompt).with_size(64, 64);
        // One runs, one waits, and there is no place for a third.
        let mut first = space.generate(held("first"));
        while !matches!(first.next().await.expect("an event"), Ok(Event::Started)) {}
        let mut second = space.generate(held("second"));
        while !matches!(
            second.next().await.expect("an event"),
            Ok(Event::Queued { .. })
        ) {}
        let error = space.draw(held("third")).await.expect_err(gradio);
        assert_eq!(error.kind(), &ErrorKind::QueueFull, "{gradio}: {error}");
        peer::release(&own.url, "first").await;
        peer::release(&own.url, "second").await;
    }
}

#[tokio::test]
async fn a_server_that_is_killed_while_it_draws_ends_the_call_at_once() {
    for gradio in peer::GRADIOS {
        let mut own = peer::Space::start(gradio, &[]);
        let space = stranger(&own.url, Some("/infer_held"));
        let mut events = space.generate(Request::new("killed").with_size(64, 64));
        while !matches!(events.next().await.expect("an event"), Ok(Event::Started)) {}
        own.kill();
        let error = loop {
            match events.next().await.expect("an error before the end") {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), &ErrorKind::Unavailable, "{gradio}: {error}");
        assert!(error.is_retryable());
    }
}

#[tokio::test]
async fn a_drawing_that_does_not_end_is_given_up_at_the_limit() {
    for (gradio, base) in spaces() {
        let mut options = options(&base, Some("/infer_held"));
        options.limits.total = Duration::from_millis(700);
        let request = Request::new(format!("endless {gradio}")).with_size(64, 64);
        let error = provider(options)
            .draw(request.clone())
            .await
            .expect_err(gradio);
        assert_eq!(
            error.kind(),
            &ErrorKind::Timeout {
                phase: Phase::Total
            },
            "{gradio}: {error}"
        );
        peer::release(&base, &request.prompt).await;
    }
}
