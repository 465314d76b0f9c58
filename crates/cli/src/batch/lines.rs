//! The lines of a batch file: each a prompt or a JSON object.

use std::io::{BufRead, Read};
use std::path::PathBuf;

use fluxhop::{Error, Request, Result};
use serde::Deserialize;

/// The maximum length of a line in bytes: a prompt of maximum length, escaped as JSON, and the other
/// fields.
const MAX_LINE: u64 = 8 << 20;
/// The maximum number of invalid lines listed in the error.
const MAX_REPORTED: usize = 10;

/// A line with a prompt.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// The line number, from 1.
    pub(super) number: usize,
    /// The fields of the line.
    pub(super) fields: Fields,
}

/// The fields of a line; absent ones default to the flags.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    pub(super) prompt: String,
    pub(super) negative_prompt: Option<String>,
    pub(super) model: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) width: Option<i64>,
    pub(super) height: Option<i64>,
    pub(super) steps: Option<u32>,
    pub(super) guidance: Option<f64>,
    pub(super) seed: Option<u64>,
    pub(super) count: Option<u32>,
    pub(super) format: Option<String>,
    pub(super) output: Option<PathBuf>,
}

/// Reads all lines and passes each to `check`; fails with an error that lists the invalid lines.
///
/// Blank lines and lines that start with `#` are skipped. `name` is the file name for errors.
pub(super) fn read<T>(
    mut file: impl BufRead,
    name: &str,
    mut check: impl FnMut(Line) -> Result<T>,
) -> Result<Vec<T>> {
    let mut valid = Vec::new();
    let mut invalid = Vec::new();
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let read = (&mut file).take(MAX_LINE).read_until(b'\n', &mut bytes);
        let read = read.map_err(|error| {
            Error::invalid("batch", format!("cannot read {name}")).with_source(error)
        })?;
        if read == 0 {
            break;
        }
        if read as u64 == MAX_LINE {
            // The rest of the file cannot be split into lines.
            invalid.push(format!(
                "{name}:{number}: the line exceeds the limit of {MAX_LINE} bytes"
            ));
            break;
        }
        let checked = match parse(&bytes) {
            Ok(None) => continue,
            Ok(Some(fields)) => check(Line { number, fields }).map_err(|error| error.to_string()),
            Err(message) => Err(message),
        };
        match checked {
            Ok(line) => valid.push(line),
            Err(message) => invalid.push(format!("{name}:{number}: {message}")),
        }
    }
    if invalid.is_empty() {
        return Ok(valid);
    }
    if let [only] = &invalid[..] {
        return Err(Error::invalid(
            "batch",
            format!("{only}; nothing was generated"),
        ));
    }
    let count = match invalid.len() {
        count if count > MAX_REPORTED => {
            format!("{count} invalid lines, the first {MAX_REPORTED} listed")
        }
        count => format!("{count} invalid lines"),
    };
    let causes = invalid
        .into_iter()
        .take(MAX_REPORTED)
        .map(|message| Error::invalid("batch", message));
    let message = format!("{count}; nothing was generated");
    Err(Error::invalid("batch", message).with_causes(causes.collect()))
}

fn parse(line: &[u8]) -> std::result::Result<Option<Fields>, String> {
    let text = str::from_utf8(line).map_err(|_| "the line is not valid UTF-8".to_owned())?;
    // Some Windows editors write a byte order mark.
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() || text.starts_with('#') {
        return Ok(None);
    }
    if !text.starts_with('{') {
        let prompt = text.to_owned();
        return Ok(Some(Fields {
            prompt,
            ..Fields::default()
        }));
    }
    serde_json::from_str(text).map(Some).map_err(|error| {
        // The caller adds the line number in the file; this one is always 1.
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message);
        match error.column() {
            0 => message.to_owned(),
            column => format!("{message} (column {column})"),
        }
    })
}

impl Fields {
    /// Applies the line to the request of the flags; a width or height overrides both sides.
    pub(super) fn apply(self, request: &Request) -> Result<Request> {
        let mut request = request.clone();
        request.prompt = crate::options::check_prompt(self.prompt)?;
        if let Some(model) = self.model {
            request.model = model;
        } else if self.provider.is_some() {
            request.model.clear();
        }
        if self.width.is_some() || self.height.is_some() {
            (request.width, request.height) = (self.width, self.height);
        }
        request.negative_prompt = self.negative_prompt.or(request.negative_prompt);
        request.steps = self.steps.or(request.steps);
        request.guidance = self.guidance.or(request.guidance);
        if let Some(seed) = self.seed {
            request.seed = fluxhop::Seed::Fixed(seed);
        }
        if let Some(format) = self.format {
            request.format = Some(format.parse()?);
        }
        if let Some(count) = self.count {
            if !(1..=10_000).contains(&count) {
                return Err(Error::invalid(
                    "count",
                    format!("{count} is not between 1 and 10000"),
                ));
            }
            request.count = count;
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use fluxhop::Seed;

    use super::*;

    fn lines(text: &str) -> Result<Vec<Line>> {
        read(text.as_bytes(), "prompts.txt", Ok)
    }

    #[test]
    fn blank_lines_and_comments_are_skipped_and_counted() {
        let text = "\u{feff}# birds\r\n\r\nan owl \r\n{\"prompt\": \"#1 crow\", \"seed\": 7}";
        let lines = lines(text).expect("failed to read the lines");
        let read: Vec<_> = lines
            .iter()
            .map(|line| (line.number, &line.fields.prompt[..]))
            .collect();
        assert_eq!(read, [(3, "an owl"), (4, "#1 crow")]);
        assert_eq!(lines[1].fields.seed, Some(7));
    }

    #[test]
    fn an_invalid_line_is_reported_with_its_number_and_error() {
        for (line, expected) in [
            ("{\"promt\": \"x\"}", "unknown field `promt`"),
            ("{\"prompt\": \"x\", \"width\": \"axb\"}", "expected i64"),
            ("{\"prompt\": \"x\"", "EOF while parsing"),
            ("{\"seed\": 1}", "missing field `prompt`"),
            (
                "{\"prompt\": \"x\", \"seed\": 18446744073709551616}",
                "expected u64",
            ),
        ] {
            let error = lines(&format!("good\n{line}\ngood")).expect_err(line);
            let message = error.to_string();
            assert!(
                message.starts_with("invalid batch: prompts.txt:2: "),
                "{message}"
            );
            assert!(message.contains(expected), "{message}");
            assert!(message.ends_with("nothing was generated"), "{message}");
        }
    }

    #[test]
    fn all_invalid_lines_are_reported_at_once() {
        let error = lines("{\n{\nfine\n{").expect_err("accepted invalid lines");
        assert!(error.message().contains("3 invalid lines"), "{error}");
        assert!(
            error.causes()[2].message().starts_with("prompts.txt:4: "),
            "{error:?}"
        );
    }

    #[test]
    fn binary_and_endless_lines_are_rejected() {
        let error = |bytes: &mut dyn BufRead| {
            read(bytes, "x", Ok)
                .expect_err("accepted an invalid line")
                .to_string()
        };
        assert!(error(&mut &b"a\n\xff\n"[..]).contains("x:2: the line is not valid UTF-8"));
        let mut endless = std::io::BufReader::new(std::io::repeat(b'a'));
        assert!(error(&mut endless).contains("x:1: the line exceeds the limit"));
    }

    #[test]
    fn a_line_overrides_the_flags_and_its_size_overrides_both_sides() {
        let flags = Request::new("")
            .with_size(512, 512)
            .with_steps(4)
            .with_model("flux");
        let fields = Fields {
            prompt: "x".into(),
            width: Some(640),
            seed: Some(1),
            ..Fields::default()
        };
        let request = fields.apply(&flags).expect("no request");
        assert_eq!((request.width, request.height), (Some(640), None));
        assert_eq!((request.steps, request.seed), (Some(4), Seed::Fixed(1)));
        assert_eq!(request.model, "flux");
    }

    #[test]
    fn an_invalid_field_is_named_in_the_error() {
        let apply = |fields: Fields| {
            fields
                .apply(&Request::new(""))
                .expect_err("accepted an invalid line")
                .to_string()
        };
        assert!(apply(Fields::default()).starts_with("invalid prompt"));
        let format = Some("gif".to_owned());
        let fields = Fields {
            prompt: "x".into(),
            format,
            ..Fields::default()
        };
        assert!(apply(fields).starts_with("invalid format"));
        let fields = Fields {
            prompt: "x".into(),
            count: Some(0),
            ..Fields::default()
        };
        assert!(apply(fields).starts_with("invalid count"));
    }
}
