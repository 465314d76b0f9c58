//! Tests of the pipeline through its public API, with small random models.

#![expect(
    clippy::unwrap_used,
    reason = "clippy exempts tests but not their helpers"
)]

mod damage;
mod events;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fluxhop_engine::{ErrorKind, Event, ImageRequest, Job, Observer, Options, Pipeline};

/// The folder of a parity model without a guidance input: two heads, f32.
fn model() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/parity/golden/models/plain")
}

/// The folder of a parity model with a guidance input.
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

/// Records the events; cancels the job after a number of checks, if set.
#[derive(Default)]
struct Recorder {
    events: Mutex<Vec<Event>>,
    checks: AtomicUsize,
    cancel_after: Option<usize>,
}

impl Observer for Recorder {
    fn on_event(&self, event: Event) {
        self.events.lock().unwrap().push(event);
    }

    fn is_cancelled(&self) -> bool {
        let checks = self.checks.fetch_add(1, Ordering::Relaxed);
        self.cancel_after.is_some_and(|limit| checks >= limit)
    }
}

impl Recorder {
    fn events(self) -> Vec<Event> {
        self.events.into_inner().unwrap()
    }
}

#[test]
fn invalid_fields_are_named_in_the_error() {
    let mut pipeline = Pipeline::open(&model(), options()).unwrap();
    let mut rejects = |change: &dyn Fn(&mut Job), field: &str| {
        let mut job = job(&[("a cat", 1)]);
        change(&mut job);
        let error = pipeline.draw(&job, &()).unwrap_err();
        let kind = error.kind().clone();
        assert!(
            matches!(&kind, ErrorKind::InvalidRequest { field: name } if *name == field),
            "{field}: {error}"
        );
    };
    rejects(&|job| job.width = 40, "width");
    rejects(&|job| job.width = 0, "width");
    rejects(&|job| job.height = 1 << 40, "height");
    rejects(&|job| job.steps = Some(0), "steps");
    rejects(&|job| job.steps = Some(1_000_000), "steps");
    rejects(&|job| job.guidance = Some(f32::NAN), "guidance");
    rejects(&|job| job.images.clear(), "images");
}

#[test]
fn insufficient_memory_is_reported_before_any_work() {
    let mut pipeline = Pipeline::open(&model(), options().with_memory(100_000)).unwrap();
    let observer = Recorder::default();
    let error = pipeline.draw(&job(&[("a cat", 1)]), &observer).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Memory, "{error}");
    assert!(observer.events().is_empty());
    let plan = pipeline.memory_plan(48, 32, 1);
    assert!(plan.peak() > 100_000, "{plan}");
}

#[test]
fn cancellation_takes_effect_at_the_next_check_and_keeps_the_pipeline_usable() {
    let mut pipeline = Pipeline::open(&model(), options()).unwrap();
    let job = job(&[("a cat", 1)]);
    let observer = Recorder::default();
    let images = pipeline.draw(&job, &observer).unwrap();
    let checks = observer.checks.into_inner();
    assert!(checks > 20, "only {checks} checks");
    for limit in (0..checks).step_by(3) {
        pipeline.unload();
        let observer = Recorder {
            cancel_after: Some(limit),
            ..Recorder::default()
        };
        let error = pipeline.draw(&job, &observer).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Cancelled, "{limit}: {error}");
        assert_eq!(observer.checks.into_inner(), limit + 1);
    }
    assert_eq!(pipeline.draw(&job, &()).unwrap(), images);
}

/// Panics at the first step, in the thread pool on which the pipeline calls its observer.
struct PanickingObserver;

impl Observer for PanickingObserver {
    fn on_event(&self, event: Event) {
        assert!(!matches!(event, Event::Step { .. }), "expected by the test");
    }
}

#[test]
fn a_panic_in_the_thread_pool_propagates_and_keeps_the_pipeline_usable() {
    let mut pipeline = Pipeline::open(&model(), options()).unwrap();
    let job = job(&[("a cat", 1)]);
    let draw = std::panic::AssertUnwindSafe(|| pipeline.draw(&job, &PanickingObserver));
    std::panic::catch_unwind(draw).unwrap_err();
    assert_eq!(pipeline.draw(&job, &()).unwrap().len(), 1);
}
