//! Maps a request to the arguments of an endpoint.

use fluxhop_gradio::{Endpoint, Parameter};
use serde_json::{Value, json};

use super::roles::{self, Role};
use crate::{
    Capabilities, Error, Request, ResolvedRequest, Result, SeedRange, SizeRule, StepRange,
    catalogue,
};

/// The sides of a FLUX image are multiples of 8 pixels.
const MULTIPLE: u32 = 8;
/// The limits of a side in pixels if the Space has none.
const SIDE_LIMITS: (u32, u32) = (32, 4096);
/// The limits of the number of steps if the Space has none.
const STEP_LIMITS: (u32, u32) = (1, 1000);

/// An endpoint and the meaning of its parameters and results.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mapping {
    /// The endpoint's name, with the leading slash.
    pub(super) endpoint: String,
    /// The capabilities, from the Space's own description.
    pub(super) capabilities: Capabilities,
    /// The index of the image in the results, if known.
    pub(super) picture: Option<usize>,
    /// The index of the seed in the results, if known.
    pub(super) seed: Option<usize>,
    slots: Vec<Slot>,
}

/// One argument of the call.
#[derive(Clone, Debug, PartialEq)]
struct Slot {
    role: Option<Role>,
    /// The value if the request does not set one.
    default: Value,
    /// Whether a number is sent as a string.
    as_string: bool,
    /// The limits of a number.
    limits: Option<(f64, f64)>,
}

impl Mapping {
    /// The mapping of FLUX.1-schnell's own app and the many copies of it:
    /// `/infer(prompt, seed, randomize_seed, width, height, num_inference_steps) -> (image, seed)`.
    pub(super) fn flux(endpoint: &str, capabilities: &Capabilities) -> Self {
        let side = json!(capabilities.size.map(|size| size.default));
        let steps = json!(capabilities.steps.map(|steps| steps.default));
        let slot = |role, default| Slot {
            role: Some(role),
            default,
            as_string: false,
            limits: None,
        };
        Self {
            endpoint: endpoint.to_owned(),
            capabilities: capabilities.clone(),
            picture: Some(0),
            seed: Some(1),
            slots: vec![
                slot(Role::Prompt, json!("")),
                slot(Role::Seed, json!(0)),
                slot(Role::RandomizeSeed, json!(false)),
                slot(Role::Width, side.clone()),
                slot(Role::Height, side),
                slot(Role::Steps, steps),
            ],
        }
    }

    /// The mapping of an endpoint, from its description. Capabilities that a description does not
    /// contain (`max_count`, previews, progress) are taken from `known`.
    pub(super) fn of(endpoint: &Endpoint, known: &Capabilities) -> Result<Self> {
        let roles = roles::assign(&endpoint.parameters);
        if !roles.contains(&Some(Role::Prompt)) {
            let message = format!("the endpoint {} has no prompt parameter", endpoint.name);
            return Err(Error::invalid("api_name", message));
        }
        let parameter = |role| {
            let index = roles.iter().position(|other| *other == Some(role))?;
            endpoint.parameters.get(index)
        };
        let size = match (parameter(Role::Width), parameter(Role::Height)) {
            (Some(width), Some(height)) => Some(size_rule(width, height)),
            _ => None,
        };
        let capabilities = Capabilities {
            size,
            steps: parameter(Role::Steps).map(step_range),
            seed: parameter(Role::Seed).map(seed_range),
            negative_prompt: parameter(Role::NegativePrompt).is_some(),
            guidance: parameter(Role::Guidance).is_some(),
            ..known.clone()
        };
        let slots = endpoint.parameters.iter().zip(&roles);
        let slots: Result<Vec<Slot>> = slots
            .map(|(parameter, role)| Slot::new(parameter, *role))
            .collect();
        let returns = &endpoint.returns;
        Ok(Self {
            endpoint: endpoint.name.clone(),
            capabilities,
            picture: returns
                .iter()
                .position(|output| roles::is_picture(&output.component)),
            seed: returns.iter().position(|output| {
                !roles::is_picture(&output.component)
                    && output.label.to_lowercase().contains("seed")
            }),
            slots: slots?,
        })
    }

    /// The request field of each argument; `None` if the default is used.
    pub(super) fn fields(&self) -> impl Iterator<Item = Option<&'static str>> {
        self.slots.iter().map(|slot| slot.role.map(Role::field))
    }

    /// Whether `other` sends the same arguments in the same order.
    pub(super) fn is_same_call(&self, other: &Self) -> bool {
        self.endpoint == other.endpoint && self.fields().eq(other.fields())
    }

    /// The arguments of the call for image `index`, counted from 0.
    pub(super) fn values(
        &self,
        request: &Request,
        resolved: &ResolvedRequest,
        index: u32,
    ) -> Result<Vec<Value>> {
        self.slots
            .iter()
            .map(|slot| slot.value(request, resolved, index))
            .collect()
    }
}

impl Slot {
    fn new(parameter: &Parameter, role: Option<Role>) -> Result<Self> {
        let default = match (&parameter.default, role) {
            (Some(default), _) => default.clone(),
            (None, Some(Role::NegativePrompt)) => json!(""),
            (None, Some(_)) => json!(parameter.minimum),
            (None, None) => neutral(parameter)?,
        };
        let limits = match (parameter.minimum, parameter.maximum) {
            (None, None) => None,
            (min, max) => Some((min.unwrap_or(f64::MIN), max.unwrap_or(f64::MAX))),
        };
        let as_string = !matches!(parameter.component.as_str(), "slider" | "number");
        Ok(Self {
            role,
            default,
            as_string,
            limits,
        })
    }

    fn value(&self, request: &Request, resolved: &ResolvedRequest, index: u32) -> Result<Value> {
        let Some(role) = self.role else {
            return Ok(self.default.clone());
        };
        let requested = match role {
            Role::Prompt => Some(json!(resolved.prompt)),
            Role::NegativePrompt => resolved.negative_prompt.as_ref().map(|text| json!(text)),
            Role::Seed if self.as_string => {
                resolved.seed_of(index).map(|seed| json!(seed.to_string()))
            }
            Role::Seed => resolved.seed_of(index).map(|seed| json!(seed)),
            // The client always chooses the seed, so that a retry generates the same image.
            Role::RandomizeSeed => Some(json!(false)),
            // Width and height may have different defaults, which one `SizeRule` cannot represent.
            Role::Width => request.width.and(resolved.width).map(|side| json!(side)),
            Role::Height => request.height.and(resolved.height).map(|side| json!(side)),
            Role::Steps => request.steps.and(resolved.steps).map(|steps| json!(steps)),
            Role::Guidance => resolved.guidance.map(|guidance| json!(guidance)),
        };
        let Some(value) = requested else {
            return Ok(self.default.clone());
        };
        if let (Some((min, max)), Some(number)) = (self.limits, value.as_f64())
            && !(min..=max).contains(&number)
        {
            let message =
                format!("{number} is not between {min} and {max}, the limits of the Space");
            return Err(Error::invalid(role.field(), message));
        }
        Ok(value)
    }
}

/// A rule that is valid for both sides.
fn size_rule(width: &Parameter, height: &Parameter) -> SizeRule {
    let both_sides = |limit: fn(&Parameter) -> u32| (limit(width), limit(height));
    let (min_width, min_height) = both_sides(|side| number(side.minimum, SIDE_LIMITS.0));
    let (max_width, max_height) = both_sides(|side| number(side.maximum, SIDE_LIMITS.1));
    let (step_width, step_height) = both_sides(|side| number(side.step, MULTIPLE));
    let min = min_width.max(min_height);
    let max = max_width.min(max_height).max(min);
    let multiple = step_width.max(step_height).max(MULTIPLE);
    let default = width.default.as_ref().and_then(Value::as_f64);
    SizeRule::new(multiple, min, max, number(default, 1024).clamp(min, max))
}

fn step_range(parameter: &Parameter) -> StepRange {
    let min = number(parameter.minimum, STEP_LIMITS.0).max(1);
    let max = number(parameter.maximum, STEP_LIMITS.1).max(min);
    let default = parameter.default.as_ref().and_then(Value::as_f64);
    StepRange::new(min, max, number(default, min).clamp(min, max))
}

fn seed_range(parameter: &Parameter) -> SeedRange {
    SeedRange::new(to_integer(parameter.maximum).unwrap_or(catalogue::MAX_SEED))
}

/// A neutral value for a parameter that has neither a role nor a default.
fn neutral(parameter: &Parameter) -> Result<Value> {
    Ok(match parameter.component.as_str() {
        "textbox" | "textarea" => json!(""),
        "checkbox" => json!(false),
        "slider" | "number" => json!(parameter.minimum.unwrap_or(0.0)),
        "checkboxgroup" => json!([]),
        "dropdown" | "radio" => parameter.choices.first().cloned().unwrap_or_default(),
        component => {
            let name = if parameter.name.is_empty() {
                &parameter.label
            } else {
                &parameter.name
            };
            let message =
                format!("the parameter `{name}` requires a value (component {component})");
            return Err(Error::invalid("api_name", message));
        }
    })
}

/// A limit as an integer, or `fallback` if it is missing or not representable.
fn number(limit: Option<f64>, fallback: u32) -> u32 {
    let integer = to_integer(limit).and_then(|limit| u32::try_from(limit).ok());
    integer.unwrap_or(fallback)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within the range of integers that an f64 represents exactly"
)]
fn to_integer(limit: Option<f64>) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    limit
        .filter(|limit| (0.0..=EXACT).contains(limit))
        .map(|limit| limit as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, Seed};

    fn flux() -> Mapping {
        let capabilities = catalogue::VOODOOHOP_FLUX_1_SCHNELL.info().capabilities;
        Mapping::flux("/infer", &capabilities)
    }

    fn slider(name: &str, limits: (f64, f64, f64), default: Value) -> Parameter {
        let mut parameter = Parameter::default();
        parameter.name = name.to_owned();
        parameter.component = "slider".to_owned();
        (parameter.minimum, parameter.maximum) = (Some(limits.0), Some(limits.1));
        parameter.step = Some(limits.2);
        parameter.default = Some(default);
        parameter
    }

    fn values(mapping: &Mapping, request: &Request, index: u32) -> Result<Value> {
        let resolved = request.resolve(&mapping.capabilities)?;
        mapping.values(request, &resolved, index).map(Value::Array)
    }

    #[test]
    fn the_payload_matches_the_original_client() {
        let request = Request::new("a cat")
            .with_seed(Seed::Fixed(42))
            .with_count(4);
        let sent = values(&flux(), &request, 0).expect("values");
        assert_eq!(sent, json!(["a cat", 42, false, 768, 768, 2]));
        let sent = values(&flux(), &request, 3).expect("values");
        assert_eq!(sent[1], json!(45));
    }

    #[test]
    fn sizes_are_rounded_as_in_the_original_client() {
        let request = Request::new("a cat").with_size(767, -5);
        let sent = values(&flux(), &request, 0).expect("values");
        assert_eq!((&sent[3], &sent[4]), (&json!(760), &json!(32)));
    }

    fn discovered(parameters: Vec<Parameter>) -> Mapping {
        let mut prompt = Parameter::default();
        prompt.name = "prompt".to_owned();
        prompt.component = "textbox".to_owned();
        let endpoint = Endpoint::new("/infer", [vec![prompt], parameters].concat());
        Mapping::of(&endpoint, &catalogue::space_capabilities()).expect("a mapping")
    }

    #[test]
    fn the_limits_and_defaults_of_the_space_are_used() {
        let mapping = discovered(vec![
            slider("width", (256.0, 2048.0, 32.0), json!(1024)),
            slider("height", (256.0, 1024.0, 32.0), json!(768)),
            slider("num_inference_steps", (1.0, 50.0, 1.0), json!(28)),
            slider("guidance_scale", (1.0, 15.0, 0.1), json!(3.5)),
        ]);
        let sent = values(&mapping, &Request::new("a cat"), 0).expect("values");
        assert_eq!(sent, json!(["a cat", 1024, 768, 28, 3.5]));
        assert_eq!(
            mapping.capabilities.size,
            Some(SizeRule::new(32, 256, 1024, 1024))
        );
        let sent =
            values(&mapping, &Request::new("a cat").with_size(1000, 100), 0).expect("values");
        assert_eq!((&sent[1], &sent[2]), (&json!(992), &json!(256)));
        let error = values(&mapping, &Request::new("a cat").with_guidance(99.0), 0)
            .expect_err("out of range");
        assert_eq!(
            error.kind(),
            &ErrorKind::InvalidRequest { field: "guidance" }
        );
        let error =
            values(&mapping, &Request::new("a cat").with_steps(51), 0).expect_err("out of range");
        assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "steps" });
    }

    #[test]
    fn invalid_limits_are_ignored() {
        let invalid = slider("width", (f64::NAN, -3.0, 0.0), json!(1e300));
        assert_eq!(
            size_rule(&invalid, &invalid),
            SizeRule::new(8, 32, 4096, 1024)
        );
    }

    #[test]
    fn a_seed_for_a_text_box_is_sent_as_a_string() {
        let mut seed = Parameter::default();
        seed.name = "seed".to_owned();
        seed.component = "textbox".to_owned();
        let mapping = discovered(vec![seed]);
        let request = Request::new("a cat").with_seed(Seed::Fixed(7));
        assert_eq!(
            values(&mapping, &request, 0).expect("values"),
            json!(["a cat", "7"])
        );
    }

    #[test]
    fn an_endpoint_that_requires_an_image_is_an_error() {
        let mut image = Parameter::default();
        image.name = "image".to_owned();
        image.component = "image".to_owned();
        let mut prompt = Parameter::default();
        prompt.name = "prompt".to_owned();
        prompt.component = "textbox".to_owned();
        let endpoint = Endpoint::new("/edit", vec![prompt, image]);
        let error = Mapping::of(&endpoint, &Capabilities::default()).expect_err("an image");
        assert!(error.message().contains("`image`"), "{error}");
    }
}
