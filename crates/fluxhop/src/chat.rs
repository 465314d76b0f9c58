//! The prompt in a chat: what the user said last.

/// One message of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// Who said it.
    pub role: Role,
    /// Its text parts, in order; other parts (pictures, tool calls) are left out by the caller.
    pub texts: Vec<String>,
}

/// Who said a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
    /// The instructions.
    System,
    /// Anyone else.
    Other(String),
}

impl Message {
    /// A message of one text part.
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            texts: vec![text.into()],
        }
    }

    /// A message of the user's.
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

/// The last contiguous block of user messages: their text parts, stripped, joined by newlines.
///
/// Messages after that block are passed over; empty parts are left out. A chat in which the user
/// said nothing gives an empty prompt, which every provider refuses.
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
    fn messages_after_the_last_user_block_are_passed_over() {
        let chat = [
            Message::user("a cat"),
            Message::new(Role::Assistant, "drawing"),
        ];
        assert_eq!(prompt_of(&chat), "a cat");
    }

    #[test]
    fn a_chat_without_a_user_has_no_prompt() {
        assert_eq!(prompt_of(&[]), "");
        assert_eq!(prompt_of(&[Message::new(Role::System, "be brief")]), "");
    }

    #[test]
    fn text_parts_of_one_message_are_joined_and_empty_ones_left_out() {
        let chat = [Message::user("a cat").with_text("  ").with_text("in a hat")];
        assert_eq!(prompt_of(&chat), "a cat\nin a hat");
    }
}
