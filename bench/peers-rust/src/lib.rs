//! Code shared by the Rust drivers: argument parsing and concurrent calls.

use std::{env, error::Error, path::PathBuf};

use futures_util::{StreamExt, stream};

/// The reason an image was lost.
pub type Failure = Box<dyn Error>;

/// The arguments of every driver: `[--atomic] URL OUT_DIR IMAGES CONCURRENCY`.
pub struct Arguments {
    /// Whether to write files atomically; used by the floor only.
    pub atomic: bool,
    /// The Space's URL, without a trailing slash.
    pub url: String,
    /// An existing folder for the images, named `{number}.png`.
    pub out_dir: PathBuf,
    /// The number of images to fetch.
    pub images: usize,
    /// The maximum number of concurrent calls.
    pub concurrency: usize,
}

impl Arguments {
    /// Reads the process's arguments.
    pub fn read() -> Result<Self, Failure> {
        let mut words: Vec<String> = env::args().skip(1).collect();
        let atomic = words.first().is_some_and(|word| word == "--atomic");
        if atomic {
            words.remove(0);
        }
        let [url, out_dir, images, concurrency] = words
            .try_into()
            .map_err(|_| "usage: DRIVER URL OUT_DIR IMAGES CONCURRENCY")?;
        Ok(Self {
            atomic,
            url: url.trim_end_matches('/').to_owned(),
            out_dir: out_dir.into(),
            images: images.parse()?,
            concurrency: concurrency.parse()?,
        })
    }
}

/// Fetches every image with `fetch`; failures are reported on stderr and leave no file.
pub async fn drive(arguments: &Arguments, fetch: impl AsyncFn(PathBuf) -> Result<(), Failure>) {
    stream::iter(0..arguments.images)
        .map(|number| fetch(arguments.out_dir.join(format!("{number}.png"))))
        .buffer_unordered(arguments.concurrency)
        .filter_map(async |result| result.err())
        .for_each(async |failure| eprintln!("lost: {failure}"))
        .await;
}
