//! `providers`: lists providers and checks which are reachable.

use std::time::{Duration, Instant};

use fluxhop::{Error, ErrorKind, ProviderInfo, Registry};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::table::table;
use crate::args::ProvidersArgs;
use crate::failure::Failure;
use crate::interrupt;
use crate::printer::Printer;
use crate::settings::{Environment, Settings};
use crate::text::{duration, plain, shortened};

/// The number of concurrent checks.
const AT_ONCE: usize = 4;
/// The default time limit of each check.
const LIMIT: Duration = Duration::from_secs(30);

/// Prints the providers; with `--check`, also whether each is reachable.
pub(super) fn run(
    arguments: &ProvidersArgs,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    let settings = Settings::load(environment, &arguments.network, |_| None)?;
    let registry = settings.registry()?;
    let providers = registry.describe_providers();
    if !arguments.check {
        return printer.line(&if arguments.json {
            json!(providers.iter().map(as_json).collect::<Vec<_>>()).to_string()
        } else {
            table(
                ["PROVIDER", "MODELS", "WHERE", "LABEL"],
                &providers.iter().map(row).collect::<Vec<_>>(),
            )
        });
    }
    let limit = Some(settings.config.network.timeout.unwrap_or(LIMIT));
    let check = async {
        let checks = providers
            .iter()
            .map(|provider| check(&registry, provider, limit));
        Ok(stream::iter(checks)
            .buffered(AT_ONCE)
            .collect::<Vec<_>>()
            .await)
    };
    let answers = interrupt::run(&registry, String::new, check)?;
    printer.line(&if arguments.json {
        json!(checked_as_json(&providers, &answers)).to_string()
    } else {
        checked_as_text(&providers, &answers)
    })?;
    // Fail only if no provider is reachable, with the first error.
    if answers.iter().any(|answer| answer.outcome.is_ok()) {
        Ok(())
    } else {
        answers
            .into_iter()
            .find_map(|answer| answer.outcome.err())
            .map_or(Ok(()), Err)
    }
}

fn checked_as_text(providers: &[ProviderInfo], answers: &[Answer]) -> String {
    let row = |(provider, answer): (&ProviderInfo, &Answer)| {
        let after = duration(answer.after);
        let answer = match &answer.outcome {
            Ok(answer) => answer.clone(),
            Err(failure) => shortened(&plain(&failure.to_string()), 100),
        };
        [provider.name.clone(), after, answer]
    };
    let rows: Vec<_> = providers.iter().zip(answers).map(row).collect();
    table(["PROVIDER", "AFTER", "ANSWER"], &rows)
}

fn checked_as_json(providers: &[ProviderInfo], answers: &[Answer]) -> Vec<Value> {
    let object = |(provider, answer): (&ProviderInfo, &Answer)| {
        let mut object = as_json(provider);
        object["after_s"] = json!(answer.after.as_secs_f64());
        object["answers"] = json!(answer.outcome.is_ok());
        if let Err(failure) = &answer.outcome {
            object["error"] =
                json!({ "kind": failure.kind_name(), "message": failure.to_string() });
        }
        object
    };
    providers.iter().zip(answers).map(object).collect()
}

/// The result of a check, and its duration.
struct Answer {
    after: Duration,
    outcome: Result<String, Failure>,
}

async fn check(registry: &Registry, provider: &ProviderInfo, limit: Option<Duration>) -> Answer {
    let start = Instant::now();
    let outcome = if provider.url.is_empty() && provider.working {
        Ok("on this machine".to_owned())
    } else if provider.url.is_empty() {
        let message = "its weights are not downloaded";
        Err(Error::new(ErrorKind::Unavailable, message).into())
    } else {
        let asked = registry.describe_space(&provider.name, None);
        let described = interrupt::limited(limit, asked).await;
        described.map(|space| {
            if space.gradio_version.is_empty() {
                "answers".to_owned()
            } else {
                format!("answers, Gradio {}", plain(&space.gradio_version))
            }
        })
    };
    Answer {
        after: start.elapsed(),
        outcome,
    }
}

fn row(provider: &ProviderInfo) -> [String; 4] {
    [
        provider.name.clone(),
        provider.image_models().join(", "),
        place(provider),
        if provider.working {
            provider.label.clone()
        } else {
            format!("{} (not working at present)", provider.label)
        },
    ]
}

fn place(provider: &ProviderInfo) -> String {
    if provider.url.is_empty() {
        "this machine".to_owned()
    } else {
        provider.url.clone()
    }
}

fn as_json(provider: &ProviderInfo) -> Value {
    let capabilities = &provider.capabilities;
    let size = capabilities.size.map(|size| {
        json!({ "multiple": size.multiple, "min": size.min, "max": size.max, "default": size.default })
    });
    let steps = capabilities
        .steps
        .map(|steps| json!({ "min": steps.min, "max": steps.max, "default": steps.default }));
    json!({
        "name": provider.name,
        "label": provider.label,
        "url": provider.url,
        "working": provider.working,
        "default_model": provider.default_image_model(),
        "models": provider.image_models(),
        "size": size,
        "steps": steps,
        "seed_max": capabilities.seed.map(|seed| seed.max),
        "max_count": capabilities.max_count,
        "negative_prompt": capabilities.negative_prompt,
        "guidance": capabilities.guidance,
    })
}
