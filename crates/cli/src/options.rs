//! The options of a request, from the arguments and the settings.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use fluxhop::config::Config;
use fluxhop::{Error, Provider, Registry, Request, Result, Seed};

use crate::args::{Aspect, GenerateArgs};
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::Settings;

/// Where to send the request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// The providers of a model, in order; an empty name or `auto` uses the first that works.
    Model(String),
    /// A provider, by name.
    Provider(String),
    /// A Space.
    Space {
        target: String,
        api_name: Option<String>,
    },
}

/// A request without its prompt, and the other options.
#[derive(Clone, Debug)]
pub(crate) struct GenerateOptions {
    /// Where to send the request.
    pub(crate) target: Target,
    /// The request; its prompt is empty.
    pub(crate) request: Request,
    /// The aspect ratio, converted to a size once the provider is known.
    pub(crate) aspect: Option<Aspect>,
    /// The output, as given.
    pub(crate) output: Option<PathBuf>,
    /// Whether to embed the generation parameters in files.
    pub(crate) metadata: bool,
}

impl Target {
    /// Whether the user chose neither a model nor a provider.
    pub(crate) fn is_auto(&self) -> bool {
        matches!(self, Self::Model(name) if name.is_empty() || name.eq_ignore_ascii_case("auto"))
    }

    /// The URL that requests go to, if there is only one.
    pub(crate) fn url(&self, config: &Config) -> Option<String> {
        match self {
            Self::Model(_) => None,
            Self::Provider(name) => config.providers.get(name)?.url.clone(),
            Self::Space { target, .. } => Some(target.clone()),
        }
    }

    /// Looks up the provider, wrapped in its policies.
    pub(crate) fn provider(&self, registry: &Registry) -> Result<Arc<dyn Provider>> {
        match self {
            Self::Model(name) => registry.model(name),
            Self::Provider(name) => registry.provider(name),
            Self::Space { target, api_name } => registry.space(target, api_name.as_deref()),
        }
    }
}

impl GenerateOptions {
    /// Merges the flags with the defaults in the settings; flags take precedence.
    ///
    /// A flag for the provider, the model or the Space overrides the settings for all three.
    pub(crate) fn new(arguments: &GenerateArgs, config: &Config) -> Self {
        let defaults = &config.defaults;
        let (target, model) = target(arguments, config);
        let mut request = Request::new("").with_model(model);
        request.width = arguments.width.or(arguments.size.map(|size| size.width));
        request.height = arguments.height.or(arguments.size.map(|size| size.height));
        if arguments.aspect.is_none() {
            // Each side falls back to the settings separately.
            request.width = request.width.or(defaults.width);
            request.height = request.height.or(defaults.height);
        }
        request.steps = arguments.steps.or(defaults.steps);
        request.guidance = arguments.guidance.or(defaults.guidance);
        request.negative_prompt.clone_from(&arguments.negative);
        request.seed = arguments.seed.map_or(Seed::Random, Seed::Fixed);
        request.count = arguments.count.unwrap_or(1);
        request.format = arguments.format;
        request.download = !arguments.no_download;
        Self {
            target,
            request,
            aspect: arguments.aspect,
            output: arguments.output.clone().or_else(|| defaults.output.clone()),
            metadata: !arguments.no_metadata && defaults.metadata.unwrap_or(true),
        }
    }
}

fn target(arguments: &GenerateArgs, config: &Config) -> (Target, String) {
    let defaults = &config.defaults;
    if let Some(target) = &arguments.space {
        let (target, api_name) = (target.clone(), arguments.api_name.clone());
        return (Target::Space { target, api_name }, String::new());
    }
    let (provider, model) = match (&arguments.provider, &arguments.model) {
        (None, None) => (&defaults.provider, &defaults.model),
        flags => flags,
    };
    let model = model.clone().unwrap_or_default();
    match provider {
        // `auto` is not a model of any provider.
        Some(provider) if model.eq_ignore_ascii_case("auto") => {
            (Target::Provider(provider.clone()), String::new())
        }
        Some(provider) => (Target::Provider(provider.clone()), model),
        None => (Target::Model(model.clone()), model),
    }
}

/// Sets the size from an aspect ratio: the missing side if one is given, else a size with as many
/// pixels as the provider's default.
pub(crate) fn with_aspect(
    request: &mut Request,
    aspect: Aspect,
    provider: &dyn Provider,
    config: &Config,
) {
    match (request.width, request.height) {
        (Some(width), None) => request.height = Some(aspect.height_for(width)),
        (None, Some(height)) => request.width = Some(aspect.width_for(height)),
        (Some(_), Some(_)) => {}
        (None, None) => {
            let rule = provider.info().capabilities.size;
            let default = i64::from(rule.map_or(768, |rule| rule.default));
            let max = i64::from(rule.map_or(u32::MAX, |rule| rule.max));
            let width = config.defaults.width.unwrap_or(default);
            let height = config.defaults.height.unwrap_or(default);
            let size = aspect.size_like(width.max(1), height.max(1), max);
            request.width = Some(size.width);
            request.height = Some(size.height);
        }
    }
}

/// The format to encode images in: `--format`, else the output's extension, else the settings.
///
/// Fails if `--format` and the extension differ, or if this build cannot write the format.
pub(crate) fn format(
    request: &Request,
    output: &Output,
    settings: &Settings,
) -> Result<Option<fluxhop::ImageFormat>, Failure> {
    let format = match (request.format, output.format()?) {
        (Some(flag), Some(extension)) if flag != extension => {
            let message =
                format!("format {flag} conflicts with the output's extension ({extension})");
            return Err(Failure::Usage(message));
        }
        (flag, extension) => flag.or(extension).or(settings.config.defaults.format),
    };
    if let Some(format) = format {
        fluxhop::encode::writable(format)?;
    }
    Ok(format)
}

/// The prompt: the arguments joined by spaces, or stdin for `-`.
pub(crate) fn prompt(arguments: &GenerateArgs, stdin: impl Read) -> Result<String, Failure> {
    if let [word] = &arguments.prompt[..]
        && word == "-"
    {
        return Ok(read_stdin(stdin)?);
    }
    let mut words = Vec::new();
    for word in &arguments.prompt {
        let word = word
            .to_str()
            .ok_or_else(|| Error::invalid("prompt", "not valid UTF-8"))?;
        words.push(word);
    }
    Ok(check_prompt(words.join(" "))?)
}

fn read_stdin(stdin: impl Read) -> Result<String> {
    let mut bytes = Vec::new();
    let limit = Request::MAX_PROMPT as u64 + 1;
    stdin
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::invalid("prompt", "cannot read stdin").with_source(error))?;
    if bytes.len() > Request::MAX_PROMPT {
        return Err(too_long());
    }
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| Error::invalid("prompt", "stdin is not valid UTF-8"))?;
    check_prompt(text.trim().to_owned())
}

/// Rejects a prompt that is empty or too long.
pub(crate) fn check_prompt(prompt: String) -> Result<String> {
    if prompt.trim().is_empty() {
        return Err(Error::invalid("prompt", "it is empty"));
    }
    if prompt.len() > Request::MAX_PROMPT {
        return Err(too_long());
    }
    Ok(prompt)
}

fn too_long() -> Error {
    Error::invalid(
        "prompt",
        format!("it exceeds the limit of {} bytes", Request::MAX_PROMPT),
    )
}

#[cfg(test)]
mod tests;
