//! CLIP's tokenizer: byte-pair encoding of lower-cased words, whose last part ends with `</w>`.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use tokenizers::Tokenizer;
use tokenizers::models::bpe::{BpeBuilder, Vocab};
use tokenizers::normalizers::replace::ReplacePattern;
use tokenizers::normalizers::{Lowercase, NFC, Replace, Sequence as Normalizers};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::tokenizer::SplitDelimiterBehavior;

use super::added::{self, Added};
use super::{TokenizerFiles, json, not_of, read, unusable};
use crate::{Error, Result};

pub(super) const START: &str = "<|startoftext|>";
pub(super) const END: &str = "<|endoftext|>";

/// What is a word: letters, a digit, signs, or an English ending after an apostrophe.
const WORDS: &str =
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

/// More tokens than any vocabulary has.
const MOST_TOKENS: u32 = 1 << 24;

/// The model of a `tokenizer.json`.
#[derive(Debug, Deserialize)]
struct Model {
    vocab: HashMap<String, u32>,
    merges: Vec<Merge>,
}

/// Two tokens to be joined: `["a", "b"]`, or in older files `"a b"`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Merge {
    Pair(String, String),
    Line(String),
}

impl Merge {
    fn into_pair(self) -> Result<(String, String)> {
        match self {
            Self::Pair(first, second) => Ok((first, second)),
            Self::Line(line) => pair(&line),
        }
    }
}

pub(super) fn open(files: &TokenizerFiles) -> Result<Tokenizer> {
    match files {
        TokenizerFiles::Json(path) => {
            let file: json::TokenizerJson<Model> = json::open(path, "BPE")?;
            let merges = file.model.merges.into_iter().map(Merge::into_pair);
            merges
                .collect::<Result<_>>()
                .and_then(|merges| build(file.model.vocab, merges, file.added_tokens))
                .map_err(|error| error.with_context("file", path.display().to_string()))
        }
        TokenizerFiles::VocabAndMerges { vocab, merges } => {
            let pairs = read_merges(merges)
                .map_err(|error| error.with_context("file", merges.display().to_string()))?;
            let tokens: HashMap<String, u32> =
                serde_json::from_slice(&read(vocab)?).map_err(|error| {
                    Error::model("this is no vocab.json")
                        .with_context("file", vocab.display().to_string())
                        .with_source(error)
                })?;
            let added = [START, END].map(|token| {
                let id = tokens.get(token).copied();
                id.map(|id| Added::special(id, token))
            });
            build(tokens, pairs, added.into_iter().flatten().collect())
                .map_err(|error| error.with_context("file", vocab.display().to_string()))
        }
        TokenizerFiles::SentencePiece(_) => Err(not_of(
            "CLIP",
            "tokenizer.json or vocab.json and merges.txt",
        )),
    }
}

fn read_merges(path: &Path) -> Result<Vec<(String, String)>> {
    let text = String::from_utf8(read(path)?)
        .map_err(|error| Error::model("this is no merges.txt").with_source(error))?;
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with("#version"))
        .map(pair)
        .collect()
}

fn pair(line: &str) -> Result<(String, String)> {
    let pair = line
        .split_once(' ')
        .filter(|(_, second)| !second.contains(' '));
    let (first, second) = pair.ok_or_else(|| {
        Error::model(format!(
            "the merge `{line}` is not two tokens with a space between"
        ))
    })?;
    Ok((first.to_owned(), second.to_owned()))
}

fn build(
    tokens: HashMap<String, u32>,
    merges: Vec<(String, String)>,
    added: Vec<Added>,
) -> Result<Tokenizer> {
    if let Some((token, id)) = tokens.iter().find(|&(_, &id)| id >= MOST_TOKENS) {
        let message = format!("the token `{token}` has the number {id}, beyond {MOST_TOKENS}");
        return Err(Error::model(message));
    }
    // The library takes it for granted that no joined token is longer than the vocabulary's.
    for (first, second) in &merges {
        for token in [first, second, &format!("{first}{second}")] {
            if !tokens.contains_key(token) {
                let message = format!(
                    "the merge `{first} {second}` needs the token `{token}`, \
                     which the vocabulary lacks"
                );
                return Err(Error::model(message));
            }
        }
    }
    let tokens: Vocab = tokens.into_iter().collect();
    let model = BpeBuilder::new()
        .vocab_and_merges(tokens, merges)
        .unk_token(END.to_owned())
        .end_of_word_suffix("</w>".to_owned())
        .build()
        .map_err(unusable)?;
    let mut tokenizer = Tokenizer::new(model);
    let spaces = Replace::new(ReplacePattern::Regex(r"\s+".to_owned()), " ").map_err(unusable)?;
    let normalizers = Normalizers::new(vec![NFC.into(), spaces.into(), Lowercase.into()]);
    tokenizer
        .with_normalizer(Some(normalizers))
        .map_err(unusable)?;
    let pattern = SplitPattern::Regex(WORDS.to_owned());
    let words = Split::new(pattern, SplitDelimiterBehavior::Removed, true).map_err(unusable)?;
    let bytes = ByteLevel::new(false, true, true);
    let words = Sequence::new(vec![words.into(), bytes.into()]);
    tokenizer.with_pre_tokenizer(Some(words));
    added::add(&mut tokenizer, added)?;
    Ok(tokenizer)
}
