//! Draws one picture and writes it to a file.
//!
//! ```sh
//! cargo run -p fluxhop --example draw -- "a cat wearing a hat" cat.png
//! ```

#![expect(clippy::print_stderr, reason = "examples print what they receive")]

use fluxhop::config::Config;
use fluxhop::{ImageFormat, ProviderExt, Registry, Request, Secrets};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let prompt = arguments.next().ok_or("usage: draw PROMPT [FILE.png]")?;
    let file = arguments.next().unwrap_or_else(|| "picture.png".to_owned());

    let registry = Registry::new(Config::default(), Secrets::default())?;
    let request = Request::new(prompt)
        .with_size(768, 512)
        .with_format(ImageFormat::Png);
    // `auto` tries the Spaces, then local weights, then the offline renderer.
    let images = registry.model("auto")?.draw(request).await?;
    let image = images.first().ok_or("no image")?;
    let picture = image.picture.as_ref().ok_or("not downloaded")?;
    std::fs::write(&file, &picture.bytes)?;
    eprintln!("{file}: {}, seed {:?}", image.provider, image.seed);
    Ok(())
}
