//! The messages on the wire, shared by the client and whoever serves.
//!
//! The shapes are those of Gradio's `server_messages.py`; what is not needed is passed over, and a
//! message of a kind that is not known is [`Message::Other`].

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message of `/queue/data`: the `data:` of one event.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Message {
    /// The place in the queue.
    Estimation {
        /// How many are before this call; 0 is next.
        rank: Option<u64>,
        /// How many wait in all.
        queue_size: Option<u64>,
        /// Seconds until this call is done, by the server's guess.
        rank_eta: Option<f64>,
    },
    /// The function runs.
    ProcessStarts {
        /// Seconds that it will take, by the server's guess.
        eta: Option<f64>,
    },
    /// How far the function is.
    Progress(Vec<ProgressUnit>),
    /// A line from `gr.Info`, `gr.Warning` and the like.
    Log {
        /// The text; may hold HTML.
        log: String,
        /// `info`, `warning`, `success` or `error`.
        level: String,
    },
    /// A generator's value that is not its last.
    ProcessGenerating(Output),
    /// The function's end, good or bad.
    ProcessCompleted(Output),
    /// A sign of life, every 15 seconds by default.
    Heartbeat,
    /// Nothing follows.
    CloseStream,
    /// The server lost the session, or stops.
    UnexpectedError {
        /// The server's message.
        message: String,
    },
    /// The server stops.
    ServerStopped,
    /// A message of another kind.
    Other(String),
}

/// One progress bar.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ProgressUnit {
    /// Units done.
    pub index: Option<f64>,
    /// Units in all.
    pub length: Option<f64>,
    /// What is counted, such as `steps`.
    pub unit: Option<String>,
    /// The share done, from 0 to 1, where units are not counted.
    pub progress: Option<f64>,
    /// What is being done.
    pub desc: Option<String>,
}

/// What a function gave.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Output {
    /// Whether it is a value, and not an error.
    pub success: bool,
    /// The values, one for each output component; absent after a cancel.
    pub data: Option<Vec<Value>>,
    /// The error's text; absent where the app does not show its errors.
    pub error: Option<String>,
    /// Seconds that the function ran.
    pub duration: Option<f64>,
}

/// Every field of every message: one flat struct is read without a look ahead for the tag.
#[derive(Deserialize)]
struct Flat {
    msg: String,
    rank: Option<u64>,
    queue_size: Option<u64>,
    rank_eta: Option<f64>,
    eta: Option<f64>,
    progress_data: Option<Vec<ProgressUnit>>,
    log: Option<String>,
    level: Option<String>,
    output: Option<FlatOutput>,
    success: Option<bool>,
    message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FlatOutput {
    data: Option<Value>,
    error: Option<Value>,
    duration: Option<f64>,
}

impl Message {
    /// Reads the `data:` of one event of `/queue/data`.
    pub fn parse(data: &str) -> Result<Self, serde_json::Error> {
        let flat: Flat = serde_json::from_str(data)?;
        let output = |flat: Flat| Output::new(flat.success, flat.output.unwrap_or_default());
        Ok(match flat.msg.as_str() {
            "estimation" => Self::Estimation {
                rank: flat.rank,
                queue_size: flat.queue_size,
                rank_eta: flat.rank_eta,
            },
            "process_starts" => Self::ProcessStarts { eta: flat.eta },
            "progress" => Self::Progress(flat.progress_data.unwrap_or_default()),
            "log" => Self::Log {
                log: flat.log.unwrap_or_default(),
                level: flat.level.unwrap_or_default(),
            },
            "process_generating" | "process_streaming" => Self::ProcessGenerating(output(flat)),
            "process_completed" => Self::ProcessCompleted(output(flat)),
            "heartbeat" => Self::Heartbeat,
            "close_stream" => Self::CloseStream,
            "unexpected_error" => Self::UnexpectedError {
                message: flat.message.unwrap_or_default(),
            },
            "server_stopped" => Self::ServerStopped,
            _ => Self::Other(flat.msg),
        })
    }

    /// Reads one event of `/call/{name}/{event_id}`, which has a name and bare values.
    pub fn parse_call_event(event: &str, data: &str) -> Result<Self, serde_json::Error> {
        let values = |success| -> Result<Output, serde_json::Error> {
            let data = serde_json::from_str(data)?;
            Ok(Output::new(
                Some(success),
                FlatOutput {
                    data: Some(data),
                    ..FlatOutput::default()
                },
            ))
        };
        Ok(match event {
            "generating" => Self::ProcessGenerating(values(true)?),
            "complete" => Self::ProcessCompleted(values(true)?),
            "error" => {
                let error: Value = serde_json::from_str(data)?;
                // Before 6.13 every error is `null`; since then an object with `error` in it; the
                // server's own errors ("404: Session not found.") are a bare string.
                let error = error.get("error").cloned().unwrap_or(error);
                if let Some(message) = error.as_str().filter(|text| is_lost_session(text)) {
                    return Ok(Self::UnexpectedError {
                        message: message.to_owned(),
                    });
                }
                let error = FlatOutput {
                    error: Some(error),
                    ..FlatOutput::default()
                };
                Self::ProcessCompleted(Output::new(Some(false), error))
            }
            "heartbeat" => Self::Heartbeat,
            other => Self::Other(other.to_owned()),
        })
    }
}

/// The words in which `/call` says that it does not know an event (any more), or stops.
fn is_lost_session(text: &str) -> bool {
    text.starts_with("404: ") || text == "Server stopped unexpectedly."
}

impl Output {
    fn new(success: Option<bool>, flat: FlatOutput) -> Self {
        let data = match flat.data {
            Some(Value::Array(values)) => Some(values),
            Some(Value::Null) | None => None,
            Some(single) => Some(vec![single]),
        };
        let error = match flat.error {
            Some(Value::String(text)) => Some(unquoted(&text).to_owned()),
            Some(Value::Null) | None => None,
            Some(other) => Some(other.to_string()),
        };
        Self {
            success: success.unwrap_or(error.is_none()),
            data,
            error,
            duration: flat.duration,
        }
    }
}

/// Gradio 4 sends the `repr` of an error's text, `"'msg'"`.
fn unquoted(text: &str) -> &str {
    let inner = |quote| {
        text.strip_prefix(quote)
            .and_then(|text| text.strip_suffix(quote))
    };
    inner('\'').or_else(|| inner('"')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_gradio_4_loses_its_quotes() {
        let data =
            r#"{"msg":"process_completed","output":{"error":"'out of memory'"},"success":false}"#;
        let Message::ProcessCompleted(output) = Message::parse(data).expect("a message") else {
            panic!("not completed");
        };
        assert!(!output.success);
        assert_eq!(output.error.as_deref(), Some("out of memory"));
    }

    #[test]
    fn a_progress_without_an_index_is_read() {
        let data = r#"{"msg":"progress","progress_data":[{"index":null,"length":null,"unit":"steps","progress":0.5,"desc":null}],"event_id":"x"}"#;
        let Message::Progress(units) = Message::parse(data).expect("a message") else {
            panic!("no progress");
        };
        assert_eq!(units[0].progress, Some(0.5));
    }

    #[test]
    fn a_cancelled_call_completes_without_data() {
        let data = r#"{"msg":"process_completed","output":{},"success":true}"#;
        let Message::ProcessCompleted(output) = Message::parse(data).expect("a message") else {
            panic!("not completed");
        };
        assert!(output.success);
        assert_eq!(output.data, None);
    }

    #[test]
    fn errors_of_call_are_read_in_all_their_forms() {
        let error = |data| match Message::parse_call_event("error", data).expect("a message") {
            Message::ProcessCompleted(output) => {
                assert!(!output.success);
                output.error
            }
            Message::UnexpectedError { message } => Some(format!("lost {message}")),
            other => panic!("{other:?}"),
        };
        assert_eq!(error("null"), None);
        assert_eq!(
            error(r#"{"error":"busy","duration":10}"#).as_deref(),
            Some("busy")
        );
        assert_eq!(error(r#"{"error":null}"#), None);
        assert_eq!(
            error(r#""404: Session not found.""#).as_deref(),
            Some("lost 404: Session not found.")
        );
    }

    #[test]
    fn an_unknown_message_is_kept_by_name() {
        let message = Message::parse(r#"{"msg":"brand_new","x":[1]}"#).expect("a message");
        assert_eq!(message, Message::Other("brand_new".to_owned()));
        assert!(Message::parse("<html>").is_err());
        assert!(Message::parse("[]").is_err());
    }
}
