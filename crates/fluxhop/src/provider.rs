//! The trait that everything which draws implements, and the short ways of calling it.

use futures_util::StreamExt;

use crate::{Capabilities, Error, ErrorKind, Event, EventStream, GeneratedImage, Request, Result};

/// Something that draws pictures: a Space, an engine, a server, or a policy around one of these.
pub trait Provider: Send + Sync {
    /// Who this is and what it can do.
    fn info(&self) -> &ProviderInfo;

    /// Draws `request` and tells of it; the [`Event`] type's module draws the sequence.
    ///
    /// Nothing happens before the stream is polled. Dropping it cancels the work.
    fn generate(&self, request: Request) -> EventStream;
}

/// Who a provider is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProviderInfo {
    /// The name by which it is asked for, such as `voodoohop`.
    pub name: String,
    /// The name for people.
    pub label: String,
    /// Where it is; empty for one on this machine.
    pub url: String,
    /// False for one that is known not to work at present.
    pub working: bool,
    /// The model that an empty name stands for.
    pub default_model: String,
    /// The model for pictures that an empty name stands for.
    pub default_image_model: String,
    /// Other names of its models: alias, then model.
    pub model_aliases: Vec<(String, String)>,
    /// The names of its models that draw pictures.
    pub image_models: Vec<String>,
    /// The names of all its models.
    pub models: Vec<String>,
    /// What it can do.
    pub capabilities: Capabilities,
}

impl ProviderInfo {
    /// A provider `name` with one model, `model`.
    pub fn new(name: impl Into<String>, model: impl Into<String>) -> Self {
        let (name, model) = (name.into(), model.into());
        Self {
            label: name.clone(),
            name,
            url: String::new(),
            working: true,
            default_model: model.clone(),
            default_image_model: model.clone(),
            model_aliases: Vec::new(),
            image_models: vec![model.clone()],
            models: vec![model],
            capabilities: Capabilities::default(),
        }
    }
}

/// Short ways of calling a [`Provider`]; every provider has them.
pub trait ProviderExt: Provider {
    /// Draws the request's pictures and returns them; the events in between are let go.
    fn draw(&self, request: Request) -> impl Future<Output = Result<Vec<GeneratedImage>>> + Send {
        let mut events = self.generate(request);
        async move {
            let mut images = Vec::new();
            while let Some(event) = events.next().await {
                if let Event::Image(image) = event? {
                    images.push(image);
                }
            }
            if images.is_empty() {
                let message = "the stream ended without a picture";
                return Err(Error::new(ErrorKind::Protocol, message));
            }
            Ok(images)
        }
    }
}

impl<P: Provider + ?Sized> ProviderExt for P {}

impl<P: Provider + ?Sized> Provider for std::sync::Arc<P> {
    fn info(&self) -> &ProviderInfo {
        (**self).info()
    }

    fn generate(&self, request: Request) -> EventStream {
        (**self).generate(request)
    }
}
