//! The tokenizers of FLUX's two text encoders.
//!
//! A model contains `tokenizer.json` or its sources: `spiece.model` (T5), `vocab.json` and
//! `merges.txt` (CLIP). Only the vocabulary, the scores or merges, T5's normalisation table and the
//! added tokens are read; the other steps are fixed for each encoder, as in transformers 5. The ids
//! therefore do not depend on which of the files a model contains.

mod added;
mod charsmap;
mod clip;
mod json;
mod sentencepiece;
mod t5;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// The files of a tokenizer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenizerFiles {
    /// `tokenizer.json`, the format of the tokenizers library.
    Json(PathBuf),
    /// `spiece.model`, the format of SentencePiece. T5 only.
    SentencePiece(PathBuf),
    /// `vocab.json` and `merges.txt`. CLIP only.
    VocabAndMerges {
        /// Maps tokens to ids.
        vocab: PathBuf,
        /// One pair of tokens on each line, in order of priority.
        merges: PathBuf,
    },
}

/// A tokenized prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tokens {
    /// The text's tokens, the end token and padding, of the requested length.
    pub ids: Vec<u32>,
    /// The end of the text, if it was truncated because it did not fit.
    pub truncated: Option<String>,
}

/// Converts text to token ids, like transformers' `T5Tokenizer` or `CLIPTokenizer`.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    start: Option<u32>,
    end: u32,
    pad: u32,
}

impl Tokenizer {
    /// T5's tokenizer: texts end with `</s>` and are padded with `<pad>`.
    pub fn t5(files: &TokenizerFiles) -> Result<Self> {
        let inner = t5::open(files)?;
        Ok(Self {
            start: None,
            end: special(&inner, "</s>")?,
            pad: special(&inner, "<pad>")?,
            inner,
        })
    }

    /// CLIP's tokenizer: texts are enclosed in `<|startoftext|>` and `<|endoftext|>`, and padded with
    /// the latter.
    pub fn clip(files: &TokenizerFiles) -> Result<Self> {
        let inner = clip::open(files)?;
        let end = special(&inner, clip::END)?;
        Ok(Self {
            start: Some(special(&inner, clip::START)?),
            end,
            pad: end,
            inner,
        })
    }

    /// Tokenizes `text`, truncated or padded to `length`. The end token is always included.
    ///
    /// Fails if `length` is too small for the special tokens.
    pub fn encode(&self, text: &str, length: usize) -> Result<Tokens> {
        let special = 1 + usize::from(self.start.is_some());
        let Some(capacity) = length.checked_sub(special) else {
            let message = format!("{length} tokens are too few for the {special} special tokens");
            return Err(Error::invalid("max_sequence_length", message));
        };
        let encoding = self.inner.encode(text, false).map_err(|error| {
            Error::invalid("prompt", format!("cannot tokenize the prompt: {error}"))
        })?;
        let tokens = encoding.get_ids();
        let truncated = encoding.get_offsets().get(capacity).map(|&(start, _)| {
            let start = text.floor_char_boundary(start);
            text[start..].trim().to_owned()
        });
        let kept = &tokens[..tokens.len().min(capacity)];
        let mut ids: Vec<u32> = self.start.into_iter().chain(kept.iter().copied()).collect();
        ids.push(self.end);
        ids.resize(length, self.pad);
        Ok(Tokens { ids, truncated })
    }
}

fn special(tokenizer: &tokenizers::Tokenizer, token: &str) -> Result<u32> {
    tokenizer
        .token_to_id(token)
        .ok_or_else(|| Error::model(format!("the tokenizer has no token `{token}`")))
}

/// An error of the tokenizers library while building a tokenizer.
fn build_error(error: impl std::fmt::Display) -> Error {
    Error::model(format!("cannot build the tokenizer: {error}"))
}

/// The error for files that `encoder` does not support.
fn unsupported_files(encoder: &str, expected: &str) -> Error {
    Error::model(format!(
        "unsupported files for the {encoder} tokenizer, expected {expected}"
    ))
}

/// Reads a tokenizer file of at most 256 MiB.
fn read(path: &Path) -> Result<Vec<u8>> {
    const LIMIT: u64 = 256 << 20;
    let mut bytes = Vec::new();
    let file = || path.display().to_string();
    File::open(path)
        .and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes))
        .map_err(|error| {
            Error::model("cannot read the file")
                .with_context("file", file())
                .with_source(error)
        })?;
    if bytes.len() as u64 > LIMIT {
        let message = format!("the file is larger than {LIMIT} bytes");
        return Err(Error::model(message).with_context("file", file()));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
