//! The provider conformance suite, and a check of the resulting images.

use fluxhop::testing::conformance;
use fluxhop::{Provider, ProviderExt, Request, Seed};
use fluxhop_tests::{peer, picture};

use crate::support::{space_at, spaces};

async fn check_conformance(gradio: &str) {
    let base = peer::shared(gradio);
    let request = Request::new("a cat wearing a hat").with_size(64, 64);
    let mut capabilities = space_at(&base, None).info().capabilities.clone();
    capabilities.size = Some(fluxhop::SizeRule::new(8, 32, 2048, 1024));
    capabilities.steps = Some(fluxhop::StepRange::new(1, 50, 4));
    let options = conformance::Options::new()
        .with_request(request)
        .with_capabilities(capabilities);
    conformance::check(|| space_at(&base, Some("/infer_progress")), options).await;
}

#[tokio::test]
async fn gradio_4_space_conforms() {
    check_conformance("gradio4").await;
}

#[tokio::test]
async fn gradio_5_space_conforms() {
    check_conformance("gradio5").await;
}

#[tokio::test]
async fn gradio_6_space_conforms() {
    check_conformance("gradio6").await;
}

#[tokio::test]
async fn image_matches_prompt_seed_and_size() {
    for (gradio, base) in spaces() {
        let space = space_at(&base, None);
        let request = Request::new("a red fox")
            .with_size(96, 64)
            .with_seed(Seed::Fixed(7));
        let images = space.draw(request).await.expect(gradio);
        assert_eq!(images[0].seed, Some(7), "{gradio}");
        picture::assert_drawn(
            images[0].picture.as_ref().expect("not downloaded"),
            "a red fox",
            7,
        );
    }
}
