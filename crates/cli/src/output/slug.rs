//! Slugs: prompts as part of file names.

/// The maximum length of a slug, in bytes.
const MAX_LENGTH: usize = 80;

/// Lowercase words joined by hyphens, truncated at a word boundary.
///
/// Keeps the letters and digits of every script; drops characters that are special to file systems,
/// shells or terminals. Different prompts can have the same slug.
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
        if slug.len() + 1 + word.len() > MAX_LENGTH && !slug.is_empty() {
            return slug;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(truncate(&word, MAX_LENGTH));
        word.clear();
    }
    if slug.is_empty() {
        "picture".to_owned()
    } else {
        slug
    }
}

/// Truncates to at most `max` bytes, at a character boundary.
pub(super) fn truncate(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Combining marks: accents of decomposed text, and the signs of Indic scripts that are not letters.
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
    fn long_prompts_are_truncated_between_words_and_long_words_between_characters() {
        let words = slug(&"word ".repeat(50));
        assert!(
            words.len() <= MAX_LENGTH && words.ends_with("-word"),
            "{words}"
        );
        let long = slug(&"ß".repeat(1000));
        assert_eq!(long.len(), MAX_LENGTH);
        assert_eq!(slug(&"猫".repeat(1000)).len(), MAX_LENGTH - MAX_LENGTH % 3);
    }
}
