//! The lines of a batch: a prompt each, or a JSON object with more.

use std::io::{BufRead, Read};
use std::path::PathBuf;

use fluxhop::{Error, Request, Result};
use serde::Deserialize;

/// The most bytes of a line: a prompt of full length, escaped as JSON may, and the rest.
const MOST: u64 = 8 << 20;
/// How many wrong lines are told.
const TOLD: usize = 10;

/// A line that asks for pictures.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    /// Its number in the file, from 1.
    pub(crate) number: usize,
    /// What it says.
    pub(crate) asked: Asked,
}

/// What a line says; whatever it leaves out is as the flags say.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    pub(crate) prompt: String,
    pub(crate) negative_prompt: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) width: Option<i64>,
    pub(crate) height: Option<i64>,
    pub(crate) steps: Option<u32>,
    pub(crate) guidance: Option<f64>,
    pub(crate) seed: Option<u64>,
    pub(crate) count: Option<u32>,
    pub(crate) format: Option<String>,
    pub(crate) output: Option<PathBuf>,
}

/// Reads all lines, and gives each to `check`; the lines, or an error that names the wrong ones.
///
/// Blank lines and those that begin with `#` are passed over. `name` is the file's, for errors.
pub(crate) fn read<T>(
    mut file: impl BufRead,
    name: &str,
    mut check: impl FnMut(Line) -> Result<T>,
) -> Result<Vec<T>> {
    let mut good = Vec::new();
    let mut wrong = Vec::new();
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let got = (&mut file).take(MOST).read_until(b'\n', &mut bytes);
        let got = got.map_err(|error| {
            Error::invalid("batch", format!("{name} cannot be read")).with_source(error)
        })?;
        if got == 0 {
            break;
        }
        if got as u64 == MOST {
            // What follows of it is no line of its own.
            wrong.push(format!(
                "{name}:{number}: the line is above the limit of {MOST} bytes"
            ));
            break;
        }
        let checked = match parse(&bytes) {
            Ok(None) => continue,
            Ok(Some(asked)) => check(Line { number, asked }).map_err(|error| error.to_string()),
            Err(message) => Err(message),
        };
        match checked {
            Ok(line) => good.push(line),
            Err(message) => wrong.push(format!("{name}:{number}: {message}")),
        }
    }
    if wrong.is_empty() {
        return Ok(good);
    }
    let first = wrong.remove(0);
    let more = match wrong.len() {
        0 => String::new(),
        1 => " (and one more line is wrong)".to_owned(),
        more => format!(" (and {more} more lines are wrong)"),
    };
    let message = format!("{first}{more}; nothing is drawn");
    let others = wrong
        .into_iter()
        .take(TOLD)
        .map(|message| Error::invalid("batch", message));
    Err(Error::invalid("batch", message).with_causes(others.collect()))
}

fn parse(line: &[u8]) -> std::result::Result<Option<Asked>, String> {
    let text = str::from_utf8(line).map_err(|_| "the line is no valid UTF-8".to_owned())?;
    // Editors of Windows put a byte order mark at the beginning of a file.
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() || text.starts_with('#') {
        return Ok(None);
    }
    if !text.starts_with('{') {
        let prompt = text.to_owned();
        return Ok(Some(Asked {
            prompt,
            ..Asked::default()
        }));
    }
    serde_json::from_str(text).map(Some).map_err(|error| {
        // The line is known; the column helps within it.
        let told = error.to_string();
        let told = told.split(" at line ").next().unwrap_or(&told);
        match error.column() {
            0 => told.to_owned(),
            column => format!("{told} (column {column})"),
        }
    })
}

impl Asked {
    /// The request of this line, over that of the flags; a size of its own sets the flags' aside.
    pub(crate) fn over(self, request: &Request) -> Result<Request> {
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
    fn blank_lines_and_comments_are_passed_over_and_counted() {
        let text = "\u{feff}# birds\r\n\r\nan owl \r\n{\"prompt\": \"#1 crow\", \"seed\": 7}";
        let lines = lines(text).expect("lines");
        let read: Vec<_> = lines
            .iter()
            .map(|line| (line.number, &line.asked.prompt[..]))
            .collect();
        assert_eq!(read, [(3, "an owl"), (4, "#1 crow")]);
        assert_eq!(lines[1].asked.seed, Some(7));
    }

    #[test]
    fn a_wrong_line_is_named_with_what_is_wrong() {
        for (line, told) in [
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
            assert!(message.contains(told), "{message}");
            assert!(message.ends_with("nothing is drawn"), "{message}");
        }
    }

    #[test]
    fn all_wrong_lines_are_told_at_once() {
        let error = lines("{\n{\nfine\n{").expect_err("three are wrong");
        assert!(
            error.message().contains("(and 2 more lines are wrong)"),
            "{error}"
        );
        assert!(
            error.causes()[1].message().starts_with("prompts.txt:4: "),
            "{error:?}"
        );
    }

    #[test]
    fn a_line_that_is_no_text_or_endless_is_wrong() {
        let read = |bytes: &mut dyn BufRead| read(bytes, "x", Ok).expect_err("wrong").to_string();
        assert!(read(&mut &b"a\n\xff\n"[..]).contains("x:2: the line is no valid UTF-8"));
        let mut endless = std::io::BufReader::new(std::io::repeat(b'a'));
        assert!(read(&mut endless).contains("x:1: the line is above the limit"));
    }

    #[test]
    fn a_line_wins_over_the_flags_and_its_size_is_whole() {
        let flags = Request::new("")
            .with_size(512, 512)
            .with_steps(4)
            .with_model("flux");
        let asked = Asked {
            prompt: "x".into(),
            width: Some(640),
            seed: Some(1),
            ..Asked::default()
        };
        let request = asked.over(&flags).expect("a request");
        assert_eq!((request.width, request.height), (Some(640), None));
        assert_eq!((request.steps, request.seed), (Some(4), Seed::Fixed(1)));
        assert_eq!(request.model, "flux");
    }

    #[test]
    fn an_empty_prompt_or_a_bad_format_is_an_error_of_its_field() {
        let over = |asked: Asked| {
            asked
                .over(&Request::new(""))
                .expect_err("wrong")
                .to_string()
        };
        assert!(over(Asked::default()).starts_with("invalid prompt"));
        let format = Some("gif".to_owned());
        let asked = Asked {
            prompt: "x".into(),
            format,
            ..Asked::default()
        };
        assert!(over(asked).starts_with("invalid format"));
        let asked = Asked {
            prompt: "x".into(),
            count: Some(0),
            ..Asked::default()
        };
        assert!(over(asked).starts_with("invalid count"));
    }
}
