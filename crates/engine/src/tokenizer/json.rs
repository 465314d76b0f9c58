//! Reads `tokenizer.json`.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::added::NumberedToken;
use super::read;
use crate::{Error, Result};

/// The parts of a `tokenizer.json` that are used.
#[derive(Debug, Deserialize)]
pub(super) struct TokenizerJson<M> {
    pub(super) model: M,
    #[serde(default)]
    pub(super) added_tokens: Vec<NumberedToken>,
    #[serde(default)]
    normalizer: Value,
}

/// Reads a file. Fails if its `model.type` is not `kind`.
pub(super) fn open<M: DeserializeOwned>(path: &Path, kind: &str) -> Result<TokenizerJson<M>> {
    let with_file = |error: Error| error.with_context("file", path.display().to_string());
    let invalid = |error: serde_json::Error| {
        with_file(Error::model("invalid tokenizer.json").with_source(error))
    };
    let value: Value = serde_json::from_slice(&read(path)?).map_err(invalid)?;
    // Old files do not have the type.
    let found = value["model"]["type"].as_str().unwrap_or(kind);
    if found != kind {
        let message = format!("the tokenizer's `model.type` is {found}, expected {kind}");
        return Err(with_file(Error::model(message)));
    }
    serde_json::from_value(value).map_err(invalid)
}

impl<M> TokenizerJson<M> {
    /// SentencePiece's normalisation table, if the file contains one.
    pub(super) fn charsmap(&self) -> Result<Option<Vec<u8>>> {
        let normalizers = match self.normalizer["normalizers"].as_array() {
            Some(sequence) => sequence.as_slice(),
            None => std::slice::from_ref(&self.normalizer),
        };
        let table = normalizers
            .iter()
            .find(|normalizer| normalizer["type"] == "Precompiled")
            .and_then(|normalizer| normalizer["precompiled_charsmap"].as_str());
        let Some(table) = table else {
            return Ok(None);
        };
        let bytes = BASE64_STANDARD.decode(table).map_err(|error| {
            Error::model("the tokenizer's `precompiled_charsmap` is not valid base64")
                .with_source(error)
        })?;
        Ok(Some(bytes))
    }
}
