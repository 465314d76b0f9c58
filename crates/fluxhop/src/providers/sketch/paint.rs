//! Draws one request, on a blocking thread.

use std::time::Instant;

use fluxhop_sketch::{NothingRecognized, Painter, ParsedPrompt, Step};
use tokio::sync::mpsc::Sender;

use crate::encode::{self, Effort};
use crate::{
    Error, Event, GeneratedImage, ImageFormat, Picture, ProviderInfo, Request, ResolvedRequest,
    Result,
};

/// Why drawing ended early.
pub(super) enum Stop {
    Failed(Error),
    ReceiverDropped,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The sending half of a request's event channel.
pub(super) struct EventSender(Sender<Result<Event>>);

impl EventSender {
    pub(super) fn new(sender: Sender<Result<Event>>) -> Self {
        Self(sender)
    }

    fn send(&mut self, event: Event) -> Result<(), Stop> {
        self.0
            .blocking_send(Ok(event))
            .map_err(|_| Stop::ReceiverDropped)
    }

    pub(super) fn fail(&mut self, error: Error) {
        // Sending fails only if the receiver was dropped.
        let _ = self.0.blocking_send(Err(error));
    }
}

pub(super) fn paint(
    info: &ProviderInfo,
    request: &Request,
    events: &mut EventSender,
) -> Result<(), Stop> {
    events.send(Event::Attempt {
        provider: info.name.clone(),
        number: 1,
    })?;
    let model = info.resolve(&request.model)?;
    let resolved = request.resolve(&info.capabilities)?;
    let format = request.format.unwrap_or(ImageFormat::Png);
    encode::writable(format)?;
    let parsed =
        fluxhop_sketch::parse(&resolved.prompt).map_err(|error| nothing_recognized(&error))?;
    for notice in resolved.notices.iter().cloned().chain(notices(&parsed)) {
        events.send(Event::Notice(notice))?;
    }
    for index in 0..resolved.count {
        let picture = draw(&parsed, &resolved, index, format, request.previews, events)?;
        let mut image = GeneratedImage::new(&info.name, model, &resolved.prompt);
        image.seed = resolved.seed_of(index);
        image.timings = picture.timings;
        image.picture = Some(picture.picture);
        events.send(Event::Image(image))?;
    }
    Ok(())
}

struct TimedPicture {
    picture: Picture,
    timings: crate::Timings,
}

fn draw(
    parsed: &ParsedPrompt,
    resolved: &ResolvedRequest,
    index: u32,
    format: ImageFormat,
    previews: bool,
    events: &mut EventSender,
) -> Result<TimedPicture, Stop> {
    let start = Instant::now();
    events.send(Event::Started)?;
    let side = |side: Option<u32>| side.unwrap_or(fluxhop_sketch::MIN_SIDE);
    let (width, height) = (side(resolved.width), side(resolved.height));
    let seed = resolved.seed_of(index).unwrap_or_default();
    let layout = fluxhop_sketch::layout(&parsed.scene, seed, width, height);
    let mut painter = Painter::new(&layout);
    let steps = painter.steps();
    let mut done = 0;
    while let Some(step) = painter.next() {
        done += 1;
        let stage = match step {
            Step::Backdrop => "the setting".to_owned(),
            Step::Thing(thing) => layout.placed[thing].kind.id().to_owned(),
            _ => "the weather".to_owned(),
        };
        events.send(Event::Progress {
            step: Some(done as u64),
            of: Some(steps as u64),
            stage: Some(stage),
        })?;
        if previews && done < steps {
            let preview = painter.picture();
            let rgb = (preview.width, preview.height, preview.rgb.as_slice());
            events.send(Event::Preview(encode::rgb(
                rgb,
                ImageFormat::Png,
                Effort::Fast,
            )?))?;
        }
    }
    let picture = painter.picture();
    let rgb = (picture.width, picture.height, picture.rgb.as_slice());
    let picture = encode::rgb(rgb, format, Effort::Default)?;
    let drawing = start.elapsed();
    let mut timings = crate::Timings::default();
    (timings.drawing, timings.total) = (Some(drawing), Some(drawing));
    Ok(TimedPicture { picture, timings })
}

/// Notices about the parts of the prompt that the picture does not show.
fn notices(parsed: &ParsedPrompt) -> impl Iterator<Item = String> {
    let list = |words: &[String]| (!words.is_empty()).then(|| words.join(", "));
    let unknown = list(&parsed.unknown).map(|words| {
        format!("sketch cannot draw: {words} (`fluxhop models show sketch` lists what it can draw)")
    });
    let ignored = list(&parsed.ignored).map(|words| format!("sketch left out: {words}"));
    unknown.into_iter().chain(ignored)
}

fn nothing_recognized(error: &NothingRecognized) -> Error {
    let message = match error.unknown.as_slice() {
        [] => "the prompt contains nothing that can be drawn".to_owned(),
        words => format!("unknown words: {}", words.join(", ")),
    };
    Error::invalid("prompt", message).with_context("provider", super::NAME)
}
