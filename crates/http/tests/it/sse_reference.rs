//! The standard's algorithm for server-sent events, word for word and all at once: the oracle that
//! the incremental parser is held against.

use fluxhop_http::SseEvent;

/// The events in a whole stream.
pub(crate) fn events(stream: &[u8]) -> Vec<SseEvent> {
    let decoded = String::from_utf8_lossy(stream).into_owned();
    // "UTF-8 decode" takes one byte order mark away.
    let text = decoded.strip_prefix('\u{feff}').unwrap_or(&decoded);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut events = Vec::new();
    let (mut event, mut data, mut id) = (String::new(), String::new(), String::new());
    // What follows the last line end is no line yet.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let lines = if text.contains('\n') {
        whole.split('\n').collect()
    } else {
        Vec::new()
    };
    for line in lines {
        if line.is_empty() {
            if let Some(data) = data.strip_suffix('\n') {
                let event = if event.is_empty() { "message" } else { &event };
                let id = (!id.is_empty()).then(|| id.clone());
                events.push(SseEvent {
                    event: event.to_owned(),
                    data: data.to_owned(),
                    id,
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
            "id" if !value.contains('\0') => value.clone_into(&mut id),
            _ => {}
        }
    }
    events
}
