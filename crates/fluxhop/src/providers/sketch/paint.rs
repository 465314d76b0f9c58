//! One request of the sketch world, on a thread of its own.

use std::time::Instant;

use fluxhop_sketch::{NothingKnown, Painter, Stage, Understood};
use tokio::sync::mpsc::Sender;

use crate::encode::{self, Effort};
use crate::{
    Error, Event, GeneratedImage, ImageFormat, Picture, ProviderInfo, Request, ResolvedRequest,
    Result,
};

/// Why the painter lays the brush down before the end.
pub(super) enum Stop {
    Failed(Error),
    NobodyListens,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Where the events go.
pub(super) struct Listener(Sender<Result<Event>>);

impl Listener {
    pub(super) fn new(sender: Sender<Result<Event>>) -> Self {
        Self(sender)
    }

    fn tell(&mut self, event: Event) -> Result<(), Stop> {
        self.0
            .blocking_send(Ok(event))
            .map_err(|_| Stop::NobodyListens)
    }

    pub(super) fn fail(&mut self, error: Error) {
        // Where nobody listens, nobody misses it.
        let _ = self.0.blocking_send(Err(error));
    }
}

pub(super) fn paint(
    info: &ProviderInfo,
    request: &Request,
    listener: &mut Listener,
) -> Result<(), Stop> {
    listener.tell(Event::Attempt {
        provider: info.name.clone(),
        number: 1,
    })?;
    let model = info.resolve(&request.model)?;
    let resolved = request.resolve(&info.capabilities)?;
    let format = request.format.unwrap_or(ImageFormat::Png);
    encode::writable(format)?;
    let understood =
        fluxhop_sketch::parse(&resolved.prompt).map_err(|unknown| nothing_known(&unknown))?;
    for notice in resolved.notices.iter().cloned().chain(remarks(&understood)) {
        listener.tell(Event::Notice(notice))?;
    }
    for index in 0..resolved.count {
        let picture = draw(
            &understood,
            &resolved,
            index,
            format,
            request.previews,
            listener,
        )?;
        let mut image = GeneratedImage::new(&info.name, model, &resolved.prompt);
        image.seed = resolved.seed_of(index);
        image.timings = picture.timings;
        image.picture = Some(picture.picture);
        listener.tell(Event::Image(image))?;
    }
    Ok(())
}

struct Painted {
    picture: Picture,
    timings: crate::Timings,
}

fn draw(
    understood: &Understood,
    resolved: &ResolvedRequest,
    index: u32,
    format: ImageFormat,
    previews: bool,
    listener: &mut Listener,
) -> Result<Painted, Stop> {
    let start = Instant::now();
    listener.tell(Event::Started)?;
    let side = |side: Option<u32>| side.unwrap_or(fluxhop_sketch::MIN_SIDE);
    let (width, height) = (side(resolved.width), side(resolved.height));
    let seed = resolved.seed_of(index).unwrap_or_default();
    let layout = fluxhop_sketch::layout(&understood.scene, seed, width, height);
    let mut painter = Painter::new(&layout);
    let steps = painter.steps();
    let mut step = 0;
    while let Some(stage) = painter.next() {
        step += 1;
        let stage = match stage {
            Stage::Backdrop => "the setting".to_owned(),
            Stage::Thing(place) => layout.placed[place].kind.id().to_owned(),
            _ => "the weather".to_owned(),
        };
        let (done, of) = (Some(step as u64), Some(steps as u64));
        listener.tell(Event::Progress {
            step: done,
            of,
            stage: Some(stage),
        })?;
        if previews && step < steps {
            let preview = painter.picture();
            let rgb = (preview.width, preview.height, preview.rgb.as_slice());
            listener.tell(Event::Preview(encode::rgb(
                rgb,
                ImageFormat::Png,
                Effort::Little,
            )?))?;
        }
    }
    let picture = painter.picture();
    let rgb = (picture.width, picture.height, picture.rgb.as_slice());
    let picture = encode::rgb(rgb, format, Effort::Usual)?;
    let drawing = start.elapsed();
    let mut timings = crate::Timings::default();
    (timings.drawing, timings.total) = (Some(drawing), Some(drawing));
    Ok(Painted { picture, timings })
}

/// What the prompt asks for and the picture does not show.
fn remarks(understood: &Understood) -> impl Iterator<Item = String> {
    let list = |words: &[String]| (!words.is_empty()).then(|| words.join(", "));
    let unknown =
        list(&understood.unknown).map(|words| format!("sketch knows nothing of: {words}"));
    let left_out =
        list(&understood.left_out).map(|words| format!("sketch found no place for: {words}"));
    unknown.into_iter().chain(left_out)
}

fn nothing_known(error: &NothingKnown) -> Error {
    let unknown = match error.unknown.as_slice() {
        [] => String::new(),
        words => format!(" (unknown: {})", words.join(", ")),
    };
    let message = format!(
        "sketch, the built-in picture-book world, knows nothing in it{unknown}; it draws things \
         such as a cat, a house, a tree, a boat or a star, in colours and places \
         (`fluxhop models show sketch` lists all); a Space (--space) or FLUX draws anything"
    );
    Error::invalid("prompt", message)
}
