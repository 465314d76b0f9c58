//! Where the tokenizers of the two text encoders lie.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde::Deserialize;

use super::shards::{file_name, files_in};
use crate::{Error, Result, TokenizerFiles};

/// T5's: in `tokenizer_2/`, or in the model's folder.
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
    json_of(base, "Unigram")?.ok_or_else(|| {
        missing(
            base,
            "T5",
            "`tokenizer_2/tokenizer.json`, `tokenizer_2/spiece.model`",
        )
    })
}

/// CLIP's: in `tokenizer/`, or in the model's folder.
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
    json_of(base, "BPE")?.ok_or_else(|| {
        missing(
            base,
            "CLIP",
            "`tokenizer/tokenizer.json`, `tokenizer/vocab.json` with `merges.txt`",
        )
    })
}

fn missing(base: &Path, encoder: &str, places: &str) -> Error {
    Error::model(format!(
        "no tokenizer of the {encoder} encoder was found: {places}, or the same beside the weights"
    ))
    .with_context("folder", base.display().to_string())
}

/// A file of the tokenizers library, as far as it tells which of the two it is.
#[derive(Deserialize)]
struct Json {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "type")]
    kind: String,
}

/// The file `…tokenizer.json` in a folder whose model is of this kind.
fn json_of(folder: &Path, kind: &str) -> Result<Option<TokenizerFiles>> {
    let is_it = |path: &Path| {
        let file = File::open(path).ok();
        let json = file.and_then(|f| serde_json::from_reader::<_, Json>(BufReader::new(f)).ok());
        json.is_some_and(|json| json.model.kind == kind)
    };
    let mut files = files_in(folder)?.into_iter();
    let found = files.find(|path| file_name(path).ends_with("tokenizer.json") && is_it(path));
    Ok(found.map(TokenizerFiles::Json))
}
