//! The events of a job.
//!
//! `Encoding` and `Notice`s come first (prompts that are cached are not encoded again). Then each
//! step emits `Step` and, if requested, a `Preview` of each image, except after the last step. A
//! `Decoding` precedes the decoding of each image.

use crate::Picture;

/// Receives a pipeline's events and can cancel it.
pub trait Observer: Sync {
    /// Called on one of the pipeline's threads, which waits until this returns.
    fn on_event(&self, event: Event);

    /// Whether to cancel the job. Polled many times a second, between the blocks of every model.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Ignores all events and never cancels.
impl Observer for () {
    fn on_event(&self, _: Event) {}
}

/// Progress of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Encoding of the prompts begins.
    Encoding,
    /// A step is complete.
    Step {
        /// The number of the step, from 1.
        step: usize,
        /// The number of steps of the job.
        of: usize,
    },
    /// A preview of an unfinished image.
    Preview {
        /// Index of the image in the job.
        index: usize,
        /// One pixel for each pixel of the latent: an eighth of the image's size for FLUX.
        picture: Picture,
    },
    /// Decoding of an image begins.
    Decoding {
        /// Index of the image in the job.
        index: usize,
        /// The number of images in the job.
        of: usize,
    },
    /// A message about an image, for the user.
    Notice {
        /// Index of the image in the job.
        index: usize,
        /// The message.
        text: String,
    },
}
