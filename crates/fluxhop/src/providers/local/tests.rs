//! Tests of the provider with a tiny model, and of its queue and worker thread with a mock backend.

mod model;

use std::sync::mpsc::{self, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fluxhop_engine::{
    Error as EngineError, ErrorKind as Engine, Event as EngineEvent, ImageRequest, Job, Observer,
    Picture as Pixels,
};
use tokio::sync::mpsc::Receiver;

use super::backend::{Backend, Model};
use super::device::Device;
use super::events::WorkerEvent;
use super::queue::{QueuedRequest, Shape};
use crate::{Error, ErrorKind, Event, Result};

type DrawResult = fluxhop_engine::Result<Vec<Pixels>>;
type DrawFn = Arc<dyn Fn(&Job, &dyn Observer) -> DrawResult + Send + Sync>;

/// How long a test waits for an action before it fails.
const TIMEOUT: Duration = Duration::from_secs(10);

/// An action of the mock backend.
#[derive(Debug, PartialEq)]
enum Action {
    Open,
    Draw(Vec<String>),
    Close,
}

struct MockBackend {
    draw: DrawFn,
    actions: mpsc::Sender<Action>,
}

impl Backend for MockBackend {
    fn draw(&mut self, job: &Job, observer: &dyn Observer) -> DrawResult {
        let prompts = job.images.iter().map(|image| image.prompt.clone());
        self.actions.send(Action::Draw(prompts.collect())).ok();
        (self.draw)(job, observer)
    }
}

impl Drop for MockBackend {
    fn drop(&mut self) {
        self.actions.send(Action::Close).ok();
    }
}

/// A model whose backend draws with `draw`, and a receiver of the backend's actions.
fn model(unload_after: Duration, draw: DrawFn) -> (Arc<Model>, mpsc::Receiver<Action>) {
    let (actions, received) = channel();
    let actions = Mutex::new(actions);
    let open = move || {
        let actions = actions.lock().expect("not poisoned").clone();
        actions.send(Action::Open).ok();
        Ok(Box::new(MockBackend {
            draw: Arc::clone(&draw),
            actions,
        }) as Box<dyn Backend>)
    };
    let open = Box::new(open);
    (Arc::new(Model { open, unload_after }), received)
}

/// A picture of one pixel for each image; its value is the seed.
fn pictures(job: &Job) -> Vec<Pixels> {
    let pixel =
        |image: &ImageRequest| Pixels::new(1, 1, vec![u8::try_from(image.seed).unwrap_or(0); 3]);
    job.images.iter().map(pixel).collect()
}

fn immediate() -> DrawFn {
    Arc::new(|job, _| Ok(pictures(job)))
}

/// Draws each job after receiving a message from the returned sender.
fn gated() -> (DrawFn, mpsc::Sender<()>) {
    let (go, gate) = channel();
    let gate = Mutex::new(gate);
    let draw = move |job: &Job, _: &dyn Observer| {
        gate.lock()
            .expect("not poisoned")
            .recv_timeout(TIMEOUT)
            .expect("the gate did not open");
        Ok(pictures(job))
    };
    (Arc::new(draw), go)
}

const SQUARE: Shape = Shape {
    width: 64,
    height: 64,
    steps: None,
    guidance: None,
};

/// Queues a request for `count` images with previews.
fn push(
    device: &Device,
    model: &Arc<Model>,
    prompt: &str,
    shape: Shape,
    count: u64,
) -> Receiver<Result<WorkerEvent>> {
    push_with(device, model, prompt, (shape, count), true)
}

/// Queues a request for `count` images.
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
    device.push(queued).expect("a worker thread");
    events
}

/// Receives all events until the channel closes.
fn all(mut events: Receiver<Result<WorkerEvent>>) -> Vec<Result<WorkerEvent>> {
    std::iter::from_fn(|| events.blocking_recv()).collect()
}

/// The queue positions among the events.
fn positions(events: &[Result<WorkerEvent>]) -> Vec<(Option<u32>, Option<u32>)> {
    let position = |event: &Result<WorkerEvent>| match event {
        Ok(WorkerEvent::Event(Event::Queued { position, of, .. })) => Some((*position, *of)),
        _ => None,
    };
    events.iter().filter_map(position).collect()
}

/// The index and seed of each image among the events.
fn drawn(events: &[Result<WorkerEvent>]) -> Vec<(u32, u8)> {
    let drawn = |event: &Result<WorkerEvent>| match event {
        Ok(WorkerEvent::Image { index, picture, .. }) => Some((*index, picture.rgb[0])),
        _ => None,
    };
    events.iter().filter_map(drawn).collect()
}

fn error(events: &[Result<WorkerEvent>]) -> &Error {
    events
        .last()
        .expect("an event")
        .as_ref()
        .err()
        .expect("an error")
}

fn next(actions: &mpsc::Receiver<Action>) -> Action {
    actions.recv_timeout(TIMEOUT).expect("an action")
}

fn draw_of(prompts: &[&str]) -> Action {
    Action::Draw(prompts.iter().map(|&prompt| prompt.to_owned()).collect())
}

#[test]
fn waiting_requests_of_the_same_shape_share_a_batch() {
    let (draw, go) = gated();
    let (model, actions) = model(Duration::MAX, draw);
    let device = Device::new("test");
    let wide = Shape {
        width: 96,
        ..SQUARE
    };
    let first = push(&device, &model, "a", SQUARE, 1);
    assert_eq!(
        (next(&actions), next(&actions)),
        (Action::Open, draw_of(&["a"]))
    );
    let others: Vec<_> = [("b", SQUARE), ("c", wide), ("d", SQUARE)]
        .map(|(prompt, shape)| push(&device, &model, prompt, shape, 1))
        .into();
    go.send(()).expect("the worker is waiting");
    assert_eq!(next(&actions), draw_of(&["b", "d"]));
    go.send(()).expect("the worker is waiting");
    assert_eq!(next(&actions), draw_of(&["c"]));
    go.send(()).expect("the worker is waiting");
    assert_eq!(positions(&all(first)), []);
    let events: Vec<_> = others.into_iter().map(all).collect();
    let position = |position, of| (Some(position), Some(of));
    assert_eq!(
        positions(&events[0]),
        [position(0, 1), position(0, 2), position(0, 3)]
    );
    assert_eq!(
        positions(&events[1]),
        [position(1, 2), position(1, 3), position(0, 1)]
    );
    assert_eq!(positions(&events[2]), [position(2, 3)]);
    assert!(events.iter().all(|events| drawn(events) == [(0, 0)]));
}

#[test]
fn images_are_drawn_in_order_in_batches_of_four() {
    let (model, actions) = model(Duration::MAX, immediate());
    let device = Device::new("test");
    let events = all(push(&device, &model, "a", SQUARE, 10));
    let expected: Vec<_> = (0..10)
        .map(|index| (index, u8::try_from(index).expect("small")))
        .collect();
    assert_eq!(drawn(&events), expected);
    let sizes: Vec<usize> = actions
        .try_iter()
        .filter_map(|action| match action {
            Action::Draw(prompts) => Some(prompts.len()),
            _ => None,
        })
        .collect();
    assert_eq!(sizes, [4, 4, 2]);
}

#[test]
fn requests_dropped_from_the_queue_are_not_drawn() {
    let (draw, go) = gated();
    let (model, actions) = model(Duration::MAX, draw);
    let device = Device::new("test");
    let first = push(&device, &model, "a", SQUARE, 1);
    assert_eq!(
        (next(&actions), next(&actions)),
        (Action::Open, draw_of(&["a"]))
    );
    drop(push(&device, &model, "b", SQUARE, 1));
    let third = push(&device, &model, "c", SQUARE, 1);
    for _ in 0..2 {
        go.send(()).expect("the worker is waiting");
    }
    assert_eq!(next(&actions), draw_of(&["c"]));
    assert_eq!(positions(&all(third)), [(Some(0), Some(1))]);
    assert_eq!(drawn(&all(first)).len(), 1);
}

#[test]
fn a_batch_is_cancelled_once_all_its_requests_are_dropped() {
    let (cancel_sender, cancelled) = channel();
    let (start_sender, started) = channel();
    let (cancel_sender, start_sender) = (Mutex::new(cancel_sender), Mutex::new(start_sender));
    let draw = move |job: &Job, observer: &dyn Observer| {
        start_sender
            .lock()
            .expect("not poisoned")
            .send(job.images.len())
            .ok();
        let end = std::time::Instant::now() + TIMEOUT;
        while !observer.is_cancelled() && std::time::Instant::now() < end {
            std::thread::yield_now();
        }
        cancel_sender
            .lock()
            .expect("not poisoned")
            .send(observer.is_cancelled())
            .ok();
        Err(EngineError::new(Engine::Cancelled, "all requests dropped"))
    };
    let (model, _actions) = model(Duration::MAX, Arc::new(draw));
    let device = Device::new("test");
    let first = push(&device, &model, "a", SQUARE, 1);
    assert_eq!(started.recv_timeout(TIMEOUT), Ok(1));
    let (second, third) = (
        push(&device, &model, "b", SQUARE, 1),
        push(&device, &model, "c", SQUARE, 1),
    );
    drop(first);
    assert_eq!(cancelled.recv_timeout(TIMEOUT), Ok(true));
    assert_eq!(started.recv_timeout(TIMEOUT), Ok(2));
    drop(second);
    assert!(cancelled.try_recv().is_err(), "one request remains");
    drop(third);
    assert_eq!(cancelled.recv_timeout(TIMEOUT), Ok(true));
}

#[test]
fn a_model_is_unloaded_for_another_or_when_idle() {
    let (persistent, persistent_actions) = model(Duration::MAX, immediate());
    let (brief, brief_actions) = model(Duration::from_millis(1), immediate());
    let device = Device::new("test");
    for prompt in ["a", "b"] {
        assert_eq!(
            drawn(&all(push(&device, &persistent, prompt, SQUARE, 1))).len(),
            1
        );
    }
    assert_eq!(next(&persistent_actions), Action::Open);
    assert_eq!(
        (next(&persistent_actions), next(&persistent_actions)),
        (draw_of(&["a"]), draw_of(&["b"]))
    );
    assert_eq!(drawn(&all(push(&device, &brief, "c", SQUARE, 1))).len(), 1);
    assert_eq!(next(&persistent_actions), Action::Close);
    assert_eq!(
        (next(&brief_actions), next(&brief_actions)),
        (Action::Open, draw_of(&["c"]))
    );
    assert_eq!(
        next(&brief_actions),
        Action::Close,
        "not unloaded when idle"
    );
    drop(device);
}

#[test]
fn a_dropped_device_unloads_its_model() {
    let (model, actions) = model(Duration::MAX, immediate());
    let device = Device::new("test");
    all(push(&device, &model, "a", SQUARE, 1));
    drop(device);
    assert_eq!(
        (next(&actions), next(&actions), next(&actions)),
        (Action::Open, draw_of(&["a"]), Action::Close)
    );
}

#[test]
fn images_that_do_not_fit_in_memory_together_are_drawn_one_by_one() {
    let draw = |job: &Job, _: &dyn Observer| match job.images.len() {
        1 => Ok(pictures(job)),
        _ => Err(EngineError::new(Engine::Memory, "too many")),
    };
    let (model, _actions) = model(Duration::MAX, Arc::new(draw));
    let events = all(push(&Device::new("test"), &model, "a", SQUARE, 3));
    assert_eq!(drawn(&events), [(0, 0), (1, 1), (2, 2)]);
    let out_of_memory =
        |_: &Job, _: &dyn Observer| Err(EngineError::new(Engine::Memory, "9 GiB needed"));
    let (model, _actions) = self::model(Duration::MAX, Arc::new(out_of_memory));
    let events = all(push(&Device::new("test"), &model, "a", SQUARE, 1));
    assert_eq!(error(&events).kind(), &ErrorKind::Unavailable);
    assert!(!error(&events).is_retryable());
}

#[test]
fn a_panic_is_an_error_and_unloads_the_model() {
    let draw = |job: &Job, _: &dyn Observer| {
        assert_ne!(job.images[0].prompt, "panic", "intentional");
        Ok(pictures(job))
    };
    let (model, actions) = model(Duration::MAX, Arc::new(draw));
    let device = Device::new("test");
    let events = all(push(&device, &model, "panic", SQUARE, 1));
    assert_eq!(error(&events).kind(), &ErrorKind::Internal);
    assert_eq!(drawn(&all(push(&device, &model, "a", SQUARE, 1))).len(), 1);
    assert_eq!(
        (next(&actions), next(&actions), next(&actions)),
        (Action::Open, draw_of(&["panic"]), Action::Close)
    );
    assert_eq!(next(&actions), Action::Open);
}

#[test]
fn the_worker_survives_a_panic_while_loading_or_unloading() {
    struct PanicsOnDrop;
    impl Backend for PanicsOnDrop {
        fn draw(&mut self, job: &Job, _: &dyn Observer) -> DrawResult {
            assert_ne!(job.images[0].prompt, "draw", "intentional");
            Ok(pictures(job))
        }
    }
    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            panic!("intentional");
        }
    }
    let opened = std::sync::atomic::AtomicUsize::new(0);
    let open = move || {
        let count = opened.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        assert_ne!(count, 0, "intentional");
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
fn previews_are_sent_only_to_requests_that_enabled_them() {
    let draw = |job: &Job, observer: &dyn Observer| {
        for index in 0..job.images.len() {
            if job.previews {
                let picture = Pixels::new(1, 1, vec![9; 3]);
                observer.on_event(EngineEvent::Preview { index, picture });
            }
        }
        Ok(pictures(job))
    };
    let (block, go) = gated();
    let draw_gated = move |job: &Job, observer: &dyn Observer| {
        if job.images[0].prompt == "a" {
            block(job, observer)
        } else {
            draw(job, observer)
        }
    };
    let (model, actions) = model(Duration::MAX, Arc::new(draw_gated));
    let device = Device::new("test");
    let _first = push(&device, &model, "a", SQUARE, 1);
    assert_eq!(
        (next(&actions), next(&actions)),
        (Action::Open, draw_of(&["a"]))
    );
    let with_previews = push_with(&device, &model, "b", (SQUARE, 1), true);
    let without_previews = push_with(&device, &model, "c", (SQUARE, 1), false);
    go.send(()).expect("the worker is waiting");
    let previews = |events: Receiver<Result<WorkerEvent>>| {
        let is_preview =
            |event: &&Result<WorkerEvent>| matches!(event, Ok(WorkerEvent::Preview(_)));
        all(events).iter().filter(is_preview).count()
    };
    assert_eq!(
        (previews(with_previews), previews(without_previews)),
        (1, 0)
    );
    let later = push_with(&device, &model, "d", (SQUARE, 1), false);
    assert_eq!(previews(later), 0);
}

#[test]
fn opening_a_model_is_retried_by_the_next_request() {
    let open =
        || Err(EngineError::model("a shard is missing").with_context("file", "x.safetensors"));
    let model = Arc::new(Model {
        open: Box::new(open),
        unload_after: Duration::MAX,
    });
    let device = Device::new("test");
    for _ in 0..2 {
        let events = all(push(&device, &model, "a", SQUARE, 2));
        assert_eq!(error(&events).kind(), &ErrorKind::Unavailable);
        assert_eq!(
            error(&events).context(),
            [("file", "x.safetensors".to_owned())]
        );
    }
}

#[test]
fn a_slow_receiver_misses_progress_but_no_images() {
    let draw = |job: &Job, observer: &dyn Observer| {
        for step in 1..=1000 {
            observer.on_event(EngineEvent::Step { step, of: 1000 });
        }
        observer.on_event(EngineEvent::Notice {
            index: 0,
            text: "truncated".to_owned(),
        });
        Ok(pictures(job))
    };
    let (model, actions) = model(Duration::MAX, Arc::new(draw));
    let device = Device::new("test");
    let slow = push(&device, &model, "a", SQUARE, 100);
    let quick = all(push(&device, &model, "b", SQUARE, 1));
    assert_eq!(drawn(&quick).len(), 1);
    let slow = all(slow);
    assert_eq!(drawn(&slow).len(), 100);
    let notices = slow
        .iter()
        .filter(|events| matches!(events, Ok(WorkerEvent::Event(Event::Notice(_)))));
    assert!(notices.count() >= 1);
    assert!(slow.len() < 400, "{}", slow.len());
    drop(actions);
}

#[test]
fn notices_and_previews_reach_the_request_of_their_image() {
    let draw = |job: &Job, observer: &dyn Observer| {
        if job.images.len() == 2 {
            observer.on_event(EngineEvent::Notice {
                index: 1,
                text: "truncated".to_owned(),
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
    let (block, go) = gated();
    let draw_gated = move |job: &Job, observer: &dyn Observer| {
        if job.images[0].prompt == "a" {
            block(job, observer)
        } else {
            draw(job, observer)
        }
    };
    let (model, actions) = model(Duration::MAX, Arc::new(draw_gated));
    let device = Device::new("test");
    let _first = push(&device, &model, "a", SQUARE, 1);
    assert_eq!(
        (next(&actions), next(&actions)),
        (Action::Open, draw_of(&["a"]))
    );
    let (one, two) = (
        push(&device, &model, "b", SQUARE, 1),
        push(&device, &model, "c", SQUARE, 1),
    );
    go.send(()).expect("the worker is waiting");
    let (one, two) = (all(one), all(two));
    let notices = |events: &[Result<WorkerEvent>]| {
        events
            .iter()
            .filter(|events| matches!(events, Ok(WorkerEvent::Event(Event::Notice(_)))))
            .count()
    };
    let previews = |events: &[Result<WorkerEvent>]| {
        events
            .iter()
            .filter(|events| matches!(events, Ok(WorkerEvent::Preview(_))))
            .count()
    };
    assert_eq!((notices(&one), previews(&one)), (0, 1));
    assert_eq!((notices(&two), previews(&two)), (1, 0));
}
