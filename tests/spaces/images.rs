//! Successful requests: the formats of images and the events.

use fluxhop::{Event, ImageFormat, Provider, Request, Seed};
use fluxhop_tests::picture::assert_drawn;

use crate::support::{collect, options, provider, space_at, spaces};

fn fox_request() -> Request {
    Request::new("a red fox")
        .with_size(64, 96)
        .with_seed(Seed::Fixed(5))
}

#[tokio::test]
async fn image_is_read_from_data_and_http_urls() {
    for (gradio, base) in spaces() {
        for endpoint in ["/infer_data_url", "/infer_http_url"] {
            let events = space_at(&base, Some(endpoint)).generate(fox_request());
            let (_, images) = collect(events).await.expect(gradio);
            assert_drawn(
                images[0].picture.as_ref().expect("not downloaded"),
                "a red fox",
                5,
            );
            assert_eq!(images[0].seed, Some(5), "{gradio} {endpoint}");
        }
    }
}

#[tokio::test]
async fn gallery_returns_the_requested_number_of_images() {
    for (gradio, base) in spaces() {
        let space = space_at(&base, Some("/infer_gallery"));
        let (_, one) = collect(space.generate(fox_request())).await.expect(gradio);
        assert_eq!(one.len(), 1, "{gradio}");
        assert_drawn(
            one[0].picture.as_ref().expect("not downloaded"),
            "a red fox",
            5,
        );
        let (_, three) = collect(space.generate(fox_request().with_count(3)))
            .await
            .expect(gradio);
        assert_eq!(three.len(), 3, "{gradio}");
    }
}

#[tokio::test]
async fn alternative_parameter_names_are_mapped() {
    for (gradio, base) in spaces() {
        let request = Request::new("a fox")
            .with_negative_prompt("rain")
            .with_guidance(2.5)
            .with_steps(3)
            .with_size(64, 64);
        let events = space_at(&base, Some("/infer_other")).generate(request);
        let (_, images) = collect(events).await.expect(gradio);
        // `/info` has the defaults of the components, not those of the function.
        assert_drawn(
            images[0].picture.as_ref().expect("not downloaded"),
            "a fox|rain|2.5|3|oil",
            0,
        );
        assert_eq!(images[0].seed, None, "{gradio}: the endpoint takes no seed");

        let request = fox_request()
            .with_negative_prompt("rain")
            .with_guidance(2.5);
        let events = space_at(&base, Some("/infer_guided")).generate(request);
        let (_, images) = collect(events).await.expect(gradio);
        assert_drawn(
            images[0].picture.as_ref().expect("not downloaded"),
            "a red fox|rain|2.5",
            5,
        );
    }
}

#[tokio::test]
async fn progress_previews_and_logs_are_emitted() {
    for (gradio, base) in spaces() {
        let events = space_at(&base, Some("/infer_progress")).generate(fox_request().with_steps(4));
        let (events, _) = collect(events).await.expect(gradio);
        let steps: Vec<(Option<u64>, Option<u64>)> = events
            .iter()
            .filter_map(|event| match event {
                Event::Progress { step, of, .. } => Some((*step, *of)),
                _ => None,
            })
            .collect();
        // Gradio samples progress every 50 ms, so some steps are not reported.
        assert!(
            steps.len() > 1 && steps.is_sorted() && steps.iter().all(|(_, of)| *of == Some(4)),
            "{gradio}: {steps:?}"
        );
        assert!(
            events
                .iter()
                .any(|event| matches!(event, Event::Queued { .. })),
            "{gradio}"
        );

        let events = space_at(&base, Some("/infer_previews"))
            .generate(fox_request().with_steps(4).with_previews());
        let (events, images) = collect(events).await.expect(gradio);
        let previews = events
            .iter()
            .filter(|event| matches!(event, Event::Preview(_)))
            .count();
        assert!((1..=4).contains(&previews), "{gradio}: {previews}");
        assert_drawn(
            images[0].picture.as_ref().expect("not downloaded"),
            "a red fox",
            5,
        );

        let events = space_at(&base, Some("/infer_logs")).generate(fox_request());
        let (events, _) = collect(events).await.expect(gradio);
        let has_notice = |text| {
            events
                .iter()
                .any(|event| matches!(event, Event::Notice(notice) if notice == text))
        };
        assert!(
            has_notice("Mixing the paint") && has_notice("The blue is running low"),
            "{gradio}: {events:?}"
        );
    }
}

#[tokio::test]
async fn image_without_download_has_only_a_url() {
    for (gradio, base) in spaces() {
        let events = space_at(&base, None).generate(fox_request().without_download());
        let (_, images) = collect(events).await.expect(gradio);
        assert!(images[0].picture.is_none());
        let url = images[0].url.as_deref().expect("a URL");
        assert!(url.starts_with(&base) && url.contains("/file="), "{url}");
    }
}

#[tokio::test]
async fn wrong_api_prefix_is_corrected() {
    for (gradio, base) in spaces() {
        let mut options = options(&base, Some("/infer"));
        // Correct for Gradio 5 and 6; Gradio 4 returns 404.
        options.flux_prefix = Some("/gradio_api".to_owned());
        let space = provider(options);
        for seed in [1, 2] {
            let events = space.generate(fox_request().with_seed(Seed::Fixed(seed)));
            let (events, images) = collect(events).await.expect(gradio);
            assert_drawn(
                images[0].picture.as_ref().expect("not downloaded"),
                "a red fox",
                seed,
            );
            assert!(matches!(events[0], Event::Attempt { number: 1, .. }));
        }
    }
}

#[tokio::test]
async fn requested_format_is_returned() {
    let (_, base) = spaces().last().expect("a Space");
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let events = space_at(&base, None).generate(fox_request().with_format(format));
        let (_, images) = collect(events).await.expect("an image");
        let picture = images[0].picture.as_ref().expect("not downloaded");
        assert_eq!(picture.format, format);
        assert_drawn(picture, "a red fox", 5);
    }
}

#[tokio::test]
async fn describe_reports_the_endpoint_and_its_parameters() {
    for (gradio, base) in spaces() {
        let description = space_at(&base, None).describe().await.expect(gradio);
        assert_eq!(description.endpoint.as_deref(), Some("/infer"));
        let fields: Vec<_> = description
            .parameters
            .iter()
            .map(|parameter| parameter.mapped_to)
            .collect();
        let expected = ["prompt", "seed", "seed", "width", "height", "steps"];
        assert_eq!(fields, expected.map(Some), "{gradio}");
        assert_eq!(description.parameters[3].maximum, Some(2048.0), "{gradio}");
        assert_eq!(
            description.gradio_version.split('.').next(),
            gradio.get(6..),
            "{gradio}"
        );
    }
}
