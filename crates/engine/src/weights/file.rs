//! Opens a weight file of either format, detected by its first bytes.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;

use super::tensor::FileTensors;
use super::{gguf, safetensors};
use crate::{Error, Result, WeightBytes};

/// A format of weight files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Safetensors,
    Gguf,
}

/// The number of bytes that [`Format::of`] needs.
pub(crate) const HEAD_BYTES: usize = 16;

impl Format {
    /// Detects the format from a file's first bytes; `None` if it is not a supported weight file.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"GGUF") {
            return Some(Self::Gguf);
        }
        let (length, json) = head.split_first_chunk::<8>()?;
        let plausible = u64::from_le_bytes(*length) <= safetensors::HEADER_LIMIT as u64;
        (plausible && json.first() == Some(&b'{')).then_some(Self::Safetensors)
    }
}

/// Maps the file at `path` and reads its header.
pub(crate) fn read(path: &Path) -> Result<FileTensors> {
    let name = path.display().to_string();
    let read_error = |error| {
        Error::model("cannot read the file")
            .with_context("file", path.display().to_string())
            .with_source(error)
    };
    let file = File::open(path).map_err(read_error)?;
    let metadata = file.metadata().map_err(read_error)?;
    if metadata.is_dir() {
        return Err(
            Error::model("expected a weight file, found a folder").with_context("file", name)
        );
    }
    if metadata.len() == 0 {
        // An empty file cannot be mapped.
        return parse(&name, &WeightBytes::owned([]));
    }
    // SAFETY: the map is read-only. If another process truncates the file while it is mapped, this
    // process is killed by SIGBUS, as documented at `Weights::open`; the alternative is to copy
    // tens of gigabytes.
    #[expect(unsafe_code, reason = "memory maps have no safe constructor")]
    let map = unsafe { Mmap::map(&file) }.map_err(read_error)?;
    let length = map.len();
    let bytes = WeightBytes::mapped(Arc::new(map), 0..length);
    parse(&name, &bytes.unwrap_or_else(|| WeightBytes::owned([])))
}

/// Parses the header of a file.
pub(crate) fn parse(name: &str, bytes: &WeightBytes) -> Result<FileTensors> {
    let file = Arc::from(name);
    let head = bytes.as_slice();
    let head = &head[..head.len().min(HEAD_BYTES)];
    let tensors = match Format::of(head) {
        Some(Format::Gguf) => gguf::parse(bytes, &file),
        Some(Format::Safetensors) => safetensors::parse(bytes, &file),
        None => Err(Error::model(unsupported(head))),
    };
    tensors.map_err(|error| error.with_context("file", name))
}

/// The error message for a file that is not a supported weight file.
fn unsupported(head: &[u8]) -> String {
    let found = if head.is_empty() {
        "the file is empty"
    } else if head.starts_with(b"PK\x03\x04") || head.starts_with(b"\x80\x02") {
        "the file is a PyTorch pickle (.bin, .pt, .ckpt), which can contain code"
    } else if head.starts_with(b"version https://") {
        "the file is a Git LFS pointer, without the weights"
    } else if head.starts_with(b"lmgg") || head.starts_with(b"tjgg") || head.starts_with(b"fmgg") {
        "the file is in a ggml format older than GGUF"
    } else if head.starts_with(b"<!") || head.starts_with(b"<html") {
        "the file is a web page, probably from a failed download"
    } else {
        "the file format is unknown"
    };
    format!("{found}; supported are safetensors and GGUF")
}
