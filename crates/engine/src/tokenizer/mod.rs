//! The tokenizers of FLUX's two text encoders.
//!
//! A folder has `tokenizer.json`, or what that was made from: `spiece.model` (T5), `vocab.json` and
//! `merges.txt` (CLIP). From either we take the vocabulary, the scores or merges, T5's table of
//! normalisation and the added tokens; the rest of a tokenizer is the encoder's own and the same
//! for both, as it is in transformers 5. So the ids do not depend on which files a folder has, and
//! no file can ask for a step that we do not know.

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

/// The files that a tokenizer is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenizerFiles {
    /// `tokenizer.json`, of the tokenizers library.
    Json(PathBuf),
    /// `spiece.model`, of SentencePiece; T5's alone.
    SentencePiece(PathBuf),
    /// `vocab.json` and `merges.txt`; CLIP's alone.
    VocabAndMerges {
        /// Token to number.
        vocab: PathBuf,
        /// A pair of tokens a line, the first to be joined first.
        merges: PathBuf,
    },
}

/// A prompt as an encoder takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tokens {
    /// As many as were asked for: the text's tokens, the end, padding.
    pub ids: Vec<u32>,
    /// The text that did not fit and was left out.
    pub truncated: Option<String>,
}

/// Text to token ids, as transformers' `T5Tokenizer` or `CLIPTokenizer` makes them.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    start: Option<u32>,
    end: u32,
    pad: u32,
}

impl Tokenizer {
    /// T5's: `</s>` ends the text, `<pad>` fills it up.
    pub fn t5(files: &TokenizerFiles) -> Result<Self> {
        let inner = t5::open(files)?;
        Ok(Self {
            start: None,
            end: special(&inner, "</s>")?,
            pad: special(&inner, "<pad>")?,
            inner,
        })
    }

    /// CLIP's: `<|startoftext|>` and `<|endoftext|>` enclose the text, and the latter fills it up.
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

    /// The tokens of `text`, cut or padded to `length`; the end is there in any case.
    pub fn encode(&self, text: &str, length: usize) -> Result<Tokens> {
        let around = 1 + usize::from(self.start.is_some());
        let Some(room) = length.checked_sub(around) else {
            let message = format!("{length} tokens do not hold the {around} that enclose a text");
            return Err(Error::invalid("max_sequence_length", message));
        };
        let encoding = self.inner.encode(text, false).map_err(|error| {
            Error::invalid("prompt", format!("it cannot be cut into tokens: {error}"))
        })?;
        let tokens = encoding.get_ids();
        let truncated = encoding.get_offsets().get(room).map(|&(start, _)| {
            let start = text.floor_char_boundary(start);
            text[start..].trim().to_owned()
        });
        let kept = &tokens[..tokens.len().min(room)];
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

/// What the tokenizers library says is wrong with the parts of a tokenizer.
fn unusable(error: impl std::fmt::Display) -> Error {
    Error::model(format!("the tokenizer cannot be made: {error}"))
}

/// A tokenizer of the other encoder's kind.
fn not_of(encoder: &str, expected: &str) -> Error {
    Error::model(format!("{encoder}'s tokenizer is read from {expected}"))
}

/// A whole file, of a size that a tokenizer may have.
fn read(path: &Path) -> Result<Vec<u8>> {
    const MOST: u64 = 256 << 20;
    let mut bytes = Vec::new();
    let at = || path.display().to_string();
    File::open(path)
        .and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes))
        .map_err(|error| {
            Error::model("the file cannot be read")
                .with_context("file", at())
                .with_source(error)
        })?;
    if bytes.len() as u64 > MOST {
        let message = format!("no tokenizer is longer than {MOST} bytes");
        return Err(Error::model(message).with_context("file", at()));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
