//! CLIP's tokenizer: byte-pair encoding of lowercase words, whose last token ends with `</w>`.

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

use super::added::{self, NumberedToken};
use super::{TokenizerFiles, build_error, json, read, unsupported_files};
use crate::{Error, Result};

pub(super) const START: &str = "<|startoftext|>";
pub(super) const END: &str = "<|endoftext|>";

/// Matches a word: letters, one digit, other characters, or an English contraction.
const WORDS: &str =
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

/// The limit of token ids, above those of any real vocabulary.
const ID_LIMIT: u32 = 1 << 24;

/// The model of a `tokenizer.json`.
#[derive(Debug, Deserialize)]
struct Model {
    vocab: HashMap<String, u32>,
    merges: Vec<Merge>,
}

/// Two tokens to merge: `["a", "b"]`, or `"a b"` in older files.
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
                    Error::model("invalid vocab.json")
                        .with_context("file", vocab.display().to_string())
                        .with_source(error)
                })?;
            let added = [START, END].map(|token| {
                let id = tokens.get(token).copied();
                id.map(|id| NumberedToken::special(id, token))
            });
            build(tokens, pairs, added.into_iter().flatten().collect())
                .map_err(|error| error.with_context("file", vocab.display().to_string()))
        }
        TokenizerFiles::SentencePiece(_) => Err(unsupported_files(
            "CLIP",
            "tokenizer.json or vocab.json and merges.txt",
        )),
    }
}

fn read_merges(path: &Path) -> Result<Vec<(String, String)>> {
    let text = String::from_utf8(read(path)?)
        .map_err(|error| Error::model("invalid merges.txt").with_source(error))?;
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
            "the merge `{line}` is not two tokens separated by a space"
        ))
    })?;
    Ok((first.to_owned(), second.to_owned()))
}

fn build(
    tokens: HashMap<String, u32>,
    merges: Vec<(String, String)>,
    added: Vec<NumberedToken>,
) -> Result<Tokenizer> {
    if let Some((token, id)) = tokens.iter().find(|&(_, &id)| id >= ID_LIMIT) {
        let message = format!("the token `{token}` has the id {id}, above the limit of {ID_LIMIT}");
        return Err(Error::model(message));
    }
    // The library assumes that every merged token is in the vocabulary.
    for (first, second) in &merges {
        for token in [first, second, &format!("{first}{second}")] {
            if !tokens.contains_key(token) {
                let message = format!(
                    "the merge `{first} {second}` needs the token `{token}`, \
                     which is not in the vocabulary"
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
        .map_err(build_error)?;
    let mut tokenizer = Tokenizer::new(model);
    let spaces =
        Replace::new(ReplacePattern::Regex(r"\s+".to_owned()), " ").map_err(build_error)?;
    let normalizers = Normalizers::new(vec![NFC.into(), spaces.into(), Lowercase.into()]);
    tokenizer
        .with_normalizer(Some(normalizers))
        .map_err(build_error)?;
    let pattern = SplitPattern::Regex(WORDS.to_owned());
    let words = Split::new(pattern, SplitDelimiterBehavior::Removed, true).map_err(build_error)?;
    let bytes = ByteLevel::new(false, true, true);
    let words = Sequence::new(vec![words.into(), bytes.into()]);
    tokenizer.with_pre_tokenizer(Some(words));
    added::add(&mut tokenizer, added)?;
    Ok(tokenizer)
}
