//! What a Space offers and how fluxhop uses it, for people to read.

use fluxhop_gradio::{Api, Client, Endpoint};
use serde_json::Value;

use super::mapping::Mapping;
use super::roles;
use crate::Capabilities;

/// A Space, its endpoint, and what each of its parameters is taken for.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SpaceDescription {
    /// Its address.
    pub url: String,
    /// Its title, where it has one.
    pub title: Option<String>,
    /// The version of Gradio that serves it.
    pub gradio_version: String,
    /// The endpoint that is used; absent where none draws from text.
    pub endpoint: Option<String>,
    /// All endpoints that have a name.
    pub endpoints: Vec<String>,
    /// What the endpoint takes, in order.
    pub parameters: Vec<ParameterDescription>,
    /// The components of what it gives, in order, with their labels.
    pub returns: Vec<String>,
}

/// A parameter of a Space's endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ParameterDescription {
    /// Its name in the function; empty where the app does not tell.
    pub name: String,
    /// Its label on the page.
    pub label: String,
    /// Its component, such as `slider`.
    pub component: String,
    /// The value where none is given.
    pub default: Option<Value>,
    /// The least number.
    pub minimum: Option<f64>,
    /// The greatest number.
    pub maximum: Option<f64>,
    /// The distance between two numbers.
    pub step: Option<f64>,
    /// The values it takes, where they are a list.
    pub choices: Vec<Value>,
    /// The field of a request that goes there; absent for one that keeps its default.
    pub mapped_to: Option<&'static str>,
}

/// The endpoint that is asked for, or the first that draws from text.
pub(super) fn choose<'a>(api: &'a Api, api_name: Option<&str>) -> crate::Result<&'a Endpoint> {
    if let Some(name) = api_name {
        return api.endpoint(name).map_err(super::error::translate);
    }
    let usual = ["/infer", "/predict", "/generate", "/generate_image", "/run"];
    let drawing = || {
        api.endpoints
            .iter()
            .filter(|endpoint| roles::draws(endpoint))
    };
    let named = usual
        .iter()
        .find_map(|name| drawing().find(|endpoint| endpoint.name == *name));
    named.or_else(|| drawing().next()).ok_or_else(|| {
        let names: Vec<&str> = api.endpoints.iter().map(|e| e.name.as_str()).collect();
        let message = format!(
            "no endpoint of this Space draws from text; it has {}",
            if names.is_empty() {
                "none with a name".to_owned()
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
            .map(|(place, parameter)| ParameterDescription {
                name: parameter.name.clone(),
                label: parameter.label.clone(),
                component: parameter.component.clone(),
                default: parameter.default.clone(),
                minimum: parameter.minimum,
                maximum: parameter.maximum,
                step: parameter.step,
                choices: parameter.choices.clone(),
                mapped_to: fields.get(place).copied().flatten(),
            })
            .collect(),
        returns: endpoint
            .into_iter()
            .flat_map(|endpoint| &endpoint.returns)
            .map(|returned| match returned.label.as_str() {
                "" => returned.component.clone(),
                label => format!("{} ({label})", returned.component),
            })
            .collect(),
    }
}
