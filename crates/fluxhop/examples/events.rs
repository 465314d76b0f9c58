//! Prints the queue position and the progress of a request as they arrive.
//!
//! ```sh
//! cargo run -p fluxhop --example events -- "a cat wearing a hat"
//! ```

#![expect(clippy::print_stderr, reason = "examples print what they receive")]

use fluxhop::config::Config;
use fluxhop::{Event, Provider, Registry, Request, Secrets};
use futures_util::StreamExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let prompt = std::env::args().nth(1).ok_or("usage: events PROMPT")?;
    let registry = Registry::new(Config::default(), Secrets::default())?;
    let provider = registry.model("auto")?;

    // Dropping the stream cancels the request.
    let mut events = provider.generate(Request::new(prompt));
    while let Some(event) = events.next().await {
        match event? {
            // A new attempt voids the progress reported before it.
            Event::Attempt { provider, number } => eprintln!("{provider}, attempt {number}"),
            Event::Queued { position, eta, .. } => eprintln!("queued: {position:?}, {eta:?} left"),
            Event::Started => eprintln!("started"),
            Event::Progress { step, of, stage } => eprintln!("{stage:?}: {step:?} of {of:?}"),
            Event::Skipped { provider, error } => eprintln!("skipped {provider}: {error}"),
            Event::Notice(text) => eprintln!("note: {text}"),
            Event::Image(image) => eprintln!("done: {:?}", image.picture),
            // `Event` is non-exhaustive.
            _ => {}
        }
    }
    Ok(())
}
