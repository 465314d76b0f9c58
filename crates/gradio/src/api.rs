//! The API of a Space: its endpoints, their parameters and outputs.
//!
//! `/config` describes the app for its web page: components with their exact limits, and
//! dependencies, whose `id` is the `fn_index` and whose `api_name` may be `false`. `/info` describes
//! the API for callers: parameters with name, type and default. [`Api`] joins the two.

mod documents;

use std::collections::BTreeMap;

use serde_json::Value;

pub(crate) use documents::{Config, Info};

use crate::{Error, ErrorKind, Result};

/// The endpoints of a Space.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Api {
    /// The server's Gradio version, such as `6.31.0`.
    pub gradio_version: String,
    /// The app's title, if any.
    pub title: Option<String>,
    /// The endpoints that have a name, in the app's order.
    pub endpoints: Vec<Endpoint>,
}

/// A function that can be called by name.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Endpoint {
    /// The name with a leading slash, such as `/infer`.
    pub name: String,
    /// The index in the app, which a cancel request needs.
    pub fn_index: u64,
    /// The parameters, in the order of a call's arguments.
    pub parameters: Vec<Parameter>,
    /// The outputs, in the order of a result's values.
    pub returns: Vec<Output>,
}

/// A parameter of an endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Parameter {
    /// The name in the function; empty if unknown.
    pub name: String,
    /// The label on the page.
    pub label: String,
    /// The component, in lower case: `textbox`, `slider`, `number`, `checkbox`, `dropdown`, ….
    pub component: String,
    /// The Python type, such as `str` or `float`; empty if unknown.
    pub python_type: String,
    /// The default value; `None` if the parameter is required.
    pub default: Option<Value>,
    /// The minimum of a number.
    pub minimum: Option<f64>,
    /// The maximum of a number.
    pub maximum: Option<f64>,
    /// The step between two numbers.
    pub step: Option<f64>,
    /// The accepted values; empty if not limited to a list.
    pub choices: Vec<Value>,
}

/// An output of an endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Output {
    /// The label on the page.
    pub label: String,
    /// The component, in lower case: `image`, `gallery`, `number`, ….
    pub component: String,
}

impl Api {
    /// Joins `/config` and `/info`. An endpoint missing from `/info` is described by its components.
    pub(crate) fn new(config: &Config, info: &Info) -> Self {
        let named = config
            .dependencies
            .iter()
            .enumerate()
            .filter_map(|(index, dependency)| {
                let name = format!("/{}", dependency.api_name.as_str()?);
                let described = info.named_endpoints.get(&name);
                Some(Endpoint::described(
                    config, name, index, dependency, described,
                ))
            });
        let mut endpoints: Vec<Endpoint> = named.collect();
        let mut seen = std::collections::HashSet::new();
        endpoints.retain(|endpoint| seen.insert(endpoint.name.clone()));
        Self {
            gradio_version: config.version.clone(),
            title: config.title.clone().filter(|title| !title.is_empty()),
            endpoints,
        }
    }

    /// Parses the two documents. They are not trusted: unexpected content is an error.
    pub fn parse(config: &str, info: &str) -> Result<Self> {
        let invalid = |name: &str, error: serde_json::Error| {
            Error::new(ErrorKind::Protocol, format!("unexpected {name}: {error}"))
        };
        let config: Config =
            serde_json::from_str(config).map_err(|error| invalid("/config", error))?;
        let info: Info = serde_json::from_str(info).map_err(|error| invalid("/info", error))?;
        Ok(Self::new(&config, &info))
    }

    /// Finds an endpoint by name, with or without the slash. The error lists the known endpoints.
    pub fn endpoint(&self, name: &str) -> Result<&Endpoint> {
        let bare = name.trim_start_matches('/');
        let matches = |endpoint: &&Endpoint| endpoint.name.trim_start_matches('/') == bare;
        self.endpoints.iter().find(matches).ok_or_else(|| {
            let names: Vec<&str> = self.endpoints.iter().map(|e| e.name.as_str()).collect();
            let known = if names.is_empty() {
                "it has no named endpoints".to_owned()
            } else {
                format!("it has {}", names.join(", "))
            };
            Error::new(
                ErrorKind::NoEndpoint,
                format!("the Space has no endpoint /{bare}: {known}"),
            )
        })
    }
}

impl Endpoint {
    /// Creates an endpoint without outputs, for tests.
    pub fn new(name: impl Into<String>, parameters: Vec<Parameter>) -> Self {
        Self {
            name: name.into(),
            fn_index: 0,
            parameters,
            returns: Vec::new(),
        }
    }

    /// Converts arguments by name to the ordered arguments of a call, filling in defaults.
    ///
    /// Fails on an unknown name, a number out of range, a value that is not among the choices, and a
    /// missing required argument.
    pub fn arguments<'a>(
        &self,
        values: impl IntoIterator<Item = (&'a str, Value)>,
    ) -> Result<Vec<Value>> {
        let mut given: BTreeMap<&str, Value> = values.into_iter().collect();
        let mut arguments = Vec::with_capacity(self.parameters.len());
        for parameter in &self.parameters {
            let name = parameter.name.as_str();
            let value = match given.remove(name) {
                Some(value) => {
                    parameter.check(&value)?;
                    value
                }
                None => parameter.default.clone().ok_or_else(|| {
                    invalid_argument(name, format!("{} needs a value for `{name}`", self.name))
                })?,
            };
            arguments.push(value);
        }
        if let Some(name) = given.keys().next() {
            let names: Vec<&str> = self.parameters.iter().map(|p| p.name.as_str()).collect();
            let message = format!("{} takes {}, not `{name}`", self.name, names.join(", "));
            return Err(invalid_argument(name, message));
        }
        Ok(arguments)
    }
}

impl Parameter {
    /// Checks `value` against the component's range and choices.
    pub fn check(&self, value: &Value) -> Result<()> {
        let name = if self.name.is_empty() {
            &self.label
        } else {
            &self.name
        };
        if let Some(number) = value.as_f64() {
            if let Some(minimum) = self.minimum.filter(|minimum| number < *minimum) {
                return Err(invalid_argument(
                    name,
                    format!("{number} is below the minimum of the Space, {minimum}"),
                ));
            }
            if let Some(maximum) = self.maximum.filter(|maximum| number > *maximum) {
                return Err(invalid_argument(
                    name,
                    format!("{number} is above the maximum of the Space, {maximum}"),
                ));
            }
        }
        let has_choices = matches!(self.component.as_str(), "dropdown" | "radio");
        if has_choices
            && value.is_string()
            && !self.choices.is_empty()
            && !self.choices.contains(value)
        {
            let choices: Vec<String> = self.choices.iter().map(Value::to_string).collect();
            let message = format!("{value} is not one of {}", choices.join(", "));
            return Err(invalid_argument(name, message));
        }
        Ok(())
    }
}

fn invalid_argument(name: &str, message: String) -> Error {
    Error::new(
        ErrorKind::InvalidArgument {
            name: name.to_owned(),
        },
        message,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn api() -> Api {
        let config = json!({
            "version": "6.31.0", "api_prefix": "/gradio_api", "title": "Gradio",
            "components": [
                {"id": 1, "type": "textbox", "props": {"label": "Prompt"}},
                {"id": 2, "type": "state", "props": {}},
                {"id": 3, "type": "slider", "props": {"label": "Width", "minimum": 256, "maximum": 2048, "step": 32, "value": 1024}},
                {"id": 4, "type": "dropdown", "props": {"label": "Style", "value": "none", "choices": [["None", "none"], ["Ink", "ink"]]}},
                {"id": 5, "type": "image", "props": {"label": "Result"}},
            ],
            "dependencies": [
                {"id": 0, "api_name": false, "inputs": [], "outputs": []},
                {"id": 7, "api_name": "infer", "inputs": [1, 2, 3, 4], "outputs": [5, 2]},
                {"id": 8, "api_name": "hidden", "inputs": [3], "outputs": [5]},
            ],
        });
        let info = json!({"named_endpoints": {"/infer": {
            "parameters": [
                {"label": "Prompt", "parameter_name": "prompt", "parameter_has_default": false, "parameter_default": null, "python_type": {"type": "str"}, "component": "Textbox"},
                {"label": "Width", "parameter_name": "width", "parameter_has_default": true, "parameter_default": 1024, "python_type": {"type": "float"}, "component": "Slider"},
                {"label": "Style", "parameter_name": "style", "parameter_has_default": true, "parameter_default": "none", "python_type": {"type": "str"}, "component": "Dropdown"},
            ],
            "returns": [{"label": "Result", "component": "Image"}],
        }}});
        Api::parse(&config.to_string(), &info.to_string()).expect("an api")
    }

    #[test]
    fn hidden_components_are_skipped_when_matching_limits() {
        let api = api();
        let infer = api.endpoint("infer").expect("the endpoint");
        assert_eq!(infer.fn_index, 7);
        let width = &infer.parameters[1];
        assert_eq!(
            (width.minimum, width.maximum, width.step),
            (Some(256.0), Some(2048.0), Some(32.0))
        );
        assert_eq!(infer.parameters[2].choices, [json!("none"), json!("ink")]);
        assert_eq!(infer.parameters[0].default, None);
    }

    #[test]
    fn an_endpoint_missing_from_info_is_described_by_its_components() {
        let api = api();
        let hidden = api.endpoint("/hidden").expect("the endpoint");
        assert_eq!(hidden.parameters[0].label, "Width");
        assert_eq!(hidden.returns[0].component, "image");
    }

    #[test]
    fn the_error_for_an_unknown_endpoint_lists_the_known_ones() {
        let error = api().endpoint("/predict").expect_err("unknown");
        assert_eq!(
            error.to_string(),
            "the Space has no endpoint /predict: it has /infer, /hidden"
        );
    }

    #[test]
    fn arguments_are_ordered_and_checked() {
        let api = api();
        let infer = api.endpoint("/infer").expect("the endpoint");
        let arguments = infer.arguments([("style", json!("ink")), ("prompt", json!("a cat"))]);
        assert_eq!(
            arguments.expect("arguments"),
            [json!("a cat"), json!(1024), json!("ink")]
        );
        for (name, value) in [
            ("width", json!(100)),
            ("width", json!(4096)),
            ("style", json!("oil")),
            ("size", json!(1)),
        ] {
            let error = infer
                .arguments([("prompt", json!("a cat")), (name, value)])
                .expect_err(name);
            assert_eq!(
                error.kind(),
                &ErrorKind::InvalidArgument {
                    name: name.to_owned()
                }
            );
        }
        let error = infer.arguments([]).expect_err("no prompt");
        assert_eq!(error.to_string(), "/infer needs a value for `prompt`");
    }

    #[test]
    fn malformed_documents_do_not_panic() {
        assert!(Api::parse("<html>", "{}").is_err());
        assert!(Api::parse("[]", "{}").is_err());
        let api = Api::parse(
            r#"{"version":"6.0.0","components":[{"id":{}}],"dependencies":[{"api_name":"x","inputs":[9]}]}"#,
            "{}",
        );
        assert_eq!(api.expect("an api").endpoints[0].parameters, []);
    }
}
