//! The journal's key of an image.

use fluxhop::{Error, ErrorKind, Request, Seed};
use serde::Serialize;

use crate::options::Target;

/// Everything that determines an image.
///
/// Existing journals depend on the alphabetical order of the fields.
#[derive(Serialize)]
struct Key<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guidance: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    negative_prompt: Option<&'a str>,
    prompt: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<u32>,
    target: KeyTarget<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<i64>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum KeyTarget<'a> {
    Provider {
        model: &'a str,
        provider: String,
    },
    Model {
        model: String,
    },
    Space {
        api_name: Option<&'a str>,
        space: &'a str,
    },
}

/// The key of a request for one image, as JSON.
pub(super) fn key(target: &Target, request: &Request) -> Result<String, Error> {
    let target = match target {
        Target::Model(name) => KeyTarget::Model {
            model: name.to_lowercase(),
        },
        Target::Provider(name) => KeyTarget::Provider {
            model: &request.model,
            provider: name.to_lowercase(),
        },
        Target::Space { target, api_name } => KeyTarget::Space {
            api_name: api_name.as_deref(),
            space: target,
        },
    };
    let key = Key {
        format: request.format.map(|format| format.to_string()),
        guidance: request.guidance,
        height: request.height,
        negative_prompt: request.negative_prompt.as_deref(),
        prompt: &request.prompt,
        seed: match request.seed {
            Seed::Fixed(seed) => Some(seed),
            _ => None,
        },
        steps: request.steps,
        target,
        width: request.width,
    };
    serde_json::to_string(&key).map_err(|error| {
        Error::new(ErrorKind::Internal, "cannot write the journal's key").with_source(error)
    })
}
