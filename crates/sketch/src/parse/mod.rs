//! From free wording, in English or Russian, to a typed scene.
//!
//! The reader knows words in all their forms and how they belong together: what stands before a
//! noun describes it, "in" before a hat puts it on, before a forest sets the scene, before a boat
//! places a thing. What it does not know it names.

mod reader;
mod state;
mod token;

use std::collections::VecDeque;

use crate::scene::Scene;
use crate::words::lexicon::{LONGEST, Lexicon};
use crate::words::meaning::Meaning;
use reader::Reader;
use token::{Token, tokens};

/// The most words that [`Understood`] lists as unknown or left out; a text may hold more.
pub const MAX_LISTED: usize = 24;

/// What a text was understood to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    /// What is drawn.
    pub scene: Scene,
    /// Words that name something of which the world knows nothing, in the text's order, each once,
    /// at most [`MAX_LISTED`].
    pub unknown: Vec<String>,
    /// Known words that found no place: a seventh subject, a second hat, glasses on a house, a
    /// relation that contradicts an earlier one; at most [`MAX_LISTED`].
    pub left_out: Vec<String>,
}

/// Nothing in a text names anything that can be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing in the prompt names a thing or a setting that the sketch world knows")]
pub struct NothingKnown {
    /// The words it knows nothing of, at most [`MAX_LISTED`].
    pub unknown: Vec<String>,
}

/// Understands a text. Any text at all is safe, and takes time in proportion to its length.
///
/// # Errors
/// [`NothingKnown`], where the text names neither a thing nor a setting.
///
/// ```
/// let text = "two small yellow birds above a blue house at night";
/// let understood = fluxhop_sketch::parse(text)?;
/// assert_eq!(understood.scene.subjects[0].count, 2);
/// assert!(understood.unknown.is_empty());
/// # Ok::<(), fluxhop_sketch::NothingKnown>(())
/// ```
pub fn parse(text: &str) -> Result<Understood, NothingKnown> {
    let lexicon = Lexicon::get();
    let mut reader = Reader::default();
    let mut source = tokens(text);
    let mut window: VecDeque<Token> = source.by_ref().take(LONGEST).collect();
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
                if let Some((meaning, words)) = longest(lexicon, &window, &mut phrase) {
                    longest_phrase(&window, words, &mut phrase);
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

/// The meaning of the longest known phrase at the front, and its length in words.
fn longest(
    lexicon: &Lexicon,
    window: &VecDeque<Token>,
    phrase: &mut String,
) -> Option<(Meaning, usize)> {
    let words = window
        .iter()
        .take_while(|t| matches!(t, Token::Word(_)))
        .count();
    (1..=words).rev().find_map(|n| {
        longest_phrase(window, n, phrase);
        lexicon.meaning(phrase).map(|meaning| (meaning, n))
    })
}

fn longest_phrase(window: &VecDeque<Token>, words: usize, phrase: &mut String) {
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
