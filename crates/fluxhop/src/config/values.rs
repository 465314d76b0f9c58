//! Serialization of durations, secrets and values with a string form.

use std::time::Duration;

use fluxhop_http::Secret;
use serde::Serializer;

use crate::{Error, Result};

/// Parses a duration such as `90` or `1.5` (seconds), `90s`, `2m` or `1m 30s`.
///
/// Fails if the text is empty or the duration is 0, because a time limit of 0 would reject every
/// request.
///
/// ```
/// use std::time::Duration;
///
/// use fluxhop::config::parse_duration;
///
/// assert_eq!(parse_duration("90")?, Duration::from_secs(90));
/// assert_eq!(parse_duration("1m 30s")?, Duration::from_secs(90));
/// assert!(parse_duration("soon").is_err());
/// # Ok::<(), fluxhop::Error>(())
/// ```
pub fn parse_duration(text: &str) -> Result<Duration> {
    let text = text.trim();
    let duration = match text.parse::<f64>() {
        Ok(seconds) => from_seconds(seconds),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    duration
        .filter(|duration| *duration > Duration::ZERO)
        .ok_or_else(|| Error::invalid("timeout", format!("`{text}` is not {EXPECTED_DURATION}")))
}

const EXPECTED_DURATION: &str = "a duration above 0 such as 90 (seconds), \"90s\" or \"1m 30s\"";

fn from_seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

/// Serializes a secret as `***`.
#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
pub(super) fn hidden<S: Serializer>(
    secret: &Option<Secret>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.collect_str(secret),
        None => serializer.serialize_none(),
    }
}

/// A value that is written as a string, through `Display` and `FromStr`.
pub(super) mod text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de};

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(crate) fn serialize<T: Display, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Some).map_err(de::Error::custom)
    }
}

/// A duration: a number of seconds, or a string with units.
pub(super) mod duration {
    use std::fmt;
    use std::time::Duration;

    use serde::{Deserializer, Serializer, de};

    use super::{EXPECTED_DURATION, from_seconds, parse_duration};

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(&humantime::format_duration(*value)),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D>(deserializer: D) -> Result<Option<Duration>, D::Error>
    where
        D: Deserializer<'de>,
    {
        deserializer.deserialize_any(DurationVisitor).map(Some)
    }

    struct DurationVisitor;

    impl de::Visitor<'_> for DurationVisitor {
        type Value = Duration;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(EXPECTED_DURATION)
        }

        fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Duration, E> {
            u64::try_from(seconds)
                .ok()
                .filter(|seconds| *seconds > 0)
                .map(Duration::from_secs)
                .ok_or_else(|| E::invalid_value(de::Unexpected::Signed(seconds), &self))
        }

        fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Duration, E> {
            from_seconds(seconds)
                .filter(|duration| *duration > Duration::ZERO)
                .ok_or_else(|| E::invalid_value(de::Unexpected::Float(seconds), &self))
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
            parse_duration(text).map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
        }
    }
}
