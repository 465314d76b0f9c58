//! The pictures: drawn with the seed, the size and the format that were asked for.

use futures_util::future::join;

use super::{Outcome, Subject, expect, picture, pixels, says};
use crate::{Error, Event, ImageFormat, Seed, encode};

pub(super) async fn a_fixed_seed_draws_the_same_picture(subject: &Subject<'_>) -> Outcome {
    let Some(range) = subject.capabilities().seed else {
        return Ok(());
    };
    let request = |seed| subject.request().with_seed(Seed::Fixed(seed));
    let first = subject.image(request(7)).await?;
    expect("the seed told", &first.seed, &Some(7))?;
    let again = subject.image(request(7)).await?;
    if pixels(&first)? != pixels(&again)? {
        return Err("the same seed draws another picture".to_owned());
    }
    let other = subject.image(request(8)).await?;
    if pixels(&first)? == pixels(&other)? {
        return Err("another seed draws the same picture".to_owned());
    }
    for seed in [0, range.max] {
        expect(
            "the seed told",
            &subject.image(request(seed)).await?.seed,
            &Some(seed),
        )?;
    }
    if subject.capabilities().max_count > 1 {
        let pair = subject.images(request(7).with_count(2)).await?;
        let seeds: Vec<_> = pair.iter().map(|image| image.seed).collect();
        expect("the seeds of two pictures", &seeds, &vec![Some(7), Some(8)])?;
        for (drawn, alone) in pair.iter().zip([&first, &other]) {
            if pixels(drawn)? != pixels(alone)? {
                return Err("a picture among several is another than alone".to_owned());
            }
        }
    }
    Ok(())
}

pub(super) async fn a_random_seed_is_told_and_draws_again(subject: &Subject<'_>) -> Outcome {
    let Some(range) = subject.capabilities().seed else {
        return Ok(());
    };
    let random = || subject.request().with_seed(Seed::Random);
    let (first, second) = (
        subject.image(random()).await?,
        subject.image(random()).await?,
    );
    let Some(seed) = first.seed else {
        return Err("the seed of a random picture is not told".to_owned());
    };
    if seed > range.max {
        return Err(format!("the random seed {seed} is above {}", range.max));
    }
    if range.max > 1_000_000 && first.seed == second.seed {
        return Err(format!("two random pictures have the same seed, {seed}"));
    }
    let again = subject
        .image(subject.request().with_seed(Seed::Fixed(seed)))
        .await?;
    expect(
        "whether the told seed draws the picture again",
        &(pixels(&again)? == pixels(&first)?),
        &true,
    )
}

pub(super) async fn requests_at_once_do_not_mix(subject: &Subject<'_>) -> Outcome {
    if subject.capabilities().seed.is_none() {
        return Ok(());
    }
    let request = |seed| subject.request().with_seed(Seed::Fixed(seed));
    let alone = subject.image(request(1)).await?;
    let (one, two) = join(subject.image(request(1)), subject.image(request(2))).await;
    let (one, two) = (one?, two?);
    expect(
        "the seeds of two at once",
        &(one.seed, two.seed),
        &(Some(1), Some(2)),
    )?;
    expect(
        "whether one of two at once is as alone",
        &(pixels(&one)? == pixels(&alone)?),
        &true,
    )
}

pub(super) async fn sizes_follow_the_rule(subject: &Subject<'_>) -> Outcome {
    let Some(rule) = subject.capabilities().size else {
        return Ok(());
    };
    let least = i64::from(rule.min);
    let wide = i64::from(rule.min + rule.multiple).min(i64::from(rule.max));
    let odd = wide + i64::from(rule.multiple) - 1;
    for (width, height) in [(wide, least), (odd.min(i64::from(rule.max)), wide), (-5, 0)] {
        let request = subject.request().with_size(width, height);
        let side = |field, asked| rule.fit(field, Some(asked)).map_err(says);
        let meant = (side("width", width)?, side("height", height)?);
        let events = subject.events(request).await;
        let mut noticed = false;
        let mut seen = None;
        for event in events {
            match event.map_err(|error: Error| format!("{width}x{height} failed: {error}"))? {
                Event::Notice(_) => noticed = true,
                Event::Image(image) => {
                    let picture = picture(&image)?;
                    seen = Some((picture.width, picture.height));
                }
                _ => {}
            }
        }
        expect(
            &format!("the size for {width}x{height}"),
            &seen,
            &Some(meant),
        )?;
        let rounded = (i64::from(meant.0), i64::from(meant.1)) != (width, height);
        if rounded && !noticed {
            return Err(format!("no notice says that {width}x{height} was rounded"));
        }
    }
    let above = i64::from(rule.max) + 1;
    for (field, width, height) in [
        ("width", above, least),
        ("height", least, above),
        ("width", i64::MAX, least),
    ] {
        let request = subject.request().with_size(width, height);
        subject
            .is_refused(field, &format!("the size {width}x{height}"), request)
            .await?;
    }
    Ok(())
}

pub(super) async fn formats_are_as_asked_for(subject: &Subject<'_>) -> Outcome {
    for format in ImageFormat::WRITABLE {
        let request = subject.request().with_format(format);
        if encode::writable(format).is_err() {
            subject
                .is_refused("format", &format!("the format {format}"), request)
                .await?;
            continue;
        }
        let image = subject.image(request).await?;
        expect("the format", &picture(&image)?.format, &format)?;
    }
    Ok(())
}

pub(super) async fn without_a_download_there_is_an_address(subject: &Subject<'_>) -> Outcome {
    let image = subject.image(subject.request().without_download()).await?;
    if image.picture.is_none() && image.url.as_ref().is_none_or(String::is_empty) {
        return Err("there is neither a picture nor an address".to_owned());
    }
    Ok(())
}

pub(super) async fn previews_come_only_if_requested(subject: &Subject<'_>) -> Outcome {
    let mut request = subject.request();
    request.previews = false;
    for event in subject.events(request).await {
        if let Event::Preview(_) = event.map_err(says)? {
            return Err("a preview that was not requested".to_owned());
        }
    }
    let mut request = subject.request();
    request.previews = true;
    subject.image(request).await.map(drop)
}
