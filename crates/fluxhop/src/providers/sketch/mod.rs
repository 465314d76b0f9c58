//! The built-in renderer as a provider: rule-based, offline, no neural network.
//!
//! It draws the words it knows and reports the others. The same prompt, size and seed yield the
//! same bytes on every machine.

mod paint;

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use crate::{Capabilities, EventStream, Provider, ProviderInfo, Request, SeedRange, SizeRule};

/// The name of the provider, and of its one model.
pub const NAME: &str = "sketch";

/// The number of events that are buffered for the receiver.
const EVENT_BUFFER: usize = 4;

/// The built-in renderer, [`fluxhop_sketch`].
#[derive(Clone, Debug)]
pub struct Sketch {
    info: ProviderInfo,
}

impl Sketch {
    /// Creates the provider; it has no settings.
    pub fn new() -> Self {
        let mut info = ProviderInfo::new(NAME, NAME);
        "Sketch, the built-in renderer (rule-based, offline)".clone_into(&mut info.label);
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
            let (sender, receiver) = mpsc::channel(EVENT_BUFFER);
            // Drawing is CPU-bound and would block the runtime. It stops before the next step once
            // the receiver is dropped.
            tokio::task::spawn_blocking(move || {
                let mut events = paint::EventSender::new(sender);
                if let Err(paint::Stop::Failed(error)) = paint::paint(&info, &request, &mut events)
                {
                    events.fail(error);
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
