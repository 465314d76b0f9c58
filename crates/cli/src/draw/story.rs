//! Target drew, and why those that were asked before did not.

use fluxhop::Error;

/// What happened on the way to a picture, for one line at its end.
#[derive(Debug, Default)]
pub(crate) struct Story {
    passed: Vec<String>,
}

impl Story {
    /// Takes a provider that was asked for and does not draw.
    pub(crate) fn passed_over(&mut self, provider: &str, error: &Error) {
        self.passed.push(format!("{provider}: {error}"));
    }

    /// The line for a picture that `provider` drew; none where it says nothing new.
    ///
    /// It is told once: a second picture of the same request has nothing to add.
    pub(crate) fn line(&mut self, provider: &str, always: bool) -> Option<String> {
        if self.passed.is_empty() {
            return always.then(|| format!("drawn by {provider}"));
        }
        let reasons = std::mem::take(&mut self.passed).join("; ");
        Some(format!("drawn by {provider}, because {reasons}"))
    }
}

#[cfg(test)]
mod tests {
    use fluxhop::ErrorKind;

    use super::*;

    #[test]
    fn the_reasons_of_those_passed_over_stand_in_one_line() {
        let mut story = Story::default();
        story.passed_over("one", &Error::new(ErrorKind::Unavailable, "asleep"));
        story.passed_over("three", &Error::new(ErrorKind::QueueFull, ""));
        assert_eq!(
            story.line("two", true).as_deref(),
            Some("drawn by two, because one: unavailable: asleep; three: queue full")
        );
    }

    #[test]
    fn a_first_choice_that_drew_is_told_only_where_nobody_chose_it() {
        assert_eq!(Story::default().line("one", false), None);
        assert_eq!(
            Story::default().line("one", true).as_deref(),
            Some("drawn by one")
        );
    }
}
