//! Text for display: durations, and untrusted text made safe for a terminal.

use std::time::Duration;

/// Formats a duration: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 0 min`.
pub(crate) fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Returns the text on one line, with control and bidirectional formatting characters replaced by spaces.
pub(crate) fn sanitized(text: &str) -> String {
    let is_unsafe = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| if is_unsafe(c) { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Truncates the text to at most `max` characters, the last of which is then an ellipsis.
pub(crate) fn truncated(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some(_) => text
            .chars()
            .take(max.saturating_sub(1))
            .chain(['…'])
            .collect(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_readable() {
        for (seconds, expected) in [
            (0.44, "0.4 s"),
            (12.7, "12 s"),
            (185.0, "3 min 5 s"),
            (7230.0, "2 h 0 min"),
        ] {
            assert_eq!(format_duration(Duration::from_secs_f64(seconds)), expected);
        }
    }

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(sanitized("a\x1b[2Jb\r\nc\u{9b}d\u{202e}"), "a [2Jb  c d");
    }

    #[test]
    fn truncated_text_ends_in_an_ellipsis() {
        assert_eq!(truncated("äöüß", 3), "äö…");
        assert_eq!(truncated("äöü", 3), "äöü");
    }
}
