//! Events as Gradio sends them on `/queue/data` and on `/call/{name}/{event_id}`.

use serde_json::{Value, json};

use super::FILE;

/// One event of `/queue/data`.
pub fn message(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// The place in the queue.
pub fn queued(rank: u32) -> String {
    message(&json!({"msg": "estimation", "rank": rank, "queue_size": rank + 1, "rank_eta": 2.5}))
}

/// The function runs.
pub fn started() -> String {
    message(&json!({"msg": "process_starts", "eta": 1.0}))
}

/// A sign of life.
pub fn heartbeat() -> String {
    message(&json!({"msg": "heartbeat"}))
}

/// The function's values.
pub fn completed(data: &Value) -> String {
    let output = json!({"data": data, "duration": 0.5});
    message(&json!({"msg": "process_completed", "output": output, "success": true}))
}

/// The function failed, with these words or none.
pub fn failed(error: &Value) -> String {
    let output = json!({ "error": error });
    message(&json!({"msg": "process_completed", "output": output, "success": false}))
}

/// The server lost the session.
pub fn unexpected(message_text: &str) -> String {
    message(&json!({
        "msg": "unexpected_error", "message": message_text, "session_not_found": true, "success": false,
    }))
}

/// One event of `/call/{name}/{event_id}`.
pub fn call_event(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

/// What the function returns: the picture's file, as `FileData`, and the seed 7.
pub fn result() -> Value {
    json!([{
        "path": FILE, "url": null, "size": null, "orig_name": "image.png", "mime_type": null,
        "is_stream": false, "meta": {"_type": "gradio.FileData"},
    }, 7])
}
