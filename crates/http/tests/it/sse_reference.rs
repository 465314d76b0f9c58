//! The standard's algorithm for server-sent events on a complete stream, a reference for the
//! incremental parser.

use fluxhop_http::SseEvent;

/// Returns the events of a complete stream.
pub(crate) fn events(stream: &[u8]) -> Vec<SseEvent> {
    let decoded = String::from_utf8_lossy(stream).into_owned();
    // "UTF-8 decode" removes one byte order mark.
    let text = decoded.strip_prefix('\u{feff}').unwrap_or(&decoded);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut events = Vec::new();
    let (mut event, mut data) = (String::new(), String::new());
    // Text after the last line ending is an incomplete line.
    let complete = text.rfind('\n').map_or("", |end| &text[..end]);
    let lines = if text.contains('\n') {
        complete.split('\n').collect()
    } else {
        Vec::new()
    };
    for line in lines {
        if line.is_empty() {
            if let Some(data) = data.strip_suffix('\n') {
                let event = if event.is_empty() { "message" } else { &event };
                events.push(SseEvent {
                    event: event.to_owned(),
                    data: data.to_owned(),
                });
            }
            data.clear();
            event.clear();
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut event),
            "data" => {
                data.push_str(value);
                data.push('\n');
            }
            _ => {}
        }
    }
    events
}
