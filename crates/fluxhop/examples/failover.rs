//! Draws from the first of two Spaces, or from the second if the first one fails.
//!
//! ```sh
//! cargo run -p fluxhop --example failover -- http://127.0.0.1:7860 OWNER/NAME "a cat"
//! ```

#![expect(clippy::print_stderr, reason = "examples print what they receive")]

use std::sync::Arc;
use std::time::Duration;

use fluxhop::config::Config;
use fluxhop::policies::{Candidate, Failover, Timeout};
use fluxhop::{ProviderExt, ProviderInfo, Registry, Request, Secrets};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [first, second, prompt] = arguments.as_slice() else {
        return Err("usage: failover SPACE SPACE PROMPT".into());
    };

    let registry = Registry::new(Config::default(), Secrets::default())?;
    let mut candidates = Vec::new();
    for target in [first, second] {
        // The registry's providers already retry after a temporary failure.
        candidates.push(Candidate::new(registry.space(target, None)?));
    }
    let failover = Failover::new(ProviderInfo::new("spaces", "default"), candidates);
    // One limit for the complete request.
    let provider = Timeout::new(Arc::new(failover)).with_total(Duration::from_mins(5));

    for image in provider.draw(Request::new(prompt)).await? {
        eprintln!("{} drew {:?}", image.provider, image.picture);
    }
    Ok(())
}
