//! The provider with a tiny model, and its queue and thread with a mock in place of the engine.

mod model;

use std::sync::mpsc::{Receiver as Heard, Sender as Tell, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fluxhop_engine::{
    Error as Fault, ErrorKind as Engine, Event as EngineEvent, ImageRequest, Job, Observer,
    Picture as Pixels,
};
use tokio::sync::mpsc::Receiver;

use super::backend::{Backend, Model};
use super::device::Device;
use super::events::WorkerEvent;
use super::queue::{QueuedRequest, Shape};
use crate::{Error, ErrorKind, Event, Result};

type Drawn = fluxhop_engine::Result<Vec<Pixels>>;
type Act = Arc<dyn Fn(&Job, &dyn Observer) -> Drawn + Send + Sync>;

/// How long a test waits for what should come, before it fails.
const PATIENCE: Duration = Duration::from_secs(10);

/// What an backend did, as a test hears it.
#[derive(Debug, PartialEq)]
enum Did {
    Open,
    Draw(Vec<String>),
    Close,
}

struct MockBackend {
    act: Act,
    did: Tell<Did>,
}

impl Backend for MockBackend {
    fn draw(&mut self, job: &Job, observer: &dyn Observer) -> Drawn {
        let prompts = job.images.iter().map(|image| image.prompt.clone());
        self.did.send(Did::Draw(prompts.collect())).ok();
        (self.act)(job, observer)
    }
}

impl Drop for MockBackend {
    fn drop(&mut self) {
        self.did.send(Did::Close).ok();
    }
}

/// A model whose backend acts so, and what it did.
fn model(unload_after: Duration, act: Act) -> (Arc<Model>, Heard<Did>) {
    let (did, heard) = channel();
    let did = Mutex::new(did);
    let open = move || {
        let did = did.lock().expect("no panic").clone();
        did.send(Did::Open).ok();
        Ok(Box::new(MockBackend {
            act: Arc::clone(&act),
            did,
        }) as Box<dyn Backend>)
    };
    let open = Box::new(open);
    (Arc::new(Model { open, unload_after }), heard)
}

/// Pictures of one pixel: the seed.
fn pictures(job: &Job) -> Vec<Pixels> {
    let pixel =
        |image: &ImageRequest| Pixels::new(1, 1, vec![u8::try_from(image.seed).unwrap_or(0); 3]);
    job.images.iter().map(pixel).collect()
}

fn draws() -> Act {
    Arc::new(|job, _| Ok(pictures(job)))
}

/// Draws once a test says so, each time.
fn waits() -> (Act, Tell<()>) {
    let (go, gate) = channel();
    let gate = Mutex::new(gate);
    let act = move |job: &Job, _: &dyn Observer| {
        gate.lock()
            .expect("no panic")
            .recv_timeout(PATIENCE)
            .expect("let go");
        Ok(pictures(job))
    };
    (Arc::new(act), go)
}

const SQUARE: Shape = Shape {
    width: 64,
    height: 64,
    steps: None,
    guidance: None,
};

/// Puts a request for so many pictures into the queue.
fn push(
    device: &Device,
    model: &Arc<Model>,
    prompt: &str,
    shape: Shape,
    count: u64,
) -> Receiver<Result<WorkerEvent>> {
    push_with(device, model, prompt, (shape, count), true)
}

/// As [`push`], with or without previews.
fn push_with(
    device: &Device,
    model: &Arc<Model>,
    prompt: &str,
    (shape, count): (Shape, u64),
    previews: bool,
) -> Receiver<Result<WorkerEvent>> {
    let image = |seed| ImageRequest::new(prompt, seed);
    let images = (0..count).map(image).collect();
    let (queued, events) = QueuedRequest::new(Arc::clone(model), shape, images, previews);
    device.push(queued).expect("a thread");
    events
}

/// All that is told until the end.
fn all(mut told: Receiver<Result<WorkerEvent>>) -> Vec<Result<WorkerEvent>> {
    std::iter::from_fn(|| told.blocking_recv()).collect()
}

/// The places in the queue that were told.
fn places(told: &[Result<WorkerEvent>]) -> Vec<(Option<u32>, Option<u32>)> {
    let place = |told: &Result<WorkerEvent>| match told {
        Ok(WorkerEvent::Event(Event::Queued { position, of, .. })) => Some((*position, *of)),
        _ => None,
    };
    told.iter().filter_map(place).collect()
}

/// The pictures that were told, by index and seed.
fn drawn(told: &[Result<WorkerEvent>]) -> Vec<(u32, u8)> {
    let drawn = |told: &Result<WorkerEvent>| match told {
        Ok(WorkerEvent::Image { index, picture, .. }) => Some((*index, picture.rgb[0])),
        _ => None,
    };
    told.iter().filter_map(drawn).collect()
}

fn error(told: &[Result<WorkerEvent>]) -> &Error {
    told.last()
        .expect("an end")
        .as_ref()
        .err()
        .expect("an error")
}

fn hear(heard: &Heard<Did>) -> Did {
    heard.recv_timeout(PATIENCE).expect("it did something")
}

fn together(prompts: &[&str]) -> Did {
    Did::Draw(prompts.iter().map(|&prompt| prompt.to_owned()).collect())
}

#[test]
fn requests_alike_that_wait_are_drawn_together_and_told_their_places() {
    let (act, go) = waits();
    let (model, heard) = model(Duration::MAX, act);
    let device = Device::new("test");
    let wide = Shape {
        width: 96,
        ..SQUARE
    };
    let first = push(&device, &model, "a", SQUARE, 1);
    assert_eq!((hear(&heard), hear(&heard)), (Did::Open, together(&["a"])));
    let others: Vec<_> = [("b", SQUARE), ("c", wide), ("d", SQUARE)]
        .map(|(prompt, shape)| push(&device, &model, prompt, shape, 1))
        .into();
    go.send(()).expect("it waits");
    assert_eq!(hear(&heard), together(&["b", "d"]));
    go.send(()).expect("it waits");
    assert_eq!(hear(&heard), together(&["c"]));
    go.send(()).expect("it waits");
    assert_eq!(places(&all(first)), []);
    let told: Vec<_> = others.into_iter().map(all).collect();
    let of = |place, of| (Some(place), Some(of));
    assert_eq!(places(&told[0]), [of(0, 1), of(0, 2), of(0, 3)]);
    assert_eq!(places(&told[1]), [of(1, 2), of(1, 3), of(0, 1)]);
    assert_eq!(places(&told[2]), [of(2, 3)]);
    assert!(told.iter().all(|told| drawn(told) == [(0, 0)]));
}

#[test]
fn many_pictures_come_in_order_a_batch_at_a_time() {
    let (model, heard) = model(Duration::MAX, draws());
    let device = Device::new("test");
    let told = all(push(&device, &model, "a", SQUARE, 10));
    let expected: Vec<_> = (0..10)
        .map(|index| (index, u8::try_from(index).expect("small")))
        .collect();
    assert_eq!(drawn(&told), expected);
    let sizes: Vec<usize> = heard
        .try_iter()
        .filter_map(|did| match did {
            Did::Draw(prompts) => Some(prompts.len()),
            _ => None,
        })
        .collect();
    assert_eq!(sizes, [4, 4, 2]);
}

#[test]
fn who_left_the_queue_is_not_drawn_for() {
    let (act, go) = waits();
    let (model, heard) = model(Duration::MAX, act);
    let device = Device::new("test");
    let first = push(&device, &model, "a", SQUARE, 1);
    assert_eq!((hear(&heard), hear(&heard)), (Did::Open, together(&["a"])));
    drop(push(&device, &model, "b", SQUARE, 1));
    let third = push(&device, &model, "c", SQUARE, 1);
    for _ in 0..2 {
        go.send(()).expect("it waits");
    }
    assert_eq!(hear(&heard), together(&["c"]));
    assert_eq!(places(&all(third)), [(Some(0), Some(1))]);
    assert_eq!(drawn(&all(first)).len(), 1);
}

#[test]
fn a_drawing_is_cancelled_when_the_last_of_its_listeners_leaves() {
    let (seen, cancelled) = channel();
    let (begun, begins) = channel();
    let (seen, begun) = (Mutex::new(seen), Mutex::new(begun));
    let act = move |job: &Job, observer: &dyn Observer| {
        begun.lock().expect("no panic").send(job.images.len()).ok();
        let end = std::time::Instant::now() + PATIENCE;
        while !observer.is_cancelled() && std::time::Instant::now() < end {
            std::thread::yield_now();
        }
        seen.lock()
            .expect("no panic")
            .send(observer.is_cancelled())
            .ok();
        Err(Fault::new(Engine::Cancelled, "nobody waits"))
    };
    let (model, _heard) = model(Duration::MAX, Arc::new(act));
    let device = Device::new("test");
    let first = push(&device, &model, "a", SQUARE, 1);
    assert_eq!(begins.recv_timeout(PATIENCE), Ok(1));
    let (second, third) = (
        push(&device, &model, "b", SQUARE, 1),
        push(&device, &model, "c", SQUARE, 1),
    );
    drop(first);
    assert_eq!(cancelled.recv_timeout(PATIENCE), Ok(true));
    assert_eq!(begins.recv_timeout(PATIENCE), Ok(2));
    drop(second);
    assert!(cancelled.try_recv().is_err(), "one still listens");
    drop(third);
    assert_eq!(cancelled.recv_timeout(PATIENCE), Ok(true));
}

#[test]
fn a_model_is_kept_until_another_is_asked_for_or_nobody_asks() {
    let (kept, of_kept) = model(Duration::MAX, draws());
    let (brief, of_brief) = model(Duration::from_millis(1), draws());
    let device = Device::new("test");
    for prompt in ["a", "b"] {
        assert_eq!(
            drawn(&all(push(&device, &kept, prompt, SQUARE, 1))).len(),
            1
        );
    }
    assert_eq!(hear(&of_kept), Did::Open);
    assert_eq!(
        (hear(&of_kept), hear(&of_kept)),
        (together(&["a"]), together(&["b"]))
    );
    assert_eq!(drawn(&all(push(&device, &brief, "c", SQUARE, 1))).len(), 1);
    assert_eq!(hear(&of_kept), Did::Close);
    assert_eq!(
        (hear(&of_brief), hear(&of_brief)),
        (Did::Open, together(&["c"]))
    );
    assert_eq!(hear(&of_brief), Did::Close, "by itself, after its time");
    drop(device);
}

#[test]
fn a_device_that_nobody_has_lets_its_model_go() {
    let (model, heard) = model(Duration::MAX, draws());
    let device = Device::new("test");
    all(push(&device, &model, "a", SQUARE, 1));
    drop(device);
    assert_eq!(
        (hear(&heard), hear(&heard), hear(&heard)),
        (Did::Open, together(&["a"]), Did::Close)
    );
}

#[test]
fn what_does_not_fit_into_memory_together_is_drawn_one_by_one() {
    let act = |job: &Job, _: &dyn Observer| match job.images.len() {
        1 => Ok(pictures(job)),
        _ => Err(Fault::new(Engine::Memory, "too many")),
    };
    let (model, _heard) = model(Duration::MAX, Arc::new(act));
    let told = all(push(&Device::new("test"), &model, "a", SQUARE, 3));
    assert_eq!(drawn(&told), [(0, 0), (1, 1), (2, 2)]);
    let never = |_: &Job, _: &dyn Observer| Err(Fault::new(Engine::Memory, "9 GiB are needed"));
    let (model, _heard) = self::model(Duration::MAX, Arc::new(never));
    let told = all(push(&Device::new("test"), &model, "a", SQUARE, 1));
    assert_eq!(error(&told).kind(), &ErrorKind::Unavailable);
    assert!(!error(&told).is_retryable());
}

#[test]
fn a_panic_is_an_error_and_the_next_request_is_drawn_with_a_new_model() {
    let act = |job: &Job, _: &dyn Observer| {
        assert_ne!(job.images[0].prompt, "panic", "on purpose");
        Ok(pictures(job))
    };
    let (model, heard) = model(Duration::MAX, Arc::new(act));
    let device = Device::new("test");
    let told = all(push(&device, &model, "panic", SQUARE, 1));
    assert_eq!(error(&told).kind(), &ErrorKind::Internal);
    assert_eq!(drawn(&all(push(&device, &model, "a", SQUARE, 1))).len(), 1);
    assert_eq!(
        (hear(&heard), hear(&heard), hear(&heard)),
        (Did::Open, together(&["panic"]), Did::Close)
    );
    assert_eq!(hear(&heard), Did::Open);
}

#[test]
fn a_panic_while_loading_or_unloading_is_an_error_and_the_worker_survives() {
    struct PanicsOnDrop;
    impl Backend for PanicsOnDrop {
        fn draw(&mut self, job: &Job, _: &dyn Observer) -> Drawn {
            assert_ne!(job.images[0].prompt, "draw", "on purpose");
            Ok(pictures(job))
        }
    }
    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    let opened = std::sync::atomic::AtomicUsize::new(0);
    let open = move || {
        let count = opened.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        assert_ne!(count, 0, "on purpose");
        Ok(Box::new(PanicsOnDrop) as Box<dyn Backend>)
    };
    let model = Arc::new(Model {
        open: Box::new(open),
        unload_after: Duration::ZERO,
    });
    let device = Device::new("test");
    for prompt in ["open", "draw"] {
        let events = all(push(&device, &model, prompt, SQUARE, 1));
        assert_eq!(error(&events).kind(), &ErrorKind::Internal, "{prompt}");
        let events = all(push(&device, &model, "a", SQUARE, 1));
        assert_eq!(drawn(&events).len(), 1, "after {prompt}");
    }
}

#[test]
fn previews_reach_only_the_requests_that_asked_for_them() {
    let act = |job: &Job, observer: &dyn Observer| {
        for index in 0..job.images.len() {
            if job.previews {
                let picture = Pixels::new(1, 1, vec![9; 3]);
                observer.on_event(EngineEvent::Preview { index, picture });
            }
        }
        Ok(pictures(job))
    };
    let (block, go) = waits();
    let both = move |job: &Job, observer: &dyn Observer| {
        if job.images[0].prompt == "a" {
            block(job, observer)
        } else {
            act(job, observer)
        }
    };
    let (model, heard) = model(Duration::MAX, Arc::new(both));
    let device = Device::new("test");
    let _first = push(&device, &model, "a", SQUARE, 1);
    assert_eq!((hear(&heard), hear(&heard)), (Did::Open, together(&["a"])));
    let with = push_with(&device, &model, "b", (SQUARE, 1), true);
    let without = push_with(&device, &model, "c", (SQUARE, 1), false);
    go.send(()).expect("it waits");
    let previews = |events: Receiver<Result<WorkerEvent>>| {
        let is_preview =
            |event: &&Result<WorkerEvent>| matches!(event, Ok(WorkerEvent::Preview(_)));
        all(events).iter().filter(is_preview).count()
    };
    assert_eq!((previews(with), previews(without)), (1, 0));
    let alone = push_with(&device, &model, "d", (SQUARE, 1), false);
    assert_eq!(previews(alone), 0);
}

#[test]
fn a_model_that_cannot_be_opened_says_so_and_is_tried_again() {
    let open = || Err(Fault::model("a shard is missing").with_context("file", "x.safetensors"));
    let model = Arc::new(Model {
        open: Box::new(open),
        unload_after: Duration::MAX,
    });
    let device = Device::new("test");
    for _ in 0..2 {
        let told = all(push(&device, &model, "a", SQUARE, 2));
        assert_eq!(error(&told).kind(), &ErrorKind::Unavailable);
        assert_eq!(
            error(&told).context(),
            [("file", "x.safetensors".to_owned())]
        );
    }
}

#[test]
fn a_slow_reader_misses_progress_and_no_picture_and_holds_up_nobody() {
    let act = |job: &Job, observer: &dyn Observer| {
        for step in 1..=1000 {
            observer.on_event(EngineEvent::Step { step, of: 1000 });
        }
        observer.on_event(EngineEvent::Notice {
            index: 0,
            text: "cut".to_owned(),
        });
        Ok(pictures(job))
    };
    let (model, heard) = model(Duration::MAX, Arc::new(act));
    let device = Device::new("test");
    let slow = push(&device, &model, "a", SQUARE, 100);
    let quick = all(push(&device, &model, "b", SQUARE, 1));
    assert_eq!(drawn(&quick).len(), 1);
    let slow = all(slow);
    assert_eq!(drawn(&slow).len(), 100);
    let notices = slow
        .iter()
        .filter(|told| matches!(told, Ok(WorkerEvent::Event(Event::Notice(_)))));
    assert!(notices.count() >= 1);
    assert!(slow.len() < 400, "{}", slow.len());
    drop(heard);
}

#[test]
fn news_of_a_picture_reach_who_asked_for_it() {
    let act = |job: &Job, observer: &dyn Observer| {
        if job.images.len() == 2 {
            observer.on_event(EngineEvent::Notice {
                index: 1,
                text: "cut".to_owned(),
            });
            observer.on_event(EngineEvent::Preview {
                index: 0,
                picture: Pixels::new(1, 1, vec![9; 3]),
            });
            observer.on_event(EngineEvent::Preview {
                index: 7,
                picture: Pixels::new(1, 1, vec![9; 3]),
            });
        }
        Ok(pictures(job))
    };
    let (block, go) = waits();
    let both = move |job: &Job, observer: &dyn Observer| {
        if job.images[0].prompt == "a" {
            block(job, observer)
        } else {
            act(job, observer)
        }
    };
    let (model, heard) = model(Duration::MAX, Arc::new(both));
    let device = Device::new("test");
    let _first = push(&device, &model, "a", SQUARE, 1);
    assert_eq!((hear(&heard), hear(&heard)), (Did::Open, together(&["a"])));
    let (one, two) = (
        push(&device, &model, "b", SQUARE, 1),
        push(&device, &model, "c", SQUARE, 1),
    );
    go.send(()).expect("it waits");
    let (one, two) = (all(one), all(two));
    let notices = |told: &[Result<WorkerEvent>]| {
        told.iter()
            .filter(|told| matches!(told, Ok(WorkerEvent::Event(Event::Notice(_)))))
            .count()
    };
    let previews = |told: &[Result<WorkerEvent>]| {
        told.iter()
            .filter(|told| matches!(told, Ok(WorkerEvent::Preview(_))))
            .count()
    };
    assert_eq!((notices(&one), previews(&one)), (0, 1));
    assert_eq!((notices(&two), previews(&two)), (1, 0));
}
