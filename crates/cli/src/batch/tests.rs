use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use fluxhop::testing::{MockProvider, Step};
use fluxhop::{Error, ErrorKind, Seed};
use serde_json::json;

use super::jobs::Job;
use super::run::{Tally, recorder};
use super::*;
use crate::args::Cli;
use crate::preview::Protocol;

/// A batch file in a temporary folder, checked against the catalogue and run with a mock provider.
struct Batch {
    folder: tempfile::TempDir,
    file: PathBuf,
}

impl Batch {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("failed to create a temporary folder");
        let file = folder.path().join("prompts.txt");
        fs::write(&file, text).expect("failed to write the file");
        Self { folder, file }
    }

    fn arguments(&self, more: &[&str]) -> GenerateArgs {
        let file = self.file.to_str().expect("not valid UTF-8");
        let words = ["fluxhop", "--quiet", "--batch", file]
            .into_iter()
            .chain(more.iter().copied());
        Cli::parse_from_arguments(words.map(OsString::from))
            .expect("failed to parse the arguments")
            .generate
    }

    fn jobs(&self, more: &[&str]) -> Result<Vec<Job>, Failure> {
        let environment = Environment::default();
        let arguments = self.arguments(more);
        let settings = Settings::load(&environment, &arguments.network, |_| None)?;
        let options = GenerateOptions::new(&arguments, &settings.config);
        jobs::read(&self.file, &options, &settings.registry()?, &settings)
    }

    /// Runs the jobs that are not in the journal; returns the number of images and the failure.
    fn run(&self, mock: &MockProvider) -> (usize, Option<Failure>) {
        let arguments = self.arguments(&[]);
        let journal = Arc::new(Journal::open(&self.file).expect("failed to open the journal"));
        let jobs = self
            .jobs(&[])
            .expect("failed to read the batch")
            .into_iter();
        let ready = jobs.filter(|job| !journal.has(&job.key)).map(|mut job| {
            job.provider = Arc::new(mock.clone());
            job.request.model.clear();
            let destination = Destination {
                output: Arc::new(
                    Output::parse(Some(self.folder.path())).expect("failed to parse the output"),
                ),
                format: None,
                metadata: true,
                force: false,
                first: job.number,
                count: 1,
                record: Some(recorder(&journal, std::mem::take(&mut job.key))),
            };
            (job, destination)
        });
        let ready: Vec<_> = ready.collect();
        let (printer, tally) = (Printer::captured().0, Tally::default());
        let run = Run {
            name: "prompts.txt".to_owned(),
            arguments: &arguments,
            printer: &printer,
            tally: &tally,
            protocol: Protocol::Off,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let result = runtime
            .expect("failed to build a runtime")
            .block_on(run.run_all(ready));
        (tally.generated.get(), result.err())
    }

    fn images(&self) -> usize {
        let entries = fs::read_dir(self.folder.path()).expect("failed to read the folder");
        let names = entries.map(|entry| entry.expect("failed to read a folder entry").path());
        names
            .filter(|path| path.extension().is_some_and(|extension| extension == "png"))
            .count()
    }
}

#[test]
fn a_second_run_generates_only_missing_images() {
    let batch = Batch::new("one\ntwo\nthree\n");
    let asleep = Error::new(ErrorKind::Unavailable, "asleep");
    let mock = MockProvider::new("fake")
        .then([Step::Draw])
        .then([Step::Fail(asleep)])
        .then([Step::Draw]);
    let (generated, failure) = batch.run(&mock);
    assert_eq!((generated, batch.images()), (2, 2));
    let failure = failure.expect("no failure");
    assert_eq!(failure.exit_code(), 4);
    assert_eq!(failure.to_string(), "1 of 3 images failed");

    let mock = MockProvider::new("fake");
    let (generated, failure) = batch.run(&mock);
    assert!(failure.is_none());
    assert_eq!((generated, mock.requests()[0].prompt.as_str()), (1, "two"));
    let mock = MockProvider::new("fake");
    assert_eq!((batch.run(&mock).0, mock.calls()), (0, 0));
    assert_eq!(batch.images(), 3);
}

#[test]
fn equal_lines_are_distinct_and_moved_lines_are_skipped() {
    let batch = Batch::new("one\none\n{\"prompt\": \"two\", \"count\": 2, \"seed\": 5}\n");
    assert_eq!(batch.run(&MockProvider::new("fake")).0, 4);
    fs::write(
        &batch.file,
        "{\"seed\": 6, \"prompt\": \"two\"}\n\none\nnew\none\none",
    )
    .expect("failed to write the file");
    let mock = MockProvider::new("fake");
    assert_eq!(batch.run(&mock).0, 2);
    let mut prompts: Vec<_> = mock
        .requests()
        .into_iter()
        .map(|request| request.prompt)
        .collect();
    prompts.sort();
    assert_eq!(prompts, ["new", "one"]);
}

#[test]
fn the_worst_failure_determines_the_exit_code() {
    let batch = Batch::new("one\ntwo\nthree");
    let fail = |kind| [Step::Fail(Error::new(kind, "no"))];
    let mock = MockProvider::new("fake")
        .then(fail(ErrorKind::ContentRejected))
        .then(fail(ErrorKind::Upstream))
        .then(fail(ErrorKind::Unavailable));
    let (generated, failure) = batch.run(&mock);
    assert_eq!(
        (generated, failure.expect("no failure").exit_code()),
        (0, 5)
    );
}

#[test]
fn an_invalid_line_is_reported_and_nothing_is_generated() {
    for (line, expected) in [
        (
            "{\"prompt\": \"x\", \"model\": \"flux-schnel\"}",
            "did you mean `flux-schnell`",
        ),
        ("{\"prompt\": \"x\", \"provider\": \"nobody\"}", "`nobody`"),
        ("{\"prompt\": \"x\", \"width\": 100000}", "invalid width"),
        (
            "{\"prompt\": \"x\", \"steps\": 1000000000}",
            "invalid steps",
        ),
        ("{\"prompt\": \"\"}", "invalid prompt"),
        ("{\"prompt\": \"x\", \"format\": \"gif\"}", "invalid format"),
    ] {
        let batch = Batch::new(&format!("good\n{line}\ngood\n"));
        let failure = batch.jobs(&[]).map(drop).expect_err(line);
        let message = failure.to_string();
        assert!(message.contains("prompts.txt:2: "), "{message}");
        assert!(message.contains(expected), "{message}");
        assert_eq!(failure.exit_code(), 3);
        assert_eq!(
            fs::read_dir(batch.folder.path())
                .expect("failed to read the folder")
                .count(),
            1
        );
    }
}

#[test]
fn images_of_one_line_have_consecutive_seeds() {
    let batch = Batch::new("{\"prompt\": \"x\", \"seed\": 7, \"count\": 3}");
    let seeds: Vec<_> = batch
        .jobs(&[])
        .expect("failed to read the batch")
        .iter()
        .map(|job| job.request.seed)
        .collect();
    assert_eq!(seeds, [Seed::Fixed(7), Seed::Fixed(8), Seed::Fixed(9)]);
}

#[test]
fn two_lines_cannot_share_a_file() {
    let batch = Batch::new("");
    let path = batch.folder.path().join("x.png");
    let line = json!({ "prompt": "x", "output": path });
    fs::write(&batch.file, format!("{line}\n{line}")).expect("failed to write the file");
    let jobs = batch.jobs(&[]).expect("failed to read the batch");
    let shared = Output::parse(None).expect("failed to parse the output");
    let failure = outputs::outputs(&jobs, &shared, false)
        .map(drop)
        .expect_err("accepted a shared file");
    assert!(failure.to_string().starts_with("line 2: "), "{failure}");
}

#[test]
fn several_images_cannot_share_a_file() {
    let batch = Batch::new("one\ntwo");
    let jobs = batch.jobs(&[]).expect("failed to read the batch");
    let file = Output::File(batch.folder.path().join("cat.png"));
    let failure = outputs::outputs(&jobs, &file, false)
        .map(drop)
        .expect_err("accepted a shared file");
    assert!(
        failure.to_string().contains("a folder or a template"),
        "{failure}"
    );
}

#[test]
fn journal_keys_are_stable() {
    let line = r#"{"prompt": "a \"cat\"", "negative_prompt": "dogs", "width": 512, "height": 256,
        "steps": 4, "guidance": 3.5, "seed": 7, "format": "jpeg"}"#;
    let batch = Batch::new(&line.replace('\n', " "));
    for (flags, target) in [
        (&["-m", "Flux"][..], r#"{"model":"flux"}"#),
        (
            &["--provider", "Voodoohop"],
            r#"{"model":"","provider":"voodoohop"}"#,
        ),
        (
            &["--space", "owner/name"],
            r#"{"api_name":null,"space":"owner/name"}"#,
        ),
    ] {
        let jobs = batch.jobs(flags).expect("failed to read the batch");
        let known = format!(
            r#"{{"format":"jpeg","guidance":3.5,"height":256,"negative_prompt":"dogs","prompt":"a \"cat\"","seed":7,"steps":4,"target":{target},"width":512}}#1"#
        );
        assert_eq!(jobs[0].key, known);
    }
    let jobs = Batch::new("x")
        .jobs(&["-m", "flux"])
        .expect("failed to read the batch");
    assert_eq!(jobs[0].key, r#"{"prompt":"x","target":{"model":"flux"}}#1"#);
}
