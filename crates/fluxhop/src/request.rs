//! What is to be drawn.

use crate::{ImageFormat, Message, Seed, prompt_of};

/// A request for pictures; whatever is not set is the provider's default.
///
/// A provider answers a field it cannot honour with
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest), or, where the field only asks for
/// something extra (a negative prompt, a guidance scale), with a
/// [`Notice`](crate::Event::Notice) that it has no effect.
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
    /// The model's name or alias; empty for the provider's default.
    pub model: String,
    /// What the picture shows.
    pub prompt: String,
    /// What the picture should not show.
    pub negative_prompt: Option<String>,
    /// Pixels from left to right, as asked for: the provider's
    /// [`SizeRule`](crate::SizeRule) makes it a size that it can draw.
    pub width: Option<i64>,
    /// Pixels from top to bottom, likewise.
    pub height: Option<i64>,
    /// Denoising steps.
    pub steps: Option<u32>,
    /// The guidance scale.
    pub guidance: Option<f64>,
    /// Where the noise starts from.
    pub seed: Seed,
    /// How many pictures, at least 1. With a fixed seed `s` they are drawn with `s`, `s + 1`, ….
    pub count: u32,
    /// How the picture is to be encoded; absent for as it comes.
    pub format: Option<ImageFormat>,
    /// Whether to download the picture (the default) or only report its address.
    pub download: bool,
    /// Whether to produce previews; off by default. Without it a provider neither downloads,
    /// decodes nor encodes one, and the stream contains no [`Preview`](crate::Event::Preview).
    pub previews: bool,
}

impl Request {
    /// A request for one picture of `prompt`.
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

    /// A request for one picture of what the user said last; see [`prompt_of`].
    pub fn from_chat(messages: &[Message]) -> Self {
        Self::new(prompt_of(messages))
    }

    /// Sets the prompt, over one taken from a chat.
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

    /// Sets width and height, in pixels.
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

    /// Sets how many pictures are drawn.
    #[must_use]
    pub fn with_count(mut self, count: u32) -> Self {
        self.count = count;
        self
    }

    /// Sets how the picture is encoded.
    #[must_use]
    pub fn with_format(mut self, format: ImageFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Sets what the picture should not show.
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

    /// Asks for the picture's address alone.
    #[must_use]
    pub fn without_download(mut self) -> Self {
        self.download = false;
        self
    }
}
