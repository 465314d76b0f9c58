//! Code shared by the Rust drivers: argument parsing and concurrent calls.

use std::{env, error::Error, path::PathBuf};

use futures_util::{StreamExt, stream};

/// Why a picture was lost.
pub type Failure = Box<dyn Error>;

/// The arguments of every driver: `[--whole] URL OUT_DIR PICTURES CONCURRENCY`.
pub struct Arguments {
    /// Whether to write files atomically; used by the floor only.
    pub whole: bool,
    /// The Space's address, without a trailing slash.
    pub url: String,
    /// An existing folder for the pictures, named `{number}.png`.
    pub out_dir: PathBuf,
    /// How many pictures to fetch.
    pub pictures: usize,
    /// The maximum number of concurrent calls.
    pub concurrency: usize,
}

impl Arguments {
    /// Reads the process's arguments.
    pub fn read() -> Result<Self, Failure> {
        let mut words: Vec<String> = env::args().skip(1).collect();
        let whole = words.first().is_some_and(|word| word == "--whole");
        if whole {
            words.remove(0);
        }
        let [url, out_dir, pictures, concurrency] = words
            .try_into()
            .map_err(|_| "usage: DRIVER URL OUT_DIR PICTURES CONCURRENCY")?;
        Ok(Self {
            whole,
            url: url.trim_end_matches('/').to_owned(),
            out_dir: out_dir.into(),
            pictures: pictures.parse()?,
            concurrency: concurrency.parse()?,
        })
    }
}

/// Fetches every picture with `fetch`; failures are reported on stderr and leave no file.
pub async fn drive(arguments: &Arguments, fetch: impl AsyncFn(PathBuf) -> Result<(), Failure>) {
    stream::iter(0..arguments.pictures)
        .map(|number| fetch(arguments.out_dir.join(format!("{number}.png"))))
        .buffer_unordered(arguments.concurrency)
        .filter_map(async |outcome| outcome.err())
        .for_each(async |failure| eprintln!("lost: {failure}"))
        .await;
}
