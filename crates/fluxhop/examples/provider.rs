//! Implements `Provider` for a renderer of your own and wraps it in policies.
//!
//! ```sh
//! cargo run -p fluxhop --example provider -- "a cat wearing a hat"
//! ```

#![expect(clippy::print_stderr, reason = "examples print what they receive")]

use std::sync::Arc;
use std::time::Duration;

use fluxhop::policies::{Limit, Retry, Timeout};
use fluxhop::{
    Error, ErrorKind, Event, EventStream, GeneratedImage, Picture, Provider, ProviderExt,
    ProviderInfo, Request, SeedRange, SizeRule, encode,
};
use futures_util::{StreamExt, stream};

/// Fills the image with one colour, chosen by the seed.
#[derive(Clone)]
struct Plain {
    info: ProviderInfo,
}

impl Plain {
    fn new() -> Self {
        let mut info = ProviderInfo::new("plain", "plain");
        info.capabilities.size = Some(SizeRule::new(1, 1, 1024, 256));
        info.capabilities.seed = Some(SeedRange::new(0xFF_FFFF));
        Self { info }
    }

    /// Draws one picture. Real work that blocks belongs on a thread of its own.
    fn paint(&self, request: &Request) -> Result<GeneratedImage, Error> {
        // Checks every field against the capabilities and resolves the size and the seed.
        let resolved = request.resolve(&self.info.capabilities)?;
        let seed = resolved.seed.unwrap_or_default();
        let [_, red, green, blue] = u32::try_from(seed).unwrap_or_default().to_be_bytes();
        let pixels = image::RgbImage::from_pixel(
            resolved.width.unwrap_or(256),
            resolved.height.unwrap_or(256),
            image::Rgb([red, green, blue]),
        );
        let model = self.info.resolve(&request.model)?;
        let mut png = std::io::Cursor::new(Vec::new());
        pixels
            .write_to(&mut png, image::ImageFormat::Png)
            .map_err(|error| Error::new(ErrorKind::Internal, "cannot encode").with_source(error))?;
        let picture = Picture::read(png.into_inner().into())?;

        let mut image = GeneratedImage::new("plain", model, &resolved.prompt);
        image.seed = Some(seed);
        image.picture = Some(match request.format {
            Some(format) if format != picture.format => encode::convert(&picture, format)?,
            _ => picture,
        });
        Ok(image)
    }
}

impl Provider for Plain {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn generate(&self, request: Request) -> EventStream {
        let attempt = Event::Attempt {
            provider: self.info.name.clone(),
            number: 1,
        };
        let this = self.clone();
        // Nothing happens until the stream is polled.
        let image = stream::once(async move { this.paint(&request).map(Event::Image) });
        stream::iter([Ok(attempt), Ok(Event::Started)])
            .chain(image)
            .boxed()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let prompt = std::env::args().nth(1).ok_or("usage: provider PROMPT")?;
    // `fluxhop::policies` explains the order of policies.
    let limited = Limit::new(Arc::new(Plain::new())).with_concurrency(2);
    let retried = Retry::new(Arc::new(limited), 2);
    let provider = Timeout::new(Arc::new(retried)).with_total(Duration::from_secs(10));

    for image in provider.draw(Request::new(prompt)).await? {
        eprintln!("{:?}, seed {:?}", image.picture, image.seed);
    }
    Ok(())
}
