//! Converts messages that may contain HTML to plain text.

/// Converts `html` to text: removes tags, decodes common entities and collapses white space.
///
/// Error messages of Spaces contain links (`You have exceeded your GPU quota … <a href=…>…</a>`). A
/// `<` that does not open a tag is kept, so text that is not HTML is unchanged.
///
/// ```
/// let html = "GPU quota exceeded &amp; gone.<br> <a href='x'>Subscribe</a> if 1 < 2";
/// assert_eq!(fluxhop_gradio::plain_text(html), "GPU quota exceeded & gone. Subscribe if 1 < 2");
/// ```
pub fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(index) = rest.find(['<', '&']) {
        text.push_str(&rest[..index]);
        rest = &rest[index..];
        if let Some(after) = after_tag(rest) {
            text.push(' ');
            rest = after;
        } else if let Some((character, after)) = entity(rest) {
            text.push(character);
            rest = after;
        } else {
            text.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text after the tag at the start of `text`. A tag cannot contain another `<`, so no text is
/// scanned twice.
fn after_tag(text: &str) -> Option<&str> {
    let next = text.strip_prefix('<')?.chars().next()?;
    if !(next.is_ascii_alphabetic() || next == '/' || next == '!') {
        return None;
    }
    let end = 1 + text[1..].find(['<', '>'])?;
    text[end..].strip_prefix('>')
}

fn entity(text: &str) -> Option<(char, &str)> {
    const NAMED: [(&str, char); 7] = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&#39;", '\''),
        ("&#x27;", '\''),
        ("&nbsp;", ' '),
    ];
    NAMED
        .iter()
        .find_map(|(name, character)| Some((*character, text.strip_prefix(name)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_error_keeps_its_text_and_loses_its_link() {
        let html = "You have exceeded your GPU quota (60s requested vs. 56s left). \
            <a style=\"white-space: nowrap\" href=\"https://example.org/join\">Create a free account</a> \
            to get more, or retry in 0:09:48";
        assert_eq!(
            plain_text(html),
            "You have exceeded your GPU quota (60s requested vs. 56s left). \
             Create a free account to get more, or retry in 0:09:48"
        );
    }

    #[test]
    fn text_that_is_not_html_is_unchanged() {
        for text in [
            "a < b & c",
            "5 <6",
            "ünï & cödé",
            "<",
            "&",
            "&amp",
            "a <",
            "<3",
        ] {
            assert_eq!(plain_text(text), text);
        }
    }

    #[test]
    fn many_open_brackets_take_linear_time() {
        let text = "<a".repeat(1 << 20);
        assert_eq!(plain_text(&text).len(), text.len());
    }
}
