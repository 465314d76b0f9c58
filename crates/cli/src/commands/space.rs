//! `space`: what a Space takes, and how fluxhop's options map to it.

use fluxhop::providers::space::{ParameterDescription, SpaceDescription};
use serde_json::{Value, json};

use super::table::table;
use crate::args::SpaceArgs;
use crate::failure::Failure;
use crate::interrupt;
use crate::printer::Printer;
use crate::settings::{Environment, Settings};
use crate::text::{plain, shortened};

/// Reaches the Space and prints what it says of itself.
pub(super) fn run(
    arguments: &SpaceArgs,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    let target = &arguments.target;
    let settings = Settings::load(environment, &arguments.network, |_| Some(target.clone()))?;
    let registry = settings.registry()?;
    let limit = settings.config.network.timeout;
    let asked = registry.describe_space(target, arguments.api_name.as_deref());
    let described = interrupt::run(&registry, String::new, interrupt::limited(limit, asked))?;
    printer.line(&if arguments.json {
        as_json(&described).to_string()
    } else {
        as_text(&described)
    })
}

fn as_text(space: &SpaceDescription) -> String {
    let url = plain(&space.url);
    let mut lines = vec![match &space.title {
        Some(title) => format!("{} · {url}", plain(title)),
        None => url,
    }];
    lines.push(format!("Gradio {}", plain(&space.gradio_version)));
    lines.push(match &space.endpoint {
        Some(endpoint) => format!("Draws with {}", plain(endpoint)),
        None => "Has no endpoint that draws from text".to_owned(),
    });
    let others = space
        .endpoints
        .iter()
        .filter(|name| Some(*name) != space.endpoint.as_ref());
    let others: Vec<String> = others.map(|name| plain(name)).collect();
    if !others.is_empty() {
        lines.push(format!("Has also {} (--api-name)", others.join(", ")));
    }
    if space.endpoint.is_none() {
        return lines.join("\n");
    }
    lines.push(String::new());
    let rows: Vec<_> = space.parameters.iter().map(row).collect();
    lines.push(table(
        ["PARAMETER", "TYPE", "TAKES", "DEFAULT", "FROM"],
        &rows,
    ));
    if !space.returns.is_empty() {
        let returns: Vec<String> = space.returns.iter().map(|part| plain(part)).collect();
        lines.push(format!("\nReturns {}", returns.join(", ")));
    }
    lines.join("\n")
}

fn row(parameter: &ParameterDescription) -> [String; 5] {
    let name = if parameter.name.is_empty() {
        plain(&parameter.label)
    } else {
        plain(&parameter.name)
    };
    let default = parameter
        .default
        .as_ref()
        .map_or("required".to_owned(), value);
    [
        name,
        plain(&parameter.component),
        takes(parameter),
        shortened(&default, 30),
        parameter.mapped_to.map_or("its default".to_owned(), option),
    ]
}

/// A value as people write it: texts without their quotes.
fn value(value: &Value) -> String {
    match value {
        Value::String(text) => plain(text),
        other => plain(&other.to_string()),
    }
}

/// The values that a parameter takes, as far as it says.
fn takes(parameter: &ParameterDescription) -> String {
    if !parameter.choices.is_empty() {
        let choices: Vec<String> = parameter.choices.iter().map(value).collect();
        return shortened(&choices.join(" | "), 60);
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

/// The option of the command that sets a field of a request.
fn option(field: &str) -> String {
    match field {
        "prompt" => "PROMPT".to_owned(),
        "negative_prompt" => "--negative".to_owned(),
        "randomize_seed" => "no --seed".to_owned(),
        "seed" | "width" | "height" | "steps" | "guidance" | "count" => format!("--{field}"),
        other => plain(other),
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
    fn a_space_is_told_with_what_it_takes_and_where_that_comes_from() {
        assert_eq!(
            as_text(&described()),
            "\
FLUX.1  [31m[schnell] · https://x.hf.space
Gradio 5.49.1
Draws with /infer
Has also /other (--api-name)

PARAMETER  TYPE      TAKES              DEFAULT   FROM
prompt     textbox                      required  PROMPT
width      slider    256 to 2048 by 32  1024      --width
style      dropdown  photo | oil        photo     its default

Returns image (Result), slider (Seed)"
        );
    }

    #[test]
    fn as_json_it_has_every_field() {
        let told = as_json(&described());
        assert_eq!(told["parameters"][1]["maximum"], 2048.0);
        assert_eq!(told["parameters"][2]["mapped_to"], Value::Null);
        assert_eq!(told["endpoints"][1], "/other");
    }
}
