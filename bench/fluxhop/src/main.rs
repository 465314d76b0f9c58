//! A minimal program on the library: the provider `voodoohop` pointed at the local Space.

use std::{fs, path::PathBuf};

use fluxhop::config::Config;
use fluxhop::{Provider, ProviderExt, Registry, Request, Secrets, Seed};
use peers_rust::{Arguments, Failure, drive};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::read()?;
    let config = format!("[providers.voodoohop]\nurl = \"{}\"", arguments.url);
    let registry = Registry::new(Config::parse(&config, "bench")?, Secrets::default())?;
    let provider = registry.provider("voodoohop")?;
    drive(&arguments, async |path| fetch(&provider, path).await).await;
    Ok(())
}

async fn fetch(provider: &impl Provider, path: PathBuf) -> Result<(), Failure> {
    let request = Request::new("a cat wearing a hat")
        .with_size(256, 256)
        .with_steps(4)
        .with_seed(Seed::Fixed(7));
    let images = provider.draw(request).await?;
    let picture = images
        .into_iter()
        .find_map(|image| image.picture)
        .ok_or("no image")?;
    fs::write(path, picture.bytes)?;
    Ok(())
}
