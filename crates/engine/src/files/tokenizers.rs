//! Finds the files of the two tokenizers.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde::Deserialize;

use super::shards::{file_name, files_in};
use crate::{Error, Result, TokenizerFiles};

/// T5's tokenizer, in `tokenizer_2/` or in the model's folder.
pub(super) fn t5(base: &Path) -> Result<TokenizerFiles> {
    let folder = base.join("tokenizer_2");
    let json = folder.join("tokenizer.json");
    if json.is_file() {
        return Ok(TokenizerFiles::Json(json));
    }
    let pieces = [folder.join("spiece.model"), base.join("spiece.model")];
    if let Some(path) = pieces.into_iter().find(|path| path.is_file()) {
        return Ok(TokenizerFiles::SentencePiece(path));
    }
    find_json(base, "Unigram")?.ok_or_else(|| {
        missing(
            base,
            "T5",
            "`tokenizer_2/tokenizer.json` or `tokenizer_2/spiece.model`",
        )
    })
}

/// CLIP's tokenizer, in `tokenizer/` or in the model's folder.
pub(super) fn clip(base: &Path) -> Result<TokenizerFiles> {
    let folder = base.join("tokenizer");
    let json = folder.join("tokenizer.json");
    if json.is_file() {
        return Ok(TokenizerFiles::Json(json));
    }
    for folder in [&folder, base] {
        let (vocab, merges) = (folder.join("vocab.json"), folder.join("merges.txt"));
        if vocab.is_file() && merges.is_file() {
            return Ok(TokenizerFiles::VocabAndMerges { vocab, merges });
        }
    }
    find_json(base, "BPE")?.ok_or_else(|| {
        missing(
            base,
            "CLIP",
            "`tokenizer/tokenizer.json` or `tokenizer/vocab.json` and `merges.txt`",
        )
    })
}

fn missing(base: &Path, encoder: &str, expected: &str) -> Error {
    Error::model(format!(
        "no tokenizer of the {encoder} encoder found; expected {expected}, or the same files in \
         the model's folder"
    ))
    .with_context("folder", base.display().to_string())
}

/// The part of a `tokenizer.json` that identifies its kind.
#[derive(Deserialize)]
struct Json {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "type")]
    kind: String,
}

/// The first file named `…tokenizer.json` in a folder with a model of this kind.
fn find_json(folder: &Path, kind: &str) -> Result<Option<TokenizerFiles>> {
    let matches_kind = |path: &Path| {
        let file = File::open(path).ok();
        let json = file.and_then(|f| serde_json::from_reader::<_, Json>(BufReader::new(f)).ok());
        json.is_some_and(|json| json.model.kind == kind)
    };
    let mut files = files_in(folder)?.into_iter();
    let found =
        files.find(|path| file_name(path).ends_with("tokenizer.json") && matches_kind(path));
    Ok(found.map(TokenizerFiles::Json))
}
