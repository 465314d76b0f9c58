//! What a pipeline tells while it draws.
//!
//! `Notice`s and `Encoding` come first (nothing is encoded where the prompts are remembered); then
//! for each step a `Step` and, where they are asked for, a `Preview` of each drawing, but none after
//! the last step; then a `Decoding` before each picture.

/// Hears what happens, and says whether it shall go on.
pub trait Observer: Sync {
    /// Something happened. It is told on a thread of the pipeline's, which waits meanwhile.
    fn tell(&self, news: Event);

    /// Whether nobody wants the pictures any more. It is asked many times a second: between the
    /// blocks of every part.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// A observer that hears nothing and never cancels.
impl Observer for () {
    fn tell(&self, _: Event) {}
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The prompts begin to be read.
    Encoding,
    /// So many steps are done.
    Step {
        /// From 1.
        step: usize,
        /// The steps of the job.
        of: usize,
    },
    /// How a picture looks so far.
    Preview {
        /// Which of the job's drawings.
        drawing: usize,
        /// Small: a pixel for each of its latent.
        picture: Picture,
    },
    /// A picture begins to be decoded.
    Decoding {
        /// Which of the job's drawings.
        drawing: usize,
        /// The drawings of the job.
        of: usize,
    },
    /// Something that whoever asked for this drawing should know, for people to read.
    Notice {
        /// Which of the job's drawings.
        drawing: usize,
        /// What it is.
        text: String,
    },
}

impl Picture {
    /// A picture of these pixels: three bytes each, row by row.
    pub fn new(width: u32, height: u32, rgb: Vec<u8>) -> Self {
        Self { width, height, rgb }
    }
}

/// Pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Picture {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Red, green and blue of each pixel, row by row.
    pub rgb: Vec<u8>,
}
