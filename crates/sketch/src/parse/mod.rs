//! Parses a prompt, in English or Russian, into a typed scene.
//!
//! The lexicon maps each form of each known word to a meaning, and the reader combines the meanings.
//! Adjectives describe the noun that follows. The meaning of "in" depends on its object: a hat is
//! worn, a forest becomes the backdrop, and a boat contains the subject. Unknown words are reported.

mod reader;
mod state;
mod token;

use std::collections::VecDeque;

use crate::scene::Scene;
use crate::words::lexicon::{Lexicon, MAX_PHRASE_WORDS};
use crate::words::meaning::Meaning;
use reader::Reader;
use token::{Token, tokens};

/// The maximum length of each list of words in [`ParsedPrompt`]; further words are dropped.
pub const MAX_LISTED: usize = 24;

/// The result of [`parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParsedPrompt {
    /// The scene to draw.
    pub scene: Scene,
    /// Unknown words in text order, without repeats; at most [`MAX_LISTED`].
    pub unknown: Vec<String>,
    /// Known words that could not be used, such as a seventh subject, a second hat, glasses on a
    /// house or a relation that contradicts an earlier one; at most [`MAX_LISTED`].
    pub ignored: Vec<String>,
}

/// The error for a text that names nothing that can be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("no word of the prompt names a thing or setting that can be drawn")]
pub struct NothingRecognized {
    /// The unknown words, or the ignored ones if all words are known; at most [`MAX_LISTED`].
    pub unknown: Vec<String>,
}

/// Parses a text into a scene. Any text is accepted; the time is linear in its length.
///
/// # Errors
/// [`NothingRecognized`] if the text names neither a thing nor a setting.
///
/// ```
/// let text = "two small yellow birds above a blue house at night";
/// let parsed = fluxhop_sketch::parse(text)?;
/// assert_eq!(parsed.scene.subjects[0].count, 2);
/// assert!(parsed.unknown.is_empty());
/// # Ok::<(), fluxhop_sketch::NothingRecognized>(())
/// ```
pub fn parse(text: &str) -> Result<ParsedPrompt, NothingRecognized> {
    let lexicon = Lexicon::get();
    let mut reader = Reader::default();
    let mut source = tokens(text);
    let mut window: VecDeque<Token> = source.by_ref().take(MAX_PHRASE_WORDS).collect();
    let mut phrase = String::new();
    while let Some(front) = window.front() {
        let used = match front {
            Token::Comma => {
                reader.comma();
                1
            }
            Token::Stop => {
                reader.stop();
                1
            }
            Token::Word(word) => {
                if let Some((meaning, words)) = longest_phrase(lexicon, &window, &mut phrase) {
                    join_words(&window, words, &mut phrase);
                    reader.word(meaning, &phrase);
                    words
                } else {
                    reader.unknown(word);
                    1
                }
            }
        };
        window.drain(..used);
        window.extend(source.by_ref().take(used));
    }
    reader.finish()
}

/// The meaning of the longest known phrase at the front of the window, and its length in words.
fn longest_phrase(
    lexicon: &Lexicon,
    window: &VecDeque<Token>,
    phrase: &mut String,
) -> Option<(Meaning, usize)> {
    let words = window
        .iter()
        .take_while(|t| matches!(t, Token::Word(_)))
        .count();
    (1..=words).rev().find_map(|n| {
        join_words(window, n, phrase);
        lexicon.meaning(phrase).map(|meaning| (meaning, n))
    })
}

fn join_words(window: &VecDeque<Token>, words: usize, phrase: &mut String) {
    phrase.clear();
    for token in window.iter().take(words) {
        if let Token::Word(word) = token {
            if !phrase.is_empty() {
                phrase.push(' ');
            }
            phrase.push_str(word);
        }
    }
}
