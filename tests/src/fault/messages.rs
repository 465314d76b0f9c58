//! Server-sent events as Gradio emits them on `/queue/data` and `/call/{name}/{event_id}`.

use serde_json::{Value, json};

use super::FILE;

/// An event of `/queue/data` with this message.
pub fn message(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// The position in the queue.
pub fn queued(rank: u32) -> String {
    message(&json!({"msg": "estimation", "rank": rank, "queue_size": rank + 1, "rank_eta": 2.5}))
}

/// The function has started.
pub fn started() -> String {
    message(&json!({"msg": "process_starts", "eta": 1.0}))
}

/// A keep-alive message.
pub fn heartbeat() -> String {
    message(&json!({"msg": "heartbeat"}))
}

/// The function has returned these values.
pub fn completed(data: &Value) -> String {
    let output = json!({"data": data, "duration": 0.5});
    message(&json!({"msg": "process_completed", "output": output, "success": true}))
}

/// The function failed with this error message, or with `null`.
pub fn failed(error: &Value) -> String {
    let output = json!({ "error": error });
    message(&json!({"msg": "process_completed", "output": output, "success": false}))
}

/// The server no longer knows the session.
pub fn unexpected(message_text: &str) -> String {
    message(&json!({
        "msg": "unexpected_error", "message": message_text, "session_not_found": true, "success": false,
    }))
}

/// An event of `/call/{name}/{event_id}`.
pub fn call_event(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

/// The values the function returns: the image's file, as `FileData`, and the seed 7.
pub fn result() -> Value {
    json!([{
        "path": FILE, "url": null, "size": null, "orig_name": "image.png", "mime_type": null,
        "is_stream": false, "meta": {"_type": "gradio.FileData"},
    }, 7])
}
