//! Splits text into words, normalized to the lexicon's spelling, and punctuation.

/// A word or a separator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    /// A comma, colon or parenthesis.
    Comma,
    /// The end of a sentence, a semicolon or a newline.
    Stop,
}

/// Words are truncated to this many characters; those of the lexicon are shorter.
const MAX_WORD_CHARS: usize = 40;

/// Splits a text into tokens, lazily so that a long text is not copied.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token> + '_ {
    let mut chars = text.chars().peekable();
    std::iter::from_fn(move || {
        while let Some(c) = chars.next() {
            if c.is_alphanumeric() || c == '&' {
                let mut word = String::new();
                let mut length = 0;
                push(&mut word, c);
                while let Some(&next) = chars.peek() {
                    if !next.is_alphanumeric() {
                        break;
                    }
                    length += 1;
                    if length < MAX_WORD_CHARS {
                        push(&mut word, next);
                    }
                    chars.next();
                }
                return Some(Token::Word(word));
            }
            match c {
                ',' | ':' | '(' | ')' => return Some(Token::Comma),
                '.' | ';' | '!' | '?' | '\n' | '…' => return Some(Token::Stop),
                _ => {}
            }
        }
        None
    })
}

fn push(word: &mut String, c: char) {
    for lower in c.to_lowercase() {
        word.push(if lower == 'ё' { 'е' } else { lower });
    }
}
