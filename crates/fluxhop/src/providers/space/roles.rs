//! Infers the meaning of an endpoint's parameters from their names, labels and components.

use fluxhop_gradio::{Endpoint, Parameter};

/// The meaning of a parameter that corresponds to a field of a [`Request`](crate::Request).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Prompt,
    NegativePrompt,
    Seed,
    RandomizeSeed,
    Width,
    Height,
    Steps,
    Guidance,
}

impl Role {
    /// The corresponding field of the request.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::NegativePrompt => "negative_prompt",
            Self::Seed | Self::RandomizeSeed => "seed",
            Self::Width => "width",
            Self::Height => "height",
            Self::Steps => "steps",
            Self::Guidance => "guidance",
        }
    }
}

/// Assigns roles to an endpoint's parameters, in order, each role at most once.
pub(super) fn assign(parameters: &[Parameter]) -> Vec<Option<Role>> {
    let mut roles: Vec<Option<Role>> = vec![None; parameters.len()];
    // Names in the code are more reliable than labels, so all names are considered first.
    for source in [name_words, label_words] {
        for (index, parameter) in parameters.iter().enumerate() {
            if roles[index].is_some() {
                continue;
            }
            let role =
                role_from_words(&source(parameter)).filter(|role| is_compatible(*role, parameter));
            roles[index] = role.filter(|role| !roles.contains(&Some(*role)));
        }
    }
    if !roles.contains(&Some(Role::Prompt)) {
        let index = parameters.iter().zip(&roles).position(|(parameter, role)| {
            role.is_none() && matches!(parameter.component.as_str(), "textbox" | "textarea")
        });
        if let Some(index) = index {
            roles[index] = Some(Role::Prompt);
        }
    }
    roles
}

/// Whether an endpoint generates images from text: it takes a prompt, requires no file, and returns
/// an image.
pub(super) fn generates_images(endpoint: &Endpoint) -> bool {
    let returns_image = endpoint
        .returns
        .iter()
        .any(|output| is_picture(&output.component));
    let requires_file = endpoint.parameters.iter().any(|parameter| {
        let file_components = ["image", "file", "imageeditor", "gallery", "video", "audio"];
        file_components.contains(&parameter.component.as_str()) && parameter.default.is_none()
    });
    returns_image && !requires_file && assign(&endpoint.parameters).contains(&Some(Role::Prompt))
}

pub(super) fn is_picture(component: &str) -> bool {
    matches!(component, "image" | "gallery" | "imageslider" | "file")
}

fn name_words(parameter: &Parameter) -> Vec<String> {
    words(&parameter.name)
}

fn label_words(parameter: &Parameter) -> Vec<String> {
    words(&parameter.label)
}

/// Splits `num_inferenceSteps` or `Num inference steps` into `num`, `inference`, `steps`.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous_is_lowercase = false;
    for character in text.chars().take(200) {
        let starts_word = character.is_uppercase() && previous_is_lowercase;
        if starts_word || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if character.is_alphanumeric() {
            words
                .last_mut()
                .expect("never empty")
                .extend(character.to_lowercase());
        }
        previous_is_lowercase = character.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn role_from_words(words: &[String]) -> Option<Role> {
    let has = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
    let is = |names: &[&str]| words.len() == 1 && has(names);
    if has(&["negative", "neg"]) {
        return Some(Role::NegativePrompt);
    }
    if has(&["seed", "seeds"]) {
        let is_randomize = words.iter().any(|word| word.starts_with("random"));
        return Some(if is_randomize {
            Role::RandomizeSeed
        } else {
            Role::Seed
        });
    }
    if has(&["guidance", "cfg"]) {
        return Some(Role::Guidance);
    }
    if has(&["steps"]) || is(&["step"]) {
        return Some(Role::Steps);
    }
    if has(&["width"]) || is(&["w"]) || words == ["img", "w"] {
        return Some(Role::Width);
    }
    if has(&["height"]) || is(&["h"]) || words == ["img", "h"] {
        return Some(Role::Height);
    }
    if has(&["prompt", "promt"]) || is(&["text", "caption", "description"]) {
        return Some(Role::Prompt);
    }
    None
}

/// Whether the component is compatible with the role; a checkbox "Guidance rescale" is not.
fn is_compatible(role: Role, parameter: &Parameter) -> bool {
    let is_text = matches!(parameter.component.as_str(), "textbox" | "textarea");
    let is_number = matches!(parameter.component.as_str(), "slider" | "number");
    match role {
        Role::Prompt | Role::NegativePrompt => is_text,
        Role::RandomizeSeed => parameter.component == "checkbox",
        Role::Seed => is_number || is_text,
        Role::Width | Role::Height | Role::Steps | Role::Guidance => is_number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, label: &str, component: &str) -> Parameter {
        let mut parameter = Parameter::default();
        parameter.name = name.to_owned();
        parameter.label = label.to_owned();
        parameter.component = component.to_owned();
        parameter
    }

    #[test]
    fn the_parameters_of_flux_spaces_are_recognized() {
        let parameters = [
            parameter("prompt", "Prompt", "textbox"),
            parameter("seed", "Seed", "slider"),
            parameter("randomize_seed", "Randomize seed", "checkbox"),
            parameter("width", "Width", "slider"),
            parameter("height", "Height", "slider"),
            parameter("guidance_scale", "Guidance Scale", "slider"),
            parameter("num_inference_steps", "Number of inference steps", "slider"),
        ];
        let roles = [
            Role::Prompt,
            Role::Seed,
            Role::RandomizeSeed,
            Role::Width,
            Role::Height,
            Role::Guidance,
            Role::Steps,
        ];
        assert_eq!(assign(&parameters), roles.map(Some));
    }

    #[test]
    fn labels_are_used_if_names_are_not_recognized() {
        let parameters = [
            parameter("param_0", "Your prompt", "textbox"),
            parameter("param_1", "Negative Prompt", "textbox"),
            parameter("param_2", "Inference steps", "slider"),
            parameter("param_3", "Style", "dropdown"),
        ];
        let roles = [
            Some(Role::Prompt),
            Some(Role::NegativePrompt),
            Some(Role::Steps),
            None,
        ];
        assert_eq!(assign(&parameters), roles);
    }

    #[test]
    fn alternative_names_are_recognized() {
        let parameters = [
            parameter("text", "Text", "textbox"),
            parameter("neg", "Avoid", "textbox"),
            parameter("cfg", "CFG", "slider"),
            parameter("numSteps", "Steps", "slider"),
            parameter("img_w", "W", "number"),
            parameter("img_h", "H", "number"),
        ];
        let roles = [
            Role::Prompt,
            Role::NegativePrompt,
            Role::Guidance,
            Role::Steps,
            Role::Width,
            Role::Height,
        ];
        assert_eq!(assign(&parameters), roles.map(Some));
    }

    #[test]
    fn a_single_text_box_is_the_prompt() {
        let parameters = [parameter("inputs", "Inputs", "textbox")];
        assert_eq!(assign(&parameters), [Some(Role::Prompt)]);
    }

    #[test]
    fn roles_are_unique_and_match_the_component() {
        let parameters = [
            parameter("prompt", "Prompt", "textbox"),
            parameter("prompt_2", "Prompt 2", "textbox"),
            parameter("guidance", "Use guidance", "checkbox"),
        ];
        assert_eq!(assign(&parameters), [Some(Role::Prompt), None, None]);
    }
}
