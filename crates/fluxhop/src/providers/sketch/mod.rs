//! The built-in picture-book world as a provider: rule-based, offline, no neural network.
//!
//! It obeys the words that it knows and names those that it does not. The same prompt, size and
//! seed draw the same bytes, on any machine.

mod paint;

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use crate::{Capabilities, EventStream, Provider, ProviderInfo, Request, SeedRange, SizeRule};

/// The name of the provider, and of its one model.
pub const NAME: &str = "sketch";

/// How many events wait for a slow reader before the painter waits for it.
const AHEAD: usize = 4;

/// The picture-book world of [`fluxhop_sketch`].
#[derive(Clone, Debug)]
pub struct Sketch {
    info: ProviderInfo,
}

impl Sketch {
    /// The provider; there is nothing to set.
    pub fn new() -> Self {
        let mut info = ProviderInfo::new(NAME, NAME);
        "Sketch, the built-in picture-book world (rule-based, offline)".clone_into(&mut info.label);
        info.capabilities = Capabilities {
            size: Some(SizeRule::new(
                1,
                fluxhop_sketch::MIN_SIDE,
                fluxhop_sketch::MAX_SIDE,
                512,
            )),
            seed: Some(SeedRange::new(u32::MAX.into())),
            max_count: 1000,
            previews: true,
            progress: true,
            ..Capabilities::default()
        };
        Self { info }
    }
}

impl Default for Sketch {
    fn default() -> Self {
        Self::new()
    }
}

impl Provider for Sketch {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn generate(&self, request: Request) -> EventStream {
        let info = self.info.clone();
        let start = async move {
            let (sender, receiver) = mpsc::channel(AHEAD);
            // Drawing takes a core for a while, which other tasks of the runtime should not wait
            // for. The painter stops at its next stroke once nobody listens.
            tokio::task::spawn_blocking(move || {
                let mut listener = paint::Listener::new(sender);
                if let Err(paint::Stop::Failed(error)) =
                    paint::paint(&info, &request, &mut listener)
                {
                    listener.fail(error);
                }
            });
            stream::unfold(receiver, |mut receiver| async {
                receiver.recv().await.map(|event| (event, receiver))
            })
        };
        stream::once(start).flatten().boxed()
    }
}

#[cfg(test)]
mod tests;
