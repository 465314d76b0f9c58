//! Messages from a Space: any text parses to a message or an error, and file references have a path or
//! a URL.

#![no_main]

use fluxhop_gradio::wire::Message;
use fluxhop_gradio::{FileRef, plain_text};
use libfuzzer_sys::fuzz_target;

fn check(message: Message) {
    let output = match message {
        Message::ProcessCompleted(output) | Message::ProcessGenerating(output) => output,
        Message::Log { log, .. } => {
            assert!(plain_text(&log).len() <= log.len());
            return;
        }
        _ => return,
    };
    for value in output.data.iter().flatten() {
        if let Some(file) = FileRef::from_value(value) {
            assert!(file.path.is_some() || file.url.is_some());
            let _ = file.inline();
        }
    }
    if let Some(error) = &output.error {
        let text = plain_text(error);
        assert!(text.len() <= error.len());
        assert_eq!(text, text.trim());
    }
}

fuzz_target!(|data: &str| {
    if let Ok(message) = Message::parse(data) {
        check(message);
    }
    let (event, data) = data.split_once('\n').unwrap_or(("complete", data));
    if let Ok(message) = Message::parse_call_event(event, data) {
        check(message);
    }
});
