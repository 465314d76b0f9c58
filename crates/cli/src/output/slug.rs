//! A prompt as part of a file's name.

/// The most bytes of a slug.
const MOST: usize = 80;

/// Words in lower case with hyphens between them, cut at a word where it is long.
///
/// Letters and digits of every script stay; what a file system, a shell or a terminal could take
/// for something else does not. Different prompts can have the same slug.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    let mut word = String::new();
    for c in text.chars().flat_map(char::to_lowercase).chain([' ']) {
        if c.is_alphanumeric() || (is_mark(c) && !word.is_empty()) {
            word.push(c);
            continue;
        }
        if word.is_empty() {
            continue;
        }
        if slug.len() + 1 + word.len() > MOST && !slug.is_empty() {
            return slug;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(cut(&word, MOST));
        word.clear();
    }
    if slug.is_empty() {
        "picture".to_owned()
    } else {
        slug
    }
}

/// The text up to `most` bytes, cut between characters.
pub(super) fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A mark that combines with the letter before it: the accents of decomposed text, and the signs
/// of Indic scripts that are no letters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_becomes_words_with_hyphens() {
        for (prompt, name) in [
            ("A cat, wearing a hat!", "a-cat-wearing-a-hat"),
            ("Кот в шляпе", "кот-в-шляпе"),
            ("帽子をかぶった猫", "帽子をかぶった猫"),
            ("cafe\u{301} हिन्दी", "cafe\u{301}-हिन्दी"),
            ("../../etc/passwd", "etc-passwd"),
            ("-rf \u{202e}\0\n", "rf"),
            ("🐱!", "picture"),
            ("", "picture"),
        ] {
            assert_eq!(slug(prompt), name);
        }
    }

    #[test]
    fn a_long_prompt_is_cut_at_a_word_and_a_long_word_between_characters() {
        let words = slug(&"word ".repeat(50));
        assert!(words.len() <= MOST && words.ends_with("-word"), "{words}");
        let long = slug(&"ß".repeat(1000));
        assert_eq!(long.len(), MOST);
        assert_eq!(slug(&"猫".repeat(1000)).len(), MOST - MOST % 3);
    }
}
