//! The protocol's messages, shared by the client and a server.
//!
//! They follow Gradio's `server_messages.py`. Fields that are not needed are ignored, and an unknown
//! message becomes [`Message::Other`].

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message of `/queue/data`: the `data` field of one event.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Message {
    /// The position in the queue.
    Estimation {
        /// The number of calls ahead of this one; 0 means next.
        rank: Option<u64>,
        /// The length of the queue.
        queue_size: Option<u64>,
        /// The server's estimate of the time until this call is done, in seconds.
        rank_eta: Option<f64>,
    },
    /// The function has started.
    ProcessStarts {
        /// The server's estimate of the running time, in seconds.
        eta: Option<f64>,
    },
    /// Progress of the function.
    Progress(Vec<ProgressUnit>),
    /// A line from `gr.Info`, `gr.Warning` and the like.
    Log {
        /// The text; may contain HTML.
        log: String,
        /// `info`, `warning`, `success` or `error`.
        level: String,
    },
    /// An intermediate result of a generator.
    ProcessGenerating(ProcessOutput),
    /// The function has ended, successfully or not.
    ProcessCompleted(ProcessOutput),
    /// A heartbeat, every 15 seconds by default.
    Heartbeat,
    /// The last message.
    CloseStream,
    /// The server lost the session or is shutting down.
    UnexpectedError {
        /// The server's message.
        message: String,
    },
    /// The server is shutting down.
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
    /// Total units.
    pub length: Option<f64>,
    /// The name of the unit, such as `steps`.
    pub unit: Option<String>,
    /// The fraction done, from 0 to 1, if units are not counted.
    pub progress: Option<f64>,
    /// A description of the current work.
    pub desc: Option<String>,
}

/// The output of a function: its values or its error.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ProcessOutput {
    /// Whether the function succeeded.
    pub success: bool,
    /// One value per output component; absent if the call was cancelled.
    pub data: Option<Vec<Value>>,
    /// The error message; absent if the app does not show errors.
    pub error: Option<String>,
    /// The running time, in seconds.
    pub duration: Option<f64>,
}

/// The fields of all messages. A flat struct avoids buffering the message to find its tag.
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
    /// Parses the `data` field of an event of `/queue/data`.
    pub fn parse(data: &str) -> Result<Self, serde_json::Error> {
        let flat: Flat = serde_json::from_str(data)?;
        let output = |flat: Flat| ProcessOutput::new(flat.success, flat.output.unwrap_or_default());
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

    /// Parses an event of `/call/{name}/{event_id}`, which has an event type and bare values.
    pub fn parse_call_event(event: &str, data: &str) -> Result<Self, serde_json::Error> {
        let values = |success| -> Result<ProcessOutput, serde_json::Error> {
            let data = serde_json::from_str(data)?;
            Ok(ProcessOutput::new(
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
                // Gradio before 6.13 sends `null` for every error, later versions an object with an
                // `error` field. The server's own errors ("404: Session not found.") are strings.
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
                Self::ProcessCompleted(ProcessOutput::new(Some(false), error))
            }
            "heartbeat" => Self::Heartbeat,
            other => Self::Other(other.to_owned()),
        })
    }
}

/// Whether this is the error of `/call` for an unknown or expired event, or for a server that is
/// shutting down.
fn is_lost_session(text: &str) -> bool {
    text.starts_with("404: ") || text == "Server stopped unexpectedly."
}

impl ProcessOutput {
    fn new(success: Option<bool>, flat: FlatOutput) -> Self {
        let data = match flat.data {
            Some(Value::Array(values)) => Some(values),
            Some(Value::Null) | None => None,
            Some(value) => Some(vec![value]),
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
    let strip = |quote| {
        text.strip_prefix(quote)
            .and_then(|text| text.strip_suffix(quote))
    };
    strip('\'').or_else(|| strip('"')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_around_an_error_of_gradio_4_are_removed() {
        let data =
            r#"{"msg":"process_completed","output":{"error":"'out of memory'"},"success":false}"#;
        let Message::ProcessCompleted(output) = Message::parse(data).expect("a message") else {
            panic!("not completed");
        };
        assert!(!output.success);
        assert_eq!(output.error.as_deref(), Some("out of memory"));
    }

    #[test]
    fn progress_without_an_index_is_parsed() {
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
    fn all_forms_of_call_errors_are_parsed() {
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
    fn the_name_of_an_unknown_message_is_kept() {
        let message = Message::parse(r#"{"msg":"brand_new","x":[1]}"#).expect("a message");
        assert_eq!(message, Message::Other("brand_new".to_owned()));
        assert!(Message::parse("<html>").is_err());
        assert!(Message::parse("[]").is_err());
    }
}
