//! The suite that every provider passes, and its pictures compared with what the Space draws.

use fluxhop::testing::conformance;
use fluxhop::{Provider, ProviderExt, Request, Seed};
use fluxhop_tests::{peer, picture};

use crate::support::{spaces, stranger};

async fn conforms(gradio: &str) {
    let base = peer::shared(gradio);
    let request = Request::new("a cat wearing a hat").with_size(64, 64);
    let mut capabilities = stranger(&base, None).info().capabilities.clone();
    capabilities.size = Some(fluxhop::SizeRule::new(8, 32, 2048, 1024));
    capabilities.steps = Some(fluxhop::StepRange::new(1, 50, 4));
    let options = conformance::Options::new()
        .with_request(request)
        .with_capabilities(capabilities);
    conformance::check(|| stranger(&base, Some("/infer_progress")), options).await;
}

#[tokio::test]
async fn a_space_on_gradio_4_conforms() {
    conforms("gradio4").await;
}

#[tokio::test]
async fn a_space_on_gradio_5_conforms() {
    conforms("gradio5").await;
}

#[tokio::test]
async fn a_space_on_gradio_6_conforms() {
    conforms("gradio6").await;
}

#[tokio::test]
async fn the_picture_is_the_one_that_the_space_draws_for_prompt_seed_and_size() {
    for (gradio, base) in spaces() {
        let space = stranger(&base, None);
        let request = Request::new("a red fox")
            .with_size(96, 64)
            .with_seed(Seed::Fixed(7));
        let images = space.draw(request).await.expect(gradio);
        assert_eq!(images[0].seed, Some(7), "{gradio}");
        picture::assert_drawn(
            images[0].picture.as_ref().expect("downloaded"),
            "a red fox",
            7,
        );
    }
}
