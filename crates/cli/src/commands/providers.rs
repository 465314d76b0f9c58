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
use crate::text::{format_duration, sanitized, truncated};

/// The number of concurrent checks.
const CONCURRENCY: usize = 4;
/// The default time limit of each check.
const CHECK_TIMEOUT: Duration = Duration::from_secs(30);

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
                ["PROVIDER", "MODELS", "LOCATION", "LABEL"],
                &providers.iter().map(row).collect::<Vec<_>>(),
            )
        });
    }
    let limit = Some(settings.config.network.timeout.unwrap_or(CHECK_TIMEOUT));
    let check = async {
        let pending = providers
            .iter()
            .map(|provider| check(&registry, provider, limit));
        Ok(stream::iter(pending)
            .buffered(CONCURRENCY)
            .collect::<Vec<_>>()
            .await)
    };
    let checks = interrupt::run(&registry, String::new, check)?;
    printer.line(&if arguments.json {
        json!(checked_as_json(&providers, &checks)).to_string()
    } else {
        checked_as_text(&providers, &checks)
    })?;
    // Fail only if no provider is reachable, with the first error.
    if checks.iter().any(|check| check.outcome.is_ok()) {
        Ok(())
    } else {
        checks
            .into_iter()
            .find_map(|check| check.outcome.err())
            .map_or(Ok(()), Err)
    }
}

fn checked_as_text(providers: &[ProviderInfo], checks: &[Check]) -> String {
    let row = |(provider, check): (&ProviderInfo, &Check)| {
        let time = format_duration(check.elapsed);
        let status = match &check.outcome {
            Ok(status) => status.clone(),
            Err(failure) => truncated(&sanitized(&failure.to_string()), 100),
        };
        [provider.name.clone(), time, status]
    };
    let rows: Vec<_> = providers.iter().zip(checks).map(row).collect();
    table(["PROVIDER", "TIME", "STATUS"], &rows)
}

fn checked_as_json(providers: &[ProviderInfo], checks: &[Check]) -> Vec<Value> {
    let object = |(provider, check): (&ProviderInfo, &Check)| {
        let mut object = as_json(provider);
        object["elapsed_s"] = json!(check.elapsed.as_secs_f64());
        object["reachable"] = json!(check.outcome.is_ok());
        if let Err(failure) = &check.outcome {
            object["error"] =
                json!({ "kind": failure.kind_name(), "message": failure.to_string() });
        }
        object
    };
    providers.iter().zip(checks).map(object).collect()
}

/// The result of a check, and its duration.
struct Check {
    elapsed: Duration,
    outcome: Result<String, Failure>,
}

async fn check(registry: &Registry, provider: &ProviderInfo, limit: Option<Duration>) -> Check {
    let start = Instant::now();
    let outcome = if provider.url.is_empty() && provider.working {
        Ok("on this machine".to_owned())
    } else if provider.url.is_empty() {
        let message = "the weights are not downloaded";
        Err(Error::new(ErrorKind::Unavailable, message).into())
    } else {
        let described = registry.describe_space(&provider.name, None);
        interrupt::with_timeout(limit, described)
            .await
            .map(|space| {
                if space.gradio_version.is_empty() {
                    "reachable".to_owned()
                } else {
                    format!("reachable, Gradio {}", sanitized(&space.gradio_version))
                }
            })
    };
    Check {
        elapsed: start.elapsed(),
        outcome,
    }
}

fn row(provider: &ProviderInfo) -> [String; 4] {
    [
        provider.name.clone(),
        provider.image_models().join(", "),
        location(provider),
        // The label of a local provider already contains its state.
        if provider.working || provider.url.is_empty() {
            provider.label.clone()
        } else {
            format!("{} (not working)", provider.label)
        },
    ]
}

fn location(provider: &ProviderInfo) -> String {
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
