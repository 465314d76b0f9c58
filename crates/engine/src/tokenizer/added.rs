//! Tokens beside those of the vocabulary's own rules, found in a text as they are written.

use serde::Deserialize;
use tokenizers::AddedToken;

use super::unusable;
use crate::{Error, Result};

/// A token of `tokenizer.json`'s `added_tokens`, whose number is known.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Added {
    pub(super) id: u32,
    #[serde(flatten)]
    pub(super) token: AddedToken,
}

impl Added {
    /// A special token, taken as it is written.
    pub(super) fn special(id: u32, content: impl Into<String>) -> Self {
        Self {
            id,
            token: AddedToken::from(content, true),
        }
    }
}

/// Adds the tokens, and sees to it that they have their numbers.
pub(super) fn add(tokenizer: &mut tokenizers::Tokenizer, mut tokens: Vec<Added>) -> Result<()> {
    // The library numbers those that are not in the vocabulary as they come.
    tokens.sort_by_key(|added| added.id);
    let contents = tokens.iter().map(|added| added.token.clone());
    tokenizer.add_tokens(contents).map_err(unusable)?;
    for Added { id, token } in &tokens {
        let content = &token.content;
        if tokenizer.token_to_id(content) != Some(*id) {
            let message = format!("the added token `{content}` is not token {id}");
            return Err(Error::model(message));
        }
    }
    Ok(())
}
