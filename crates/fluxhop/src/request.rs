//! A request for images.

use crate::{ImageFormat, Message, Seed, prompt_of};

/// A request for one or more images. Fields that are not set use the provider's defaults.
///
/// If a provider does not support a field, it returns
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest). Some optional fields (negative prompt,
/// guidance scale, steps) are ignored instead, with a [`Notice`](crate::Event::Notice).
///
/// ```
/// use fluxhop::{Request, Seed};
///
/// let request = Request::new("a cat wearing a hat").with_size(512, 512).with_seed(Seed::Fixed(7));
/// assert_eq!(request.count, 1);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// Model name or alias; empty for the provider's default.
    pub model: String,
    /// What the image should show; at most [`MAX_PROMPT`](Self::MAX_PROMPT) bytes.
    pub prompt: String,
    /// What the image should not show; at most [`MAX_PROMPT`](Self::MAX_PROMPT) bytes.
    pub negative_prompt: Option<String>,
    /// Requested width in pixels; rounded to a supported size by the provider's
    /// [`SizeRule`](crate::SizeRule).
    pub width: Option<i64>,
    /// Requested height in pixels, rounded like the width.
    pub height: Option<i64>,
    /// Number of denoising steps, at most [`MAX_STEPS`](Self::MAX_STEPS).
    pub steps: Option<u32>,
    /// Guidance scale; finite and not negative.
    pub guidance: Option<f64>,
    /// Seed of the first image.
    pub seed: Seed,
    /// Number of images, at least 1. With a fixed seed `s` they use `s`, `s + 1`, ….
    pub count: u32,
    /// Format to encode the images in; `None` keeps the format that the provider returns.
    pub format: Option<ImageFormat>,
    /// Whether to download the images (the default) or only report their URLs.
    pub download: bool,
    /// Whether to produce previews; off by default. If off, providers do no work for previews, and
    /// the stream contains no [`Preview`](crate::Event::Preview).
    pub previews: bool,
}

impl Request {
    /// Creates a request for one image of `prompt`.
    pub fn new(prompt: impl Into<String>) -> Self {
        Self {
            model: String::new(),
            prompt: prompt.into(),
            negative_prompt: None,
            width: None,
            height: None,
            steps: None,
            guidance: None,
            seed: Seed::Random,
            count: 1,
            format: None,
            download: true,
            previews: false,
        }
    }

    /// Creates a request for one image from the last user messages of a chat; see [`prompt_of`].
    pub fn from_chat(messages: &[Message]) -> Self {
        Self::new(prompt_of(messages))
    }

    /// Sets the prompt.
    #[must_use]
    pub fn with_prompt(mut self, prompt: impl Into<String>) -> Self {
        self.prompt = prompt.into();
        self
    }

    /// Sets the model.
    #[must_use]
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = model.into();
        self
    }

    /// Sets the width and height in pixels.
    #[must_use]
    pub fn with_size(mut self, width: i64, height: i64) -> Self {
        self.width = Some(width);
        self.height = Some(height);
        self
    }

    /// Sets the number of denoising steps.
    #[must_use]
    pub fn with_steps(mut self, steps: u32) -> Self {
        self.steps = Some(steps);
        self
    }

    /// Sets the seed.
    #[must_use]
    pub fn with_seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the number of images.
    #[must_use]
    pub fn with_count(mut self, count: u32) -> Self {
        self.count = count;
        self
    }

    /// Sets the format to encode the images in.
    #[must_use]
    pub fn with_format(mut self, format: ImageFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Sets the negative prompt.
    #[must_use]
    pub fn with_negative_prompt(mut self, negative_prompt: impl Into<String>) -> Self {
        self.negative_prompt = Some(negative_prompt.into());
        self
    }

    /// Sets the guidance scale.
    #[must_use]
    pub fn with_guidance(mut self, guidance: f64) -> Self {
        self.guidance = Some(guidance);
        self
    }

    /// Requests previews from a provider that has them.
    #[must_use]
    pub fn with_previews(mut self) -> Self {
        self.previews = true;
        self
    }

    /// Requests only the URLs of the images.
    #[must_use]
    pub fn without_download(mut self) -> Self {
        self.download = false;
        self
    }
}
