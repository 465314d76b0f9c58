//! Providers for the reference Space, of which nothing is known but the address.

use fluxhop::providers::space::{Space, SpaceOptions};
use fluxhop::{Event, EventStream, GeneratedImage, ProviderInfo, Result, catalogue};
use fluxhop_http::{Client, ClientOptions};
use fluxhop_tests::peer;
use futures_util::StreamExt;

/// A Space at `base`, whose endpoint is found out where none is named.
pub(crate) fn stranger(base: &str, endpoint: Option<&str>) -> Space {
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

/// All three reference Spaces: the version's name and its address.
pub(crate) fn spaces() -> impl Iterator<Item = (&'static str, String)> {
    peer::GRADIOS
        .into_iter()
        .map(|gradio| (gradio, peer::shared(gradio)))
}

/// The events up to the end or the error, and the pictures among them.
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
