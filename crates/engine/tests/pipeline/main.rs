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
    let drawing = |(prompt, seed): &(&str, u64)| ImageRequest {
        prompt: (*prompt).to_owned(),
        seed: *seed,
    };
    Job {
        drawings: prompts.iter().map(drawing).collect(),
        width: 48,
        height: 32,
        steps: Some(2),
        guidance: None,
        previews: false,
    }
}

/// Remembers what it is told, and cancels when it was asked often enough.
#[derive(Default)]
struct Recorder {
    news: Mutex<Vec<Event>>,
    asked: AtomicUsize,
    patience: Option<usize>,
}

impl Observer for Recorder {
    fn tell(&self, news: Event) {
        self.news.lock().unwrap().push(news);
    }

    fn is_cancelled(&self) -> bool {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        self.patience.is_some_and(|patience| asked >= patience)
    }
}

impl Recorder {
    fn news(self) -> Vec<Event> {
        self.news.into_inner().unwrap()
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
    refuses(&|job| job.drawings.clear(), "drawings");
}

#[test]
fn too_little_memory_is_refused_before_anything_is_read() {
    let mut pipeline = Pipeline::open(&model(), options().with_memory(100_000)).unwrap();
    let observer = Recorder::default();
    let error = pipeline.draw(&job(&[("a cat", 1)]), &observer).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Memory, "{error}");
    assert!(observer.news().is_empty());
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
