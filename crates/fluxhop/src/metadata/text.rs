//! The text format of AUTOMATIC1111's web UI: the prompt, then `Steps: …, Seed: …`.

use std::fmt::Write;

use super::Parameters;

/// Formats the parameters as that project's `create_infotext` and `quote` do.
pub(super) fn text(parameters: &Parameters) -> String {
    let mut text = parameters.prompt.clone();
    if let Some(negative) = &parameters.negative_prompt {
        text.push_str("\nNegative prompt: ");
        text.push_str(negative);
    }
    let mut pairs: Vec<(&str, String)> = Vec::new();
    let mut pair = |name, value: Option<String>| pairs.extend(value.map(|value| (name, value)));
    pair("Steps", parameters.steps.map(|steps| steps.to_string()));
    pair(
        "CFG scale",
        parameters.guidance.map(|guidance| guidance.to_string()),
    );
    pair("Seed", parameters.seed.map(|seed| seed.to_string()));
    let size = parameters.width.zip(parameters.height);
    pair(
        "Size",
        size.map(|(width, height)| format!("{width}x{height}")),
    );
    pair("Model", quoted(&parameters.model));
    pair("Provider", quoted(&parameters.provider));
    pair("Version", quoted(&parameters.software));
    let mut separator = "\n";
    for (name, value) in pairs {
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}{name}: {value}");
        separator = ", ";
    }
    text
}

/// Quotes a value as JSON if it contains a character that separates pairs.
fn quoted(value: &str) -> Option<String> {
    if value.is_empty() {
        return None;
    }
    if value.contains([',', '\n', ':']) {
        return serde_json::to_string(value).ok();
    }
    Some(value.to_owned())
}
