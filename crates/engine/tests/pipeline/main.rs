//! A pipeline as its caller sees it, with a small random model: what it tells, refuses and leaves.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod damage;
mod story;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fluxhop_engine::{ErrorKind, Event, ImageRequest, Job, Observer, Options, Pipeline};

/// A model of the parity set, without guidance: two heads, f32.
fn model() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/parity/golden/models/plain")
}

/// A model of the parity set that takes guidance.
fn guided() -> PathBuf {
    model().with_file_name("guided")
}

fn options() -> Options {
    Options::default().with_max_tokens(32)
}

fn job(prompts: &[(&str, u64)]) -> Job {
    let image = |(prompt, seed): &(&str, u64)| ImageRequest::new(*prompt, *seed);
    let mut job = Job::new(prompts.iter().map(image).collect(), 48, 32);
    job.steps = Some(2);
    job
}

/// Remembers what it is told, and cancels when it was asked often enough.
#[derive(Default)]
struct Recorder {
    events: Mutex<Vec<Event>>,
    asked: AtomicUsize,
    patience: Option<usize>,
}

impl Observer for Recorder {
    fn on_event(&self, event: Event) {
        self.events.lock().unwrap().push(event);
    }

    fn is_cancelled(&self) -> bool {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        self.patience.is_some_and(|patience| asked >= patience)
    }
}

impl Recorder {
    fn events(self) -> Vec<Event> {
        self.events.into_inner().unwrap()
    }
}

#[test]
fn what_cannot_be_drawn_names_its_field() {
    let mut pipeline = Pipeline::open(&model(), options()).unwrap();
    let mut refuses = |change: &dyn Fn(&mut Job), field: &str| {
        let mut job = job(&[("a cat", 1)]);
        change(&mut job);
        let error = pipeline.draw(&job, &()).unwrap_err();
        let kind = error.kind().clone();
        assert!(
            matches!(&kind, ErrorKind::InvalidRequest { field: named } if *named == field),
            "{field}: {error}"
        );
    };
    refuses(&|job| job.width = 40, "width");
    refuses(&|job| job.width = 0, "width");
    refuses(&|job| job.height = 1 << 40, "height");
    refuses(&|job| job.steps = Some(0), "steps");
    refuses(&|job| job.steps = Some(1_000_000), "steps");
    refuses(&|job| job.guidance = Some(f32::NAN), "guidance");
    refuses(&|job| job.images.clear(), "images");
}

#[test]
fn too_little_memory_is_refused_before_anything_is_read() {
    let mut pipeline = Pipeline::open(&model(), options().with_memory(100_000)).unwrap();
    let observer = Recorder::default();
    let error = pipeline.draw(&job(&[("a cat", 1)]), &observer).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Memory, "{error}");
    assert!(observer.events().is_empty());
    let plan = pipeline.memory_plan(48, 32, 1);
    assert!(plan.peak() > 100_000, "{plan}");
}

#[test]
fn a_cancelled_job_ends_at_the_next_block_and_the_pipeline_draws_on() {
    let mut pipeline = Pipeline::open(&model(), options()).unwrap();
    let job = job(&[("a cat", 1)]);
    let whole = Recorder::default();
    let pictures = pipeline.draw(&job, &whole).unwrap();
    let asked = whole.asked.into_inner();
    assert!(asked > 20, "asked only {asked} times");
    for patience in (0..asked).step_by(3) {
        pipeline.unload();
        let observer = Recorder {
            patience: Some(patience),
            ..Recorder::default()
        };
        let error = pipeline.draw(&job, &observer).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Cancelled, "{patience}: {error}");
        assert_eq!(observer.asked.into_inner(), patience + 1);
    }
    assert_eq!(pipeline.draw(&job, &()).unwrap(), pictures);
}

/// Panics in the thread pool, where the pipeline calls its observer.
struct Panics;

impl Observer for Panics {
    fn on_event(&self, event: Event) {
        assert!(!matches!(event, Event::Step { .. }), "on purpose");
    }
}

#[test]
fn a_panic_in_the_thread_pool_reaches_the_caller_and_leaves_a_usable_pipeline() {
    let mut pipeline = Pipeline::open(&model(), options()).unwrap();
    let job = job(&[("a cat", 1)]);
    let draw = std::panic::AssertUnwindSafe(|| pipeline.draw(&job, &Panics));
    std::panic::catch_unwind(draw).unwrap_err();
    assert_eq!(pipeline.draw(&job, &()).unwrap().len(), 1);
}
