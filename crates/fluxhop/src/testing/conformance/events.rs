//! Checks of event order, names, and `ProviderInfo`.

use futures_util::StreamExt;

use super::{Outcome, Subject, expect};
use crate::{Event, ImageFormat, Picture, names};

pub(super) async fn information_is_consistent(subject: &Subject<'_>) -> Outcome {
    let provider = subject.provider();
    let info = provider.info();
    for (what, text) in [("name", &info.name), ("label", &info.label)] {
        if text.trim().is_empty() {
            return Err(format!("the {what} is empty"));
        }
    }
    for alias in &info.models {
        info.resolve(alias)
            .map_err(|error| format!("its own model does not resolve: {error}"))?;
    }
    info.resolve(&info.default_model)
        .map_err(|error| format!("its default model does not resolve: {error}"))?;
    let capabilities = subject.capabilities();
    if let Some(rule) = capabilities.size {
        let fits = rule.min <= rule.default && rule.default <= rule.max && rule.multiple > 0;
        if !fits || rule.min % rule.multiple != 0 || rule.default % rule.multiple != 0 {
            return Err(format!("the size rule is inconsistent: {rule:?}"));
        }
    }
    if let Some(range) = capabilities.steps
        && !(range.min <= range.default && range.default <= range.max)
    {
        return Err(format!("the step range is inconsistent: {range:?}"));
    }
    expect(
        "whether the maximum count is 0",
        &(capabilities.max_count == 0),
        &false,
    )
}

pub(super) async fn events_come_in_order(subject: &Subject<'_>) -> Outcome {
    in_order(subject, 1).await
}

pub(super) async fn several_images_are_delivered(subject: &Subject<'_>) -> Outcome {
    let count = subject.capabilities().max_count.min(3);
    in_order(subject, count).await
}

async fn in_order(subject: &Subject<'_>, count: u32) -> Outcome {
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
                    return Err("an image has no provider or no model".to_owned());
                }
                let picture = super::picture(&image)?;
                // The reported format and size must match the bytes.
                let read = Picture::read(picture.bytes.clone()).map_err(super::to_text)?;
                expect("the picture", picture, &read)?;
                if picture.format != ImageFormat::Avif {
                    super::pixels(&image)?;
                }
            }
            _ if images == count => return Err("events follow the last image".to_owned()),
            _ => {}
        }
    }
    expect("the number of images", &images, &count)?;
    expect(
        "whether the ended stream stays ended",
        &events.next().await.is_none(),
        &true,
    )
}

pub(super) async fn names_resolve(subject: &Subject<'_>) -> Outcome {
    let provider = subject.provider();
    let info = provider.info();
    let drawn = subject.image(subject.request().with_model("")).await?;
    let default = info.resolve("").map_err(super::to_text)?;
    expect("the default model", &drawn.model.as_str(), &default)?;
    if let Some((alias, target)) = info.model_aliases.first() {
        for name in [alias.to_uppercase(), alias.to_lowercase()] {
            let drawn = subject.image(subject.request().with_model(name)).await?;
            expect(
                "the target of an alias",
                &names::same(&drawn.model, target),
                &true,
            )?;
        }
    }
    Ok(())
}

pub(super) async fn dropping_cancels(subject: &Subject<'_>) -> Outcome {
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
    expect(
        "whether dropping the stream cancelled the work",
        &cancelled().await,
        &true,
    )
}
