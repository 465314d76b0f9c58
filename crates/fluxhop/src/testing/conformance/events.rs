//! Checks of the event order, model names and `ProviderInfo`.

use futures_util::StreamExt;

use super::{CheckResult, Subject, ensure, expect};
use crate::{Event, ImageFormat, Picture, names};

pub(super) async fn info_is_consistent(subject: &Subject<'_>) -> CheckResult {
    let provider = subject.provider();
    let info = provider.info();
    for (field, text) in [("name", &info.name), ("label", &info.label)] {
        if text.trim().is_empty() {
            return Err(format!("the {field} is empty"));
        }
    }
    for model in &info.models {
        info.resolve(model)
            .map_err(|error| format!("a listed model does not resolve: {error}"))?;
    }
    info.resolve(&info.default_model)
        .map_err(|error| format!("the default model does not resolve: {error}"))?;
    let capabilities = subject.capabilities();
    if let Some(rule) = capabilities.size {
        let is_in_range = rule.min <= rule.default && rule.default <= rule.max && rule.multiple > 0;
        if !is_in_range || rule.min % rule.multiple != 0 || rule.default % rule.multiple != 0 {
            return Err(format!("the size rule is inconsistent: {rule:?}"));
        }
    }
    if let Some(range) = capabilities.steps
        && !(range.min <= range.default && range.default <= range.max)
    {
        return Err(format!("the step range is inconsistent: {range:?}"));
    }
    ensure(capabilities.max_count > 0, "the maximum count is 0")
}

pub(super) async fn events_are_in_order(subject: &Subject<'_>) -> CheckResult {
    check_order(subject, 1).await
}

pub(super) async fn several_images_are_delivered(subject: &Subject<'_>) -> CheckResult {
    let count = subject.capabilities().max_count.min(3);
    check_order(subject, count).await
}

async fn check_order(subject: &Subject<'_>, count: u32) -> CheckResult {
    let provider = subject.provider();
    let mut events = provider.generate(subject.request().with_count(count));
    let (mut attempts, mut images) = (0, 0);
    while let Some(event) = events.next().await {
        let event = event.map_err(|error| format!("a valid request failed: {error}"))?;
        match event {
            Event::Attempt { number, .. } => {
                if images > 0 {
                    return Err("an attempt follows an image".to_owned());
                }
                attempts += 1;
                expect("the attempt's number", &number, &attempts)?;
            }
            event if attempts == 0 => {
                return Err(format!("the first event is {event:?}, not an attempt"));
            }
            Event::Image(image) => {
                images += 1;
                expect(
                    "the image's prompt",
                    &image.alt.as_str(),
                    &subject.request().prompt.trim(),
                )?;
                if image.provider.is_empty() || image.model.is_empty() {
                    return Err("an image has no provider or model".to_owned());
                }
                let picture = super::picture(&image)?;
                // The reported format and size must match the bytes.
                let expected = Picture::read(picture.bytes.clone()).map_err(super::to_text)?;
                expect("the picture", picture, &expected)?;
                if picture.format != ImageFormat::Avif {
                    super::pixels(&image)?;
                }
            }
            _ if images == count => return Err("an event follows the last image".to_owned()),
            _ => {}
        }
    }
    expect("the number of images", &images, &count)?;
    ensure(
        events.next().await.is_none(),
        "the stream continues after its end",
    )
}

pub(super) async fn names_resolve(subject: &Subject<'_>) -> CheckResult {
    let provider = subject.provider();
    let info = provider.info();
    let image = subject.image(subject.request().with_model("")).await?;
    let default = info.resolve("").map_err(super::to_text)?;
    expect("the default model", &image.model.as_str(), &default)?;
    if let Some((alias, target)) = info.model_aliases.first() {
        for name in [alias.to_uppercase(), alias.to_lowercase()] {
            let image = subject.image(subject.request().with_model(name)).await?;
            ensure(
                names::same(&image.model, target),
                "an alias does not resolve to its model",
            )?;
        }
    }
    Ok(())
}

pub(super) async fn dropping_cancels(subject: &Subject<'_>) -> CheckResult {
    let Some(cancelled) = &subject.options.cancelled else {
        return Ok(());
    };
    let provider = subject.provider();
    let mut events = provider.generate(subject.request());
    loop {
        match events.next().await {
            Some(Ok(Event::Attempt { .. } | Event::Notice(_) | Event::Skipped { .. })) => {}
            Some(Ok(_)) => break,
            Some(Err(error)) => return Err(format!("a valid request failed: {error}")),
            None => return Err("the stream ended without an event".to_owned()),
        }
    }
    drop(events);
    ensure(
        cancelled().await,
        "dropping the stream did not cancel the work",
    )
}
