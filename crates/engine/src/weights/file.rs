//! A file of weights, mapped and told apart by its first bytes.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;

use super::entry::Listing;
use super::{gguf, safetensors};
use crate::{Error, Result, WeightBytes};

/// What a file's first bytes say that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Safetensors,
    Gguf,
}

/// The first bytes that [`Format::of`] looks at.
pub(crate) const HEAD: usize = 16;

impl Format {
    /// The format of a file that begins like this; `None` where it is no file of weights that is
    /// read.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"GGUF") {
            return Some(Self::Gguf);
        }
        let (length, json) = head.split_first_chunk::<8>()?;
        let plausible = u64::from_le_bytes(*length) <= safetensors::HEADER_LIMIT as u64;
        (plausible && json.first() == Some(&b'{')).then_some(Self::Safetensors)
    }
}

/// The tensors of the file at `path`, mapped into memory.
pub(crate) fn read(path: &Path) -> Result<Listing> {
    let name = path.display().to_string();
    let unreadable = |error| {
        Error::model("the file cannot be read")
            .with_context("file", path.display().to_string())
            .with_source(error)
    };
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(
            Error::model("this is a folder, not a file of weights").with_context("file", name)
        );
    }
    if metadata.len() == 0 {
        // An empty file cannot be mapped.
        return parse(&name, &WeightBytes::owned([]));
    }
    // SAFETY: the map is read-only. A file that another process shortens while it is mapped ends
    // this one by SIGBUS; that is the price of not reading tens of gigabytes, and documented.
    #[expect(unsafe_code, reason = "memory maps have no safe constructor")]
    let map = unsafe { Mmap::map(&file) }.map_err(unreadable)?;
    let length = map.len();
    let bytes = WeightBytes::mapped(Arc::new(map), 0..length);
    parse(&name, &bytes.unwrap_or_else(|| WeightBytes::owned([])))
}

/// The tensors of a file of this name and content.
pub(crate) fn parse(name: &str, bytes: &WeightBytes) -> Result<Listing> {
    let file = Arc::from(name);
    let head = bytes.as_slice();
    let head = &head[..head.len().min(HEAD)];
    let listing = match Format::of(head) {
        Some(Format::Gguf) => gguf::parse(bytes, &file),
        Some(Format::Safetensors) => safetensors::parse(bytes, &file),
        None => Err(Error::model(refusal(head))),
    };
    listing.map_err(|error| error.with_context("file", name))
}

/// What a file is that begins like this and is no file of weights that is read.
fn refusal(head: &[u8]) -> String {
    let found = if head.is_empty() {
        "the file is empty"
    } else if head.starts_with(b"PK\x03\x04") || head.starts_with(b"\x80\x02") {
        "the file is a PyTorch pickle (.bin, .pt, .ckpt), which can hold programs"
    } else if head.starts_with(b"version https://") {
        "the file is a Git LFS pointer: the weights themselves were not downloaded"
    } else if head.starts_with(b"lmgg") || head.starts_with(b"tjgg") || head.starts_with(b"fmgg") {
        "the file is of an old ggml format, from before GGUF"
    } else if head.starts_with(b"<!") || head.starts_with(b"<html") {
        "the file is a web page, not what was to be downloaded"
    } else {
        "the file begins like neither"
    };
    format!("{found}; weights are read from safetensors and GGUF files")
}
