//! Checks that invalid requests are rejected and that the error names the field.

use super::{CheckResult, Subject, expect};
use crate::{ErrorKind, Event, Request, Seed};

pub(super) async fn invalid_prompts_are_rejected(subject: &Subject<'_>) -> CheckResult {
    let long = "x".repeat(Request::MAX_PROMPT + 1);
    for (what, prompt) in [
        ("an empty prompt", ""),
        ("a prompt of whitespace", " \n\t"),
        ("a prompt above the limit", &long),
    ] {
        let request = subject.request().with_prompt(prompt);
        subject.expect_rejected("prompt", what, request).await?;
    }
    Ok(())
}

pub(super) async fn out_of_range_numbers_are_rejected(subject: &Subject<'_>) -> CheckResult {
    let capabilities = subject.capabilities();
    let request = || subject.request();
    subject
        .expect_rejected("count", "a count of 0", request().with_count(0))
        .await?;
    let too_many = capabilities.max_count.saturating_add(1);
    subject
        .expect_rejected(
            "count",
            "a count above the maximum",
            request().with_count(too_many),
        )
        .await?;
    for guidance in [f64::NAN, f64::INFINITY, -1.0] {
        let request = request().with_guidance(guidance);
        subject
            .expect_rejected("guidance", &format!("the guidance {guidance}"), request)
            .await?;
    }
    let steps = match capabilities.steps {
        Some(range) => vec![range.min.checked_sub(1), range.max.checked_add(1)],
        None => vec![Some(0), Request::MAX_STEPS.checked_add(1)],
    };
    for steps in steps.into_iter().flatten() {
        let request = request().with_steps(steps);
        subject
            .expect_rejected("steps", &format!("{steps} steps"), request)
            .await?;
    }
    let seed = match capabilities.seed {
        Some(range) => range.max.checked_add(1),
        None => Some(1),
    };
    if let Some(seed) = seed {
        let request = request().with_seed(Seed::Fixed(seed));
        subject
            .expect_rejected("seed", &format!("the seed {seed}"), request)
            .await?;
    }
    Ok(())
}

pub(super) async fn an_unknown_model_is_rejected(subject: &Subject<'_>) -> CheckResult {
    let provider = subject.provider();
    let events = subject
        .events(subject.request().with_model("no-such-model"))
        .await;
    if events
        .iter()
        .any(|event| matches!(event, Ok(Event::Image(_))))
    {
        return Err("an unknown model was accepted".to_owned());
    }
    let Some(Err(error)) = events.last() else {
        return Err("an unknown model did not return an error".to_owned());
    };
    expect(
        "the error for an unknown model",
        error.kind(),
        &ErrorKind::ModelNotFound,
    )?;
    let default = &provider.info().default_model;
    if !error.message().contains(default.as_str()) {
        return Err(format!("the error does not list `{default}`: {error}"));
    }
    Ok(())
}
