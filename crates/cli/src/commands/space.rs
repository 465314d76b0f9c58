//! `space`: shows a Space's parameters and how fluxhop's options map to them.

use fluxhop::providers::space::{ParameterDescription, SpaceDescription};
use serde_json::{Value, json};

use super::table::table;
use crate::args::SpaceArgs;
use crate::failure::Failure;
use crate::interrupt;
use crate::printer::Printer;
use crate::settings::{Environment, Settings};
use crate::text::{sanitized, truncated};

/// Connects to the Space and prints its description.
pub(super) fn run(
    arguments: &SpaceArgs,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    let target = &arguments.target;
    let settings = Settings::load(environment, &arguments.network, |_| Some(target.clone()))?;
    let registry = settings.registry()?;
    let limit = settings.config.network.timeout;
    let description = registry.describe_space(target, arguments.api_name.as_deref());
    let described = interrupt::run(
        &registry,
        String::new,
        interrupt::with_timeout(limit, description),
    )?;
    printer.line(&if arguments.json {
        as_json(&described).to_string()
    } else {
        as_text(&described)
    })
}

fn as_text(space: &SpaceDescription) -> String {
    let url = sanitized(&space.url);
    let mut lines = vec![match &space.title {
        Some(title) => format!("{} · {url}", sanitized(title)),
        None => url,
    }];
    lines.push(format!("Gradio {}", sanitized(&space.gradio_version)));
    lines.push(match &space.endpoint {
        Some(endpoint) => format!("Endpoint: {}", sanitized(endpoint)),
        None => "No text-to-image endpoint".to_owned(),
    });
    let others = space
        .endpoints
        .iter()
        .filter(|name| Some(*name) != space.endpoint.as_ref());
    let others: Vec<String> = others.map(|name| sanitized(name)).collect();
    if !others.is_empty() {
        lines.push(format!(
            "Other endpoints: {} (--api-name)",
            others.join(", ")
        ));
    }
    if space.endpoint.is_none() {
        return lines.join("\n");
    }
    lines.push(String::new());
    let rows: Vec<_> = space.parameters.iter().map(row).collect();
    lines.push(table(
        ["PARAMETER", "TYPE", "VALUES", "DEFAULT", "SET BY"],
        &rows,
    ));
    if !space.returns.is_empty() {
        let returns: Vec<String> = space.returns.iter().map(|part| sanitized(part)).collect();
        lines.push(format!("\nReturns {}", returns.join(", ")));
    }
    lines.join("\n")
}

fn row(parameter: &ParameterDescription) -> [String; 5] {
    let name = if parameter.name.is_empty() {
        sanitized(&parameter.label)
    } else {
        sanitized(&parameter.name)
    };
    let default = parameter
        .default
        .as_ref()
        .map_or("required".to_owned(), value);
    [
        name,
        sanitized(&parameter.component),
        accepted(parameter),
        truncated(&default, 30),
        parameter.mapped_to.map_or("-".to_owned(), option),
    ]
}

/// A value for display: strings without quotes.
fn value(value: &Value) -> String {
    match value {
        Value::String(text) => sanitized(text),
        other => sanitized(&other.to_string()),
    }
}

/// The accepted values, if the Space declares them.
fn accepted(parameter: &ParameterDescription) -> String {
    if !parameter.choices.is_empty() {
        let choices: Vec<String> = parameter.choices.iter().map(value).collect();
        return truncated(&choices.join(" | "), 60);
    }
    let range = match (parameter.minimum, parameter.maximum) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("from {min}"),
        (None, Some(max)) => format!("up to {max}"),
        (None, None) => String::new(),
    };
    match parameter.step {
        Some(step) if (step - 1.0).abs() > f64::EPSILON => {
            format!("{range} by {step}").trim().to_owned()
        }
        _ => range,
    }
}

/// The command-line option for a field of a request.
fn option(field: &str) -> String {
    match field {
        "prompt" => "PROMPT".to_owned(),
        "negative_prompt" => "--negative".to_owned(),
        "randomize_seed" => "omitting --seed".to_owned(),
        "seed" | "width" | "height" | "steps" | "guidance" | "count" => format!("--{field}"),
        other => sanitized(other),
    }
}

fn as_json(space: &SpaceDescription) -> Value {
    let parameter = |parameter: &ParameterDescription| {
        json!({
            "name": parameter.name,
            "label": parameter.label,
            "component": parameter.component,
            "default": parameter.default,
            "minimum": parameter.minimum,
            "maximum": parameter.maximum,
            "step": parameter.step,
            "choices": parameter.choices,
            "mapped_to": parameter.mapped_to,
        })
    };
    json!({
        "title": space.title,
        "url": space.url,
        "gradio_version": space.gradio_version,
        "endpoint": space.endpoint,
        "endpoints": space.endpoints,
        "parameters": space.parameters.iter().map(parameter).collect::<Vec<_>>(),
        "returns": space.returns,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, component: &str) -> ParameterDescription {
        let mut parameter = ParameterDescription::default();
        name.clone_into(&mut parameter.name);
        component.clone_into(&mut parameter.component);
        parameter
    }

    fn described() -> SpaceDescription {
        let mut prompt = parameter("prompt", "textbox");
        prompt.mapped_to = Some("prompt");
        let mut width = parameter("width", "slider");
        (width.minimum, width.maximum, width.step) = (Some(256.0), Some(2048.0), Some(32.0));
        width.default = Some(json!(1024));
        width.mapped_to = Some("width");
        let mut style = parameter("style", "dropdown");
        style.choices = vec![json!("photo"), json!("oil")];
        style.default = Some(json!("photo"));

        let mut space = SpaceDescription::default();
        space.url = "https://x.hf.space".to_owned();
        space.title = Some("FLUX.1 \x1b[31m[schnell]".to_owned());
        space.gradio_version = "5.49.1".to_owned();
        space.endpoint = Some("/infer".to_owned());
        space.endpoints = vec!["/infer".to_owned(), "/other".to_owned()];
        space.parameters = vec![prompt, width, style];
        space.returns = vec!["image (Result)".to_owned(), "slider (Seed)".to_owned()];
        space
    }

    #[test]
    fn text_lists_parameters_and_their_options() {
        assert_eq!(
            as_text(&described()),
            "\
FLUX.1  [31m[schnell] · https://x.hf.space
Gradio 5.49.1
Endpoint: /infer
Other endpoints: /other (--api-name)

PARAMETER  TYPE      VALUES             DEFAULT   SET BY
prompt     textbox                      required  PROMPT
width      slider    256 to 2048 by 32  1024      --width
style      dropdown  photo | oil        photo     -

Returns image (Result), slider (Seed)"
        );
    }

    #[test]
    fn json_has_every_field() {
        let json = as_json(&described());
        assert_eq!(json["parameters"][1]["maximum"], 2048.0);
        assert_eq!(json["parameters"][2]["mapped_to"], Value::Null);
        assert_eq!(json["endpoints"][1], "/other");
    }
}
