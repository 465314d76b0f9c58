//! The trait that every image source implements, and shortcuts for calling it.

use futures_util::StreamExt;

use crate::{Capabilities, Error, ErrorKind, Event, EventStream, GeneratedImage, Request, Result};

/// A source of generated images: a Space, a local engine, a server, or a policy that wraps one.
pub trait Provider: Send + Sync {
    /// The provider's name, models and capabilities.
    fn info(&self) -> &ProviderInfo;

    /// Starts `request` and returns its stream of events; [`Event`] documents their order.
    ///
    /// Nothing happens until the stream is polled. Dropping it cancels the work.
    fn generate(&self, request: Request) -> EventStream;
}

/// The name, models and capabilities of a provider.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProviderInfo {
    /// The name that selects the provider, such as `voodoohop`.
    pub name: String,
    /// The display name.
    pub label: String,
    /// Its URL, or `owner/name` for a Space on Hugging Face; empty if it runs on this machine.
    pub url: String,
    /// Whether it is expected to work; false if, for example, its model files are missing.
    pub working: bool,
    /// The model used if a request names none.
    pub default_model: String,
    /// Aliases of its models, as pairs of alias and model.
    pub model_aliases: Vec<(String, String)>,
    /// The names of its models, all of which generate images.
    pub models: Vec<String>,
    /// The sizes, steps, seeds and other inputs that it supports.
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
            model_aliases: Vec::new(),
            models: vec![model],
            capabilities: Capabilities::default(),
        }
    }

    /// Sets the display name.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the capabilities.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// The image model used if a request names none; the same as
    /// [`default_model`](Self::default_model), because every model generates images.
    pub fn default_image_model(&self) -> &str {
        &self.default_model
    }

    /// The names of the models that generate images; the same as [`models`](Self::models).
    pub fn image_models(&self) -> &[String] {
        &self.models
    }

    /// Replaces the models; the first becomes the default. Does nothing if `models` is empty.
    pub(crate) fn set_models(&mut self, models: &[String]) {
        let Some(first) = models.first() else {
            return;
        };
        self.default_model.clone_from(first);
        self.model_aliases.clear();
        self.models = models.to_vec();
    }
}

/// Shortcuts for calling a [`Provider`], implemented for every provider.
pub trait ProviderExt: Provider {
    /// Generates the request's images and returns them, discarding all other events.
    ///
    /// Returns the stream's error if there is one, even if some images were delivered before it, and
    /// [`ErrorKind::Protocol`] if the stream contains no image.
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
                let message = "the stream ended without an image";
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
