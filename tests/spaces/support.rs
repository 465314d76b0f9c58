//! Providers for the reference Spaces, configured with only the URL.

use fluxhop::providers::space::{Space, SpaceOptions};
use fluxhop::{Event, EventStream, GeneratedImage, ProviderInfo, Result, catalogue};
use fluxhop_http::{Client, ClientOptions};
use fluxhop_tests::peer;
use futures_util::StreamExt;

/// A provider for the Space at `base`; without `endpoint`, it discovers one.
pub(crate) fn space_at(base: &str, endpoint: Option<&str>) -> Space {
    provider(options(base, endpoint))
}

pub(crate) fn options(base: &str, endpoint: Option<&str>) -> SpaceOptions {
    let mut info = ProviderInfo::new("reference", "reference");
    info.model_aliases
        .push(("alias".to_owned(), "reference".to_owned()));
    info.capabilities = catalogue::space_capabilities();
    let mut options = SpaceOptions::new(info, base);
    options.api_name = endpoint.map(str::to_owned);
    options
}

pub(crate) fn provider(options: SpaceOptions) -> Space {
    let client = Client::new(ClientOptions::default()).expect("a client");
    Space::new(client, options).expect("a Space")
}

/// The Gradio version and URL of each reference Space.
pub(crate) fn spaces() -> impl Iterator<Item = (&'static str, String)> {
    peer::GRADIOS
        .into_iter()
        .map(|gradio| (gradio, peer::shared(gradio)))
}

/// Returns all events, and the images among them, or the first error.
pub(crate) async fn collect(mut events: EventStream) -> Result<(Vec<Event>, Vec<GeneratedImage>)> {
    let (mut all, mut images) = (Vec::new(), Vec::new());
    while let Some(event) = events.next().await {
        let event = event?;
        if let Event::Image(image) = &event {
            images.push(image.clone());
        }
        all.push(event);
    }
    Ok((all, images))
}
