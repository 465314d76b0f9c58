//! Added tokens, which are matched verbatim in the text.

use serde::Deserialize;
use tokenizers::AddedToken;

use super::build_error;
use crate::{Error, Result};

/// An entry of `added_tokens` in `tokenizer.json`: a token and its id.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct NumberedToken {
    pub(super) id: u32,
    #[serde(flatten)]
    pub(super) token: AddedToken,
}

impl NumberedToken {
    /// A special token.
    pub(super) fn special(id: u32, content: impl Into<String>) -> Self {
        Self {
            id,
            token: AddedToken::from(content, true),
        }
    }
}

/// Adds the tokens. Fails if a token does not get its id.
pub(super) fn add(
    tokenizer: &mut tokenizers::Tokenizer,
    mut tokens: Vec<NumberedToken>,
) -> Result<()> {
    // The library assigns ids in this order to tokens that are not in the vocabulary.
    tokens.sort_by_key(|added| added.id);
    let contents = tokens.iter().map(|added| added.token.clone());
    tokenizer.add_tokens(contents).map_err(build_error)?;
    for NumberedToken { id, token } in &tokens {
        let content = &token.content;
        if tokenizer.token_to_id(content) != Some(*id) {
            let message = format!("the added token `{content}` does not have the id {id}");
            return Err(Error::model(message));
        }
    }
    Ok(())
}
