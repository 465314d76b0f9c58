//! Texts for people: durations, and words from elsewhere made safe for a terminal.

use std::time::Duration;

/// A duration as people say it: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 0 min`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A text in one line without what a terminal would act on: control characters, and those that
/// turn the direction of writing, become spaces.
pub(crate) fn plain(text: &str) -> String {
    let acts = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| if acts(c) { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// The text, cut to `most` characters with an ellipsis where it is longer.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => text
            .chars()
            .take(most.saturating_sub(1))
            .chain(['…'])
            .collect(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        for (seconds, said) in [
            (0.44, "0.4 s"),
            (12.7, "12 s"),
            (185.0, "3 min 5 s"),
            (7230.0, "2 h 0 min"),
        ] {
            assert_eq!(duration(Duration::from_secs_f64(seconds)), said);
        }
    }

    #[test]
    fn a_text_from_elsewhere_cannot_steer_the_terminal() {
        assert_eq!(plain("a\x1b[2Jb\r\nc\u{9b}d\u{202e}"), "a [2Jb  c d");
    }

    #[test]
    fn a_cut_text_ends_in_an_ellipsis_and_is_as_long_as_asked() {
        assert_eq!(shortened("äöüß", 3), "äö…");
        assert_eq!(shortened("äöü", 3), "äöü");
    }
}
