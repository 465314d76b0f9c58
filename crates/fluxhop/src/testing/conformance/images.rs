//! Checks of the images: seed, size, format and previews.

use futures_util::future::join;

use super::{CheckResult, Subject, ensure, expect, picture, pixels, to_text};
use crate::{Error, Event, ImageFormat, Seed, encode};

pub(super) async fn a_fixed_seed_draws_the_same_picture(subject: &Subject<'_>) -> CheckResult {
    let Some(range) = subject.capabilities().seed else {
        return Ok(());
    };
    let request = |seed| subject.request().with_seed(Seed::Fixed(seed));
    let first = subject.image(request(7)).await?;
    expect("the reported seed", &first.seed, &Some(7))?;
    let repeated = subject.image(request(7)).await?;
    if pixels(&first)? != pixels(&repeated)? {
        return Err("the same seed yields a different image".to_owned());
    }
    let other = subject.image(request(8)).await?;
    if pixels(&first)? == pixels(&other)? {
        return Err("a different seed yields the same image".to_owned());
    }
    for seed in [0, range.max] {
        expect(
            "the reported seed",
            &subject.image(request(seed)).await?.seed,
            &Some(seed),
        )?;
    }
    if subject.capabilities().max_count > 1 {
        let pair = subject.images(request(7).with_count(2)).await?;
        let seeds: Vec<_> = pair.iter().map(|image| image.seed).collect();
        expect("the seeds of two images", &seeds, &vec![Some(7), Some(8)])?;
        for (image, single) in pair.iter().zip([&first, &other]) {
            if pixels(image)? != pixels(single)? {
                return Err("an image differs from the one generated separately".to_owned());
            }
        }
    }
    Ok(())
}

pub(super) async fn a_random_seed_is_reported_and_reproducible(
    subject: &Subject<'_>,
) -> CheckResult {
    let Some(range) = subject.capabilities().seed else {
        return Ok(());
    };
    let random = || subject.request().with_seed(Seed::Random);
    let (first, second) = (
        subject.image(random()).await?,
        subject.image(random()).await?,
    );
    let Some(seed) = first.seed else {
        return Err("the seed of a random image is not reported".to_owned());
    };
    if seed > range.max {
        return Err(format!(
            "the random seed {seed} is above the maximum of {}",
            range.max
        ));
    }
    if range.max > 1_000_000 && first.seed == second.seed {
        return Err(format!(
            "two images with random seeds have the same seed, {seed}"
        ));
    }
    let repeated = subject
        .image(subject.request().with_seed(Seed::Fixed(seed)))
        .await?;
    ensure(
        pixels(&repeated)? == pixels(&first)?,
        "the reported seed does not reproduce the image",
    )
}

pub(super) async fn concurrent_requests_do_not_interfere(subject: &Subject<'_>) -> CheckResult {
    if subject.capabilities().seed.is_none() {
        return Ok(());
    }
    let request = |seed| subject.request().with_seed(Seed::Fixed(seed));
    let sequential = subject.image(request(1)).await?;
    let (first, second) = join(subject.image(request(1)), subject.image(request(2))).await;
    let (first, second) = (first?, second?);
    expect(
        "the seeds of two concurrent requests",
        &(first.seed, second.seed),
        &(Some(1), Some(2)),
    )?;
    ensure(
        pixels(&first)? == pixels(&sequential)?,
        "a concurrent request yields another image than a single one",
    )
}

pub(super) async fn sizes_follow_the_rule(subject: &Subject<'_>) -> CheckResult {
    let Some(rule) = subject.capabilities().size else {
        return Ok(());
    };
    let min = i64::from(rule.min);
    let larger = i64::from(rule.min + rule.multiple).min(i64::from(rule.max));
    let unaligned = larger + i64::from(rule.multiple) - 1;
    for (width, height) in [
        (larger, min),
        (unaligned.min(i64::from(rule.max)), larger),
        (-5, 0),
    ] {
        let request = subject.request().with_size(width, height);
        let fit = |field, side| rule.fit(field, Some(side)).map_err(to_text);
        let expected = (fit("width", width)?, fit("height", height)?);
        let events = subject.events(request).await;
        let mut has_notice = false;
        let mut actual = None;
        for event in events {
            match event.map_err(|error: Error| format!("{width}x{height} failed: {error}"))? {
                Event::Notice(_) => has_notice = true,
                Event::Image(image) => {
                    let picture = picture(&image)?;
                    actual = Some((picture.width, picture.height));
                }
                _ => {}
            }
        }
        expect(
            &format!("the size for {width}x{height}"),
            &actual,
            &Some(expected),
        )?;
        let is_rounded = (i64::from(expected.0), i64::from(expected.1)) != (width, height);
        if is_rounded && !has_notice {
            return Err(format!("no notice for the rounded size {width}x{height}"));
        }
    }
    let above = i64::from(rule.max) + 1;
    for (field, width, height) in [
        ("width", above, min),
        ("height", min, above),
        ("width", i64::MAX, min),
    ] {
        let request = subject.request().with_size(width, height);
        subject
            .expect_rejected(field, &format!("the size {width}x{height}"), request)
            .await?;
    }
    Ok(())
}

pub(super) async fn the_requested_format_is_used(subject: &Subject<'_>) -> CheckResult {
    for format in ImageFormat::WRITABLE {
        let request = subject.request().with_format(format);
        if encode::writable(format).is_err() {
            subject
                .expect_rejected("format", &format!("the format {format}"), request)
                .await?;
            continue;
        }
        let image = subject.image(request).await?;
        expect("the format", &picture(&image)?.format, &format)?;
    }
    Ok(())
}

pub(super) async fn a_url_is_reported_without_a_download(subject: &Subject<'_>) -> CheckResult {
    let image = subject.image(subject.request().without_download()).await?;
    if image.picture.is_none() && image.url.as_ref().is_none_or(String::is_empty) {
        return Err("the image has neither a picture nor a URL".to_owned());
    }
    Ok(())
}

pub(super) async fn previews_are_emitted_only_if_requested(subject: &Subject<'_>) -> CheckResult {
    let mut request = subject.request();
    request.previews = false;
    for event in subject.events(request).await {
        if let Event::Preview(_) = event.map_err(to_text)? {
            return Err("a preview was emitted without a request".to_owned());
        }
    }
    let mut request = subject.request();
    request.previews = true;
    subject.image(request).await.map(drop)
}
