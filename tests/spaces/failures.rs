//! Failed requests: the kind and message of the error.

use std::time::Duration;

use fluxhop::{Error, ErrorKind, Event, Phase, Provider, ProviderExt, Request};
use fluxhop_http::Secret;
use fluxhop_tests::peer;
use futures_util::StreamExt;

use crate::support::{options, provider, space_at, spaces};

async fn draw_err(base: &str, endpoint: &str) -> Error {
    let request = Request::new("a red fox").with_size(64, 64);
    space_at(base, Some(endpoint))
        .draw(request)
        .await
        .expect_err(endpoint)
}

#[tokio::test]
async fn gr_error_message_is_reported_unchanged() {
    for (gradio, base) in spaces() {
        let error = draw_err(&base, "/infer_error").await;
        assert_eq!(error.kind(), &ErrorKind::Upstream, "{gradio}");
        assert_eq!(error.message(), "The model is out of paint", "{gradio}");
        assert!(!error.is_retryable());
    }
}

#[tokio::test]
async fn hidden_exception_is_reported_as_hidden() {
    for (gradio, base) in spaces() {
        let error = draw_err(&base, "/infer_exception").await;
        assert_eq!(error.kind(), &ErrorKind::Upstream, "{gradio}: {error}");
        assert!(
            error.message().contains("does not show why"),
            "{gradio}: {error}"
        );
        assert!(error.is_retryable());
    }
}

#[tokio::test]
async fn exhausted_quota_has_a_reset_time_and_no_html() {
    for (gradio, base) in spaces() {
        let error = draw_err(&base, "/infer_quota").await;
        let ErrorKind::QuotaExceeded { resets_at: Some(_) } = error.kind() else {
            panic!("{gradio}: {error:?}");
        };
        assert!(!error.message().contains('<'), "{gradio}: {error}");
    }
}

#[tokio::test]
async fn result_without_an_image_is_a_protocol_error() {
    for (gradio, base) in spaces() {
        let error = draw_err(&base, "/infer_null").await;
        assert_eq!(error.kind(), &ErrorKind::Protocol, "{gradio}");
        assert!(error.message().contains("[null,"), "{gradio}: {error}");
    }
}

#[tokio::test]
async fn error_after_a_preview_ends_the_stream() {
    for (gradio, base) in spaces() {
        let request = Request::new("a red fox")
            .with_size(64, 64)
            .with_steps(2)
            .with_previews();
        let mut events = space_at(&base, Some("/infer_previews_error")).generate(request);
        let (mut previews, mut error) = (0, None);
        while let Some(event) = events.next().await {
            match event {
                Ok(Event::Preview(_)) => previews += 1,
                Ok(_) => {}
                Err(last) => error = Some(last),
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
async fn unknown_endpoint_error_lists_the_endpoints() {
    for (gradio, base) in spaces() {
        let error = draw_err(&base, "/draw").await;
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
async fn parameter_limits_come_from_the_space() {
    for (gradio, base) in spaces() {
        let space = space_at(&base, Some("/infer_guided"));
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
async fn login_is_required_and_checked() {
    for gradio in peer::GRADIOS {
        let server = peer::Space::start(gradio, &["--login", "me:hunter2"]);
        let request = || Request::new("a red fox").with_size(64, 64);
        let error = space_at(&server.url, None)
            .draw(request())
            .await
            .expect_err(gradio);
        assert_eq!(error.kind(), &ErrorKind::Unauthorized, "{gradio}: {error}");

        for (password, is_valid) in [("hunter2", true), ("wrong", false)] {
            let mut options = options(&server.url, None);
            options.login = Some(("me".to_owned(), Secret::from(password.to_owned())));
            let result = provider(options).draw(request()).await;
            assert_eq!(result.is_ok(), is_valid, "{gradio}: {result:?}");
            if let Err(error) = result {
                assert_eq!(error.kind(), &ErrorKind::Unauthorized);
                assert!(!format!("{error:?}").contains("wrong"), "{error:?}");
            }
        }
    }
}

#[tokio::test]
async fn full_queue_is_reported() {
    for gradio in peer::GRADIOS {
        let server = peer::Space::start(gradio, &["--max-size", "1", "--concurrency", "1"]);
        let space = space_at(&server.url, Some("/infer_held"));
        let held = |prompt| Request::new(prompt).with_size(64, 64);
        // One call runs and one is queued, so that the queue is full for the third.
        let mut first = space.generate(held("first"));
        while !matches!(first.next().await.expect("an event"), Ok(Event::Started)) {}
        let mut second = space.generate(held("second"));
        while !matches!(
            second.next().await.expect("an event"),
            Ok(Event::Queued { .. })
        ) {}
        let error = space.draw(held("third")).await.expect_err(gradio);
        assert_eq!(error.kind(), &ErrorKind::QueueFull, "{gradio}: {error}");
        peer::release(&server.url, "first").await;
        peer::release(&server.url, "second").await;
    }
}

#[tokio::test]
async fn killed_server_ends_the_call() {
    for gradio in peer::GRADIOS {
        let mut server = peer::Space::start(gradio, &[]);
        let space = space_at(&server.url, Some("/infer_held"));
        let mut events = space.generate(Request::new("killed").with_size(64, 64));
        while !matches!(events.next().await.expect("an event"), Ok(Event::Started)) {}
        server.kill();
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
async fn endless_call_hits_the_total_timeout() {
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
