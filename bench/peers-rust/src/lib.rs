//! What the two Rust drivers share: their arguments, and the window of concurrent calls.

use std::{env, error::Error, path::PathBuf};

use futures_util::{StreamExt, stream};

/// Why a picture was lost.
pub type Failure = Box<dyn Error>;

/// What every driver is given: `[--whole] URL OUT_DIR PICTURES CONCURRENCY`.
pub struct Arguments {
    /// Whether files are to be written so that they are whole after a power failure; the floor's alone.
    pub whole: bool,
    /// The Space's address, with no slash at its end.
    pub url: String,
    /// A folder that exists; pictures go there as `{number}.png`.
    pub out_dir: PathBuf,
    /// How many pictures to fetch.
    pub pictures: usize,
    /// How many calls may be under way at once.
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

/// Fetches every picture with `fetch`; what was lost goes to stderr, and is missing from the folder.
pub async fn drive(arguments: &Arguments, fetch: impl AsyncFn(PathBuf) -> Result<(), Failure>) {
    stream::iter(0..arguments.pictures)
        .map(|number| fetch(arguments.out_dir.join(format!("{number}.png"))))
        .buffer_unordered(arguments.concurrency)
        .filter_map(async |outcome| outcome.err())
        .for_each(async |failure| eprintln!("lost: {failure}"))
        .await;
}
