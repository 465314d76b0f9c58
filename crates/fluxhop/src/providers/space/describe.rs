//! The description of a Space and of how fluxhop maps its parameters.

use fluxhop_gradio::{Api, Client, Endpoint};
use serde_json::Value;

use super::mapping::Mapping;
use super::roles;
use crate::Capabilities;

/// A Space, its endpoint, and the mapping of its parameters.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SpaceDescription {
    /// Its URL, without a trailing slash.
    pub url: String,
    /// Its title, if it has one.
    pub title: Option<String>,
    /// Its version of Gradio.
    pub gradio_version: String,
    /// The endpoint that fluxhop calls; `None` if no endpoint generates images from text.
    pub endpoint: Option<String>,
    /// The names of all named endpoints.
    pub endpoints: Vec<String>,
    /// The parameters of the endpoint, in order.
    pub parameters: Vec<ParameterDescription>,
    /// The components that the endpoint returns, in order, with their labels.
    pub returns: Vec<String>,
}

/// A parameter of a Space's endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ParameterDescription {
    /// Its name in the Python function; empty if the app does not report it.
    pub name: String,
    /// Its label in the user interface.
    pub label: String,
    /// The type of its component, such as `slider`.
    pub component: String,
    /// Its default value.
    pub default: Option<Value>,
    /// The minimum of a number.
    pub minimum: Option<f64>,
    /// The maximum of a number.
    pub maximum: Option<f64>,
    /// The step size of a number.
    pub step: Option<f64>,
    /// The allowed values, if there is a list of them.
    pub choices: Vec<Value>,
    /// The field of the request that is passed; `None` if the default is used.
    pub mapped_to: Option<&'static str>,
}

/// The endpoint named `api_name`, or else one that generates images from text.
pub(super) fn choose<'a>(api: &'a Api, api_name: Option<&str>) -> crate::Result<&'a Endpoint> {
    if let Some(name) = api_name {
        return api.endpoint(name).map_err(super::error::translate);
    }
    let common_names = ["/infer", "/predict", "/generate", "/generate_image", "/run"];
    let candidates = || {
        api.endpoints
            .iter()
            .filter(|endpoint| roles::generates_images(endpoint))
    };
    let named = common_names
        .iter()
        .find_map(|name| candidates().find(|endpoint| endpoint.name == *name));
    named.or_else(|| candidates().next()).ok_or_else(|| {
        let names: Vec<&str> = api.endpoints.iter().map(|e| e.name.as_str()).collect();
        let message = format!(
            "no endpoint of this Space generates images from text; its endpoints are {}",
            if names.is_empty() {
                "unnamed".to_owned()
            } else {
                names.join(", ")
            }
        );
        crate::Error::invalid("api_name", message)
    })
}

pub(super) fn describe(
    client: &Client,
    api: &Api,
    endpoint: Option<&Endpoint>,
) -> SpaceDescription {
    let known = Capabilities::default();
    let mapping = endpoint.and_then(|endpoint| Mapping::of(endpoint, &known).ok());
    let fields: Vec<_> = mapping.iter().flat_map(Mapping::fields).collect();
    let parameters = endpoint
        .into_iter()
        .flat_map(|endpoint| &endpoint.parameters)
        .enumerate();
    SpaceDescription {
        url: client.base().as_str().trim_end_matches('/').to_owned(),
        title: api.title.clone(),
        gradio_version: api.gradio_version.clone(),
        endpoint: endpoint.map(|endpoint| endpoint.name.clone()),
        endpoints: api
            .endpoints
            .iter()
            .map(|endpoint| endpoint.name.clone())
            .collect(),
        parameters: parameters
            .map(|(index, parameter)| ParameterDescription {
                name: parameter.name.clone(),
                label: parameter.label.clone(),
                component: parameter.component.clone(),
                default: parameter.default.clone(),
                minimum: parameter.minimum,
                maximum: parameter.maximum,
                step: parameter.step,
                choices: parameter.choices.clone(),
                mapped_to: fields.get(index).copied().flatten(),
            })
            .collect(),
        returns: endpoint
            .into_iter()
            .flat_map(|endpoint| &endpoint.returns)
            .map(|output| match output.label.as_str() {
                "" => output.component.clone(),
                label => format!("{} ({label})", output.component),
            })
            .collect(),
    }
}
