//! The backdrop, the time of day and the weather.

use super::Reader;
use crate::parse::state::{Modifiers, PendingRelation};
use crate::scene::{Backdrop, Place, Time, Weather};

impl Reader {
    pub(super) fn backdrop(&mut self, backdrop: Backdrop, word: &str) {
        if self.specified.backdrop && self.scene.setting.backdrop != backdrop {
            match backdrop {
                Backdrop::Snow => self.scene.setting.weather = Weather::Snow,
                _ => self.ignore(word),
            }
        } else {
            self.scene.setting.backdrop = backdrop;
        }
        self.specified.backdrop = true;
        self.end_setting();
    }

    /// "in the snow" is a backdrop unless there is one already; "snow" alone is weather.
    pub(super) fn snow(&mut self, word: &str) {
        let after_in = self
            .pending
            .is_some_and(|pending| matches!(pending.place, Place::In | Place::On));
        if after_in && !self.specified.backdrop {
            self.backdrop(Backdrop::Snow, word);
        } else {
            self.weather(Weather::Snow);
        }
    }

    /// The sky is a backdrop unless there is one already, or another relation refers to it.
    pub(super) fn sky(&mut self, word: &str) {
        let not_inside = self
            .pending
            .is_some_and(|pending| !matches!(pending.place, Place::In | Place::On));
        if self.specified.backdrop || not_inside {
            self.end_setting();
        } else {
            self.backdrop(Backdrop::Sky, word);
        }
    }

    /// A later "day" does not replace another time.
    pub(super) fn time(&mut self, time: Time) {
        if !self.specified.time || time != Time::Day {
            self.scene.setting.time = time;
        }
        self.specified.time = true;
        self.end_setting();
    }

    pub(super) fn weather(&mut self, weather: Weather) {
        self.scene.setting.weather = weather;
        self.specified.weather = true;
        self.end_setting();
    }

    /// Drops the modifiers and the relation before a word of the setting.
    fn end_setting(&mut self) {
        self.split_between();
        self.modifiers = Modifiers::default();
        if let Some(PendingRelation { subject: None, .. }) = self.pending.take() {
            self.clause_start = true;
        }
    }
}
