//! T5's tokenizer: a unigram model over words that start with `▁`.

use serde::Deserialize;
use tokenizers::models::unigram::Unigram;
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::whitespace::WhitespaceSplit;
use tokenizers::{AddedToken, Tokenizer};

use super::added::{self, NumberedToken};
use super::sentencepiece::{self, Kind};
use super::{TokenizerFiles, build_error, charsmap, json, read, unsupported_files};
use crate::{Error, Result};

/// The number of sentinels (`<extra_id_0>`, …), which follow the pieces of a SentencePiece model.
const SENTINELS: u32 = 100;

struct Parts {
    /// Each piece with its log probability.
    pieces: Vec<(String, f64)>,
    unknown: usize,
    /// The normalisation table; empty if there is none.
    charsmap: Vec<u8>,
    added: Vec<NumberedToken>,
}

pub(super) fn open(files: &TokenizerFiles) -> Result<Tokenizer> {
    match files {
        TokenizerFiles::Json(path) => {
            let file: json::TokenizerJson<Model> = json::open(path, "Unigram")?;
            build(Parts {
                charsmap: file.charsmap()?.unwrap_or_default(),
                pieces: file.model.vocab,
                unknown: file.model.unk_id,
                added: file.added_tokens,
            })
            .map_err(|error| error.with_context("file", path.display().to_string()))
        }
        TokenizerFiles::SentencePiece(path) => sentencepiece::parse(&read(path)?)
            .and_then(with_sentinels)
            .and_then(build)
            .map_err(|error| error.with_context("file", path.display().to_string())),
        TokenizerFiles::VocabAndMerges { .. } => {
            Err(unsupported_files("T5", "tokenizer.json or spiece.model"))
        }
    }
}

/// The model of a `tokenizer.json`.
#[derive(Debug, Deserialize)]
struct Model {
    vocab: Vec<(String, f64)>,
    #[serde(default = "default_unknown_id")]
    unk_id: usize,
}

/// The id of `<unk>` in T5's vocabulary.
fn default_unknown_id() -> usize {
    2
}

fn with_sentinels(model: sentencepiece::Model) -> Result<Parts> {
    let unknown = model
        .pieces
        .iter()
        .position(|piece| piece.kind == Kind::Unknown);
    let unknown = unknown
        .ok_or_else(|| Error::model("the SentencePiece model has no piece of the type UNKNOWN"))?;
    let mut added = Vec::new();
    for (id, piece) in (0..).zip(&model.pieces) {
        // A user-defined piece is also matched verbatim, but is not special.
        let special = piece.kind != Kind::UserDefined;
        if piece.kind != Kind::Normal && piece.kind != Kind::Other {
            let token = AddedToken::from(piece.text.as_str(), special).normalized(false);
            added.push(NumberedToken { id, token });
        }
    }
    let pieces = model.pieces.into_iter();
    let mut pieces: Vec<_> = pieces
        .map(|piece| (piece.text, f64::from(piece.score)))
        .collect();
    for number in (0..SENTINELS).rev() {
        let sentinel = format!("<extra_id_{number}>");
        added.push(NumberedToken::special(
            pieces.len() as u32,
            sentinel.clone(),
        ));
        pieces.push((sentinel, 0.0));
    }
    Ok(Parts {
        pieces,
        unknown,
        charsmap: model.charsmap,
        added,
    })
}

fn build(parts: Parts) -> Result<Tokenizer> {
    let model = Unigram::from(parts.pieces, Some(parts.unknown), false).map_err(build_error)?;
    let mut tokenizer = Tokenizer::new(model);
    if !parts.charsmap.is_empty() {
        let normalizer = charsmap::normalizer(&parts.charsmap)?;
        tokenizer
            .with_normalizer(Some(normalizer))
            .map_err(build_error)?;
    }
    let words = Metaspace::new('▁', PrependScheme::Always, true);
    let words = Sequence::new(vec![WhitespaceSplit.into(), words.into()]);
    tokenizer.with_pre_tokenizer(Some(words));
    added::add(&mut tokenizer, parts.added)?;
    Ok(tokenizer)
}
