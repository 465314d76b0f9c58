//! The prompt of a chat: the last messages of the user.

/// One message of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// The author.
    pub role: Role,
    /// The text parts, in order. Callers leave out other parts, such as pictures and tool calls.
    pub texts: Vec<String>,
}

/// The author of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// The user.
    User,
    /// The model.
    Assistant,
    /// The system prompt.
    System,
    /// Any other role, by its name.
    Other(String),
}

impl Message {
    /// Creates a message with one text part.
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            texts: vec![text.into()],
        }
    }

    /// Creates a user message with one text part.
    pub fn user(text: impl Into<String>) -> Self {
        Self::new(Role::User, text)
    }

    /// Adds a text part.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.texts.push(text.into());
        self
    }
}

/// Returns the text of the last contiguous block of user messages.
///
/// The text parts are trimmed and joined by newlines; empty parts and messages after the block are
/// ignored. Without a user message the prompt is empty, which every provider rejects.
///
/// ```
/// use fluxhop::{Message, Role, prompt_of};
///
/// let chat = [
///     Message::user("a dog"),
///     Message::new(Role::Assistant, "Here it is."),
///     Message::user(" a cat "),
///     Message::user("wearing a hat\n"),
/// ];
/// assert_eq!(prompt_of(&chat), "a cat\nwearing a hat");
/// ```
pub fn prompt_of(messages: &[Message]) -> String {
    let end = messages
        .iter()
        .rposition(|message| message.role == Role::User)
        .map_or(0, |i| i + 1);
    let block = &messages[..end];
    let start = block
        .iter()
        .rposition(|message| message.role != Role::User)
        .map_or(0, |i| i + 1);
    let texts = block[start..].iter().flat_map(|message| &message.texts);
    let parts: Vec<&str> = texts
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
        .collect();
    parts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_after_the_last_user_block_are_ignored() {
        let chat = [
            Message::user("a cat"),
            Message::new(Role::Assistant, "drawing"),
        ];
        assert_eq!(prompt_of(&chat), "a cat");
    }

    #[test]
    fn a_chat_without_user_messages_has_an_empty_prompt() {
        assert_eq!(prompt_of(&[]), "");
        assert_eq!(prompt_of(&[Message::new(Role::System, "be brief")]), "");
    }

    #[test]
    fn text_parts_are_joined_without_empty_ones() {
        let chat = [Message::user("a cat").with_text("  ").with_text("in a hat")];
        assert_eq!(prompt_of(&chat), "a cat\nin a hat");
    }
}
