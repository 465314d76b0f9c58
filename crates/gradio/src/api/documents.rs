//! Parses Gradio's `/config` and `/info`, and joins them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Endpoint, Output, Parameter};

/// The fields of `/config` that are needed. JSON without a version does not come from Gradio.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Config {
    pub(crate) version: String,
    pub(crate) api_prefix: Option<String>,
    pub(super) title: Option<String>,
    #[serde(default)]
    components: Vec<Component>,
    #[serde(default)]
    pub(super) dependencies: Vec<Dependency>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Component {
    id: Value,
    #[serde(rename = "type")]
    kind: Option<String>,
    props: Props,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Props {
    label: Value,
    value: Value,
    minimum: Value,
    maximum: Value,
    step: Value,
    choices: Value,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Dependency {
    id: Value,
    pub(super) api_name: Value,
    inputs: Vec<Value>,
    outputs: Vec<Value>,
}

/// The fields of `/info` that are needed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Info {
    pub(super) named_endpoints: BTreeMap<String, InfoEndpoint>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct InfoEndpoint {
    parameters: Vec<InfoValue>,
    returns: Vec<InfoValue>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct InfoValue {
    label: Value,
    parameter_name: Option<String>,
    parameter_has_default: Option<bool>,
    parameter_default: Value,
    python_type: PythonType,
    component: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct PythonType {
    #[serde(rename = "type")]
    kind: String,
}

impl Config {
    /// The `fn_index` of an endpoint, by its name without the slash.
    pub(crate) fn fn_index(&self, name: &str) -> Option<u64> {
        let dependency = self.dependencies.iter().enumerate();
        let mut named = dependency.filter(|(_, dependency)| dependency.api_name == name);
        named
            .next()
            .map(|(index, dependency)| dependency.index(index))
    }

    fn component(&self, id: &Value) -> Option<&Component> {
        self.components.iter().find(|component| component.id == *id)
    }
}

impl Dependency {
    /// Gradio 4.44 and later identify dependencies by `id`, earlier versions by position.
    fn index(&self, position: usize) -> u64 {
        self.id.as_u64().unwrap_or(position as u64)
    }
}

impl Component {
    /// Whether the component takes no argument: `gr.State` keeps its value on the server.
    fn is_hidden(&self) -> bool {
        matches!(self.kind.as_deref(), Some("state" | "browserstate"))
    }

    fn kind(&self) -> String {
        self.kind.as_deref().unwrap_or_default().to_lowercase()
    }

    fn parameter(&self) -> Parameter {
        let Props {
            label,
            value,
            minimum,
            maximum,
            step,
            choices,
        } = &self.props;
        Parameter {
            label: label.as_str().unwrap_or_default().to_owned(),
            component: self.kind(),
            default: (!value.is_null()).then(|| value.clone()),
            minimum: minimum.as_f64(),
            maximum: maximum.as_f64(),
            step: step.as_f64(),
            choices: choice_values(choices),
            ..Parameter::default()
        }
    }
}

/// Choices are `[label, value]` pairs in Gradio 4 and later, and bare values in earlier versions.
fn choice_values(choices: &Value) -> Vec<Value> {
    let Some(choices) = choices.as_array() else {
        return Vec::new();
    };
    let value = |choice: &Value| match choice.as_array().map(Vec::as_slice) {
        Some([_, value]) => value.clone(),
        _ => choice.clone(),
    };
    choices.iter().map(value).collect()
}

impl Endpoint {
    /// The endpoint of a dependency, which may be missing from `/info`.
    pub(super) fn described(
        config: &Config,
        name: String,
        position: usize,
        dependency: &Dependency,
        described: Option<&InfoEndpoint>,
    ) -> Self {
        let visible = |ids: &[Value]| -> Vec<Component> {
            let components = ids.iter().filter_map(|id| config.component(id));
            components
                .filter(|component| !component.is_hidden())
                .cloned()
                .collect()
        };
        let (inputs, outputs) = (visible(&dependency.inputs), visible(&dependency.outputs));
        let parameters = match described {
            Some(described) => join(&described.parameters, &inputs),
            None => inputs.iter().map(Component::parameter).collect(),
        };
        let returns = match described {
            Some(described) => described.returns.iter().map(Output::from).collect(),
            None => outputs
                .iter()
                .map(|output| Output {
                    label: output.parameter().label,
                    component: output.kind(),
                })
                .collect(),
        };
        Self {
            name,
            fn_index: dependency.index(position),
            parameters,
            returns,
        }
    }
}

/// The parameters of `/info` with the limits of their components.
///
/// Both lists have the same order, but some components appear in only one of them, so each parameter
/// is matched with the next component of its kind.
fn join(described: &[InfoValue], components: &[Component]) -> Vec<Parameter> {
    let mut rest = components.iter();
    let parameter = |value: &InfoValue| {
        let kind = value
            .component
            .as_deref()
            .unwrap_or_default()
            .to_lowercase();
        let mut candidates = rest.clone();
        let limits = match candidates.find(|component| component.kind() == kind) {
            Some(component) => {
                rest = candidates;
                component.parameter()
            }
            None => Parameter::default(),
        };
        let default = match value.parameter_has_default {
            Some(true) => Some(value.parameter_default.clone()),
            Some(false) => None,
            None => limits.default.clone(),
        };
        Parameter {
            name: value.parameter_name.clone().unwrap_or_default(),
            label: value.label.as_str().unwrap_or_default().to_owned(),
            component: kind,
            python_type: value.python_type.kind.clone(),
            default,
            ..limits
        }
    };
    described.iter().map(parameter).collect()
}

impl From<&InfoValue> for Output {
    fn from(value: &InfoValue) -> Self {
        Self {
            label: value.label.as_str().unwrap_or_default().to_owned(),
            component: value
                .component
                .as_deref()
                .unwrap_or_default()
                .to_lowercase(),
        }
    }
}
