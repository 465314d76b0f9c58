use std::fs;
use std::path::{Path, PathBuf};

use fluxhop::testing::{MockProvider, Step};
use fluxhop::{ImageFormat, Picture, Seed, metadata};

use super::*;
use crate::output::Output;
use crate::printer::{Captured, Printer};
use crate::reporter::OutputFormat;

fn destination(output: &Path) -> Destination {
    Destination {
        output: Arc::new(Output::parse(Some(output)).expect("failed to parse the output")),
        format: None,
        metadata: true,
        force: false,
        first: 1,
        count: 1,
        record: None,
    }
}

fn run(
    mock: &MockProvider,
    request: &Request,
    destination: &Destination,
) -> Result<usize, Failure> {
    run_captured(mock, request, destination, OutputFormat::Human).0
}

/// Runs the request and returns the captured output.
fn run_captured(
    mock: &MockProvider,
    request: &Request,
    destination: &Destination,
    format: OutputFormat,
) -> (Result<usize, Failure>, Captured) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let (printer, captured) = Printer::captured();
    let provider: Arc<dyn Provider> = Arc::new(mock.clone());
    let mut reporter = Reporter::new(&printer, format).show_provider(true);
    let work = generate(&provider, request, destination, &mut reporter);
    (
        runtime.expect("failed to build a runtime").block_on(work),
        captured,
    )
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("failed to read the folder");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("failed to read a folder entry").path())
        .collect();
    files.sort();
    files
}

fn picture(path: &Path) -> Picture {
    Picture::read(fs::read(path).expect("failed to read the file").into())
        .expect("not a valid image")
}

#[test]
fn each_image_is_saved_with_its_own_parameters() {
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let request = Request::new("a red fox")
        .with_seed(Seed::Fixed(7))
        .with_count(2);
    let destination = Destination {
        count: 2,
        ..destination(folder.path())
    };
    let count =
        run(&MockProvider::new("fake"), &request, &destination).expect("failed to generate");
    assert_eq!(count, 2);
    let files = files(folder.path());
    assert_eq!(files.len(), 2);
    for (file, seed) in files.iter().zip([7, 8]) {
        assert_eq!(
            file.file_name().expect("no file name"),
            &*format!("a-red-fox-{seed}.png")
        );
        let parameters = metadata::read(&picture(file)).expect("no metadata");
        assert_eq!(
            (parameters.prompt.as_str(), parameters.seed),
            ("a red fox", Some(seed))
        );
    }
}

#[test]
fn a_repeated_image_gets_a_new_name() {
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let request = Request::new("x").with_seed(Seed::Fixed(7));
    for _ in 0..3 {
        run(
            &MockProvider::new("fake"),
            &request,
            &destination(folder.path()),
        )
        .expect("failed to generate");
    }
    let names = files(folder.path());
    let names: Vec<_> = names
        .iter()
        .filter_map(|path| path.file_name()?.to_str())
        .collect();
    assert_eq!(names, ["x-7-2.png", "x-7-3.png", "x-7.png"]);
}

#[test]
fn a_format_converts_the_image_and_changes_the_extension() {
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let request = Request::new("x").with_seed(Seed::Fixed(7));
    let destination = Destination {
        format: Some(ImageFormat::Jpeg),
        ..destination(folder.path())
    };
    run(&MockProvider::new("fake"), &request, &destination).expect("failed to generate");
    let file = folder.path().join("x-7.jpg");
    assert_eq!(picture(&file).format, ImageFormat::Jpeg);
    assert_eq!(
        metadata::read(&picture(&file)).expect("no metadata").seed,
        Some(7)
    );
}

#[test]
fn metadata_can_be_disabled() {
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let request = Request::new("x").with_seed(Seed::Fixed(7));
    let destination = Destination {
        metadata: false,
        ..destination(folder.path())
    };
    run(&MockProvider::new("fake"), &request, &destination).expect("failed to generate");
    assert_eq!(
        metadata::read(&picture(&folder.path().join("x-7.png"))),
        None
    );
}

#[test]
fn a_file_created_in_the_meantime_is_not_overwritten() {
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let file = folder.path().join("cat.png");
    let destination = destination(&file);
    fs::write(&file, "mine").expect("failed to write the file");
    run(&MockProvider::new("fake"), &Request::new("x"), &destination).expect("failed to generate");
    assert_eq!(fs::read(&file).expect("failed to read the file"), b"mine");
    assert_eq!(
        picture(&folder.path().join("cat-2.png")).format,
        ImageFormat::Png
    );
}

#[test]
fn a_failure_after_an_image_keeps_the_image() {
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let error = Error::new(ErrorKind::Upstream, "CUDA out of memory");
    let mock = MockProvider::new("fake").then([Step::Draw, Step::Fail(error)]);
    let failure = run(&mock, &Request::new("x"), &destination(folder.path()));
    assert_eq!(failure.expect_err("no failure").exit_code(), 5);
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn a_stream_without_an_image_is_an_error() {
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let mock = MockProvider::new("fake").then([Step::Emit(Event::Started)]);
    let failure = run(&mock, &Request::new("x"), &destination(folder.path()));
    assert_eq!(failure.expect_err("no failure").kind_name(), "protocol");
}

#[test]
fn an_unwritable_folder_is_reported_with_the_path() {
    let parent = tempfile::tempdir().expect("failed to create a temporary folder");
    let folder = parent.path().join("pictures");
    fs::create_dir(&folder).expect("failed to create the folder");
    let destination = destination(&folder);
    fs::remove_dir(&folder).expect("failed to remove the folder");
    fs::write(&folder, "a file now").expect("failed to write the file");
    let failure = run(&MockProvider::new("fake"), &Request::new("x"), &destination);
    let failure = failure.expect_err("no failure");
    assert_eq!(failure.exit_code(), 1);
    assert!(
        failure.to_string().contains("cannot write the image to "),
        "{failure}"
    );
}

#[test]
fn dropping_the_future_drops_the_stream_and_leaves_no_file() {
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let mock = MockProvider::new("fake").then([Step::Emit(Event::Started), Step::Hang]);
    let (request, destination) = (Request::new("x"), destination(folder.path()));
    let printer = Printer::captured().0;
    let provider: Arc<dyn Provider> = Arc::new(mock.clone());
    let mut reporter = Reporter::new(&printer, OutputFormat::Human);
    let mut work = Box::pin(generate(&provider, &request, &destination, &mut reporter));
    let waker = futures_util::task::noop_waker();
    let polled = work
        .as_mut()
        .poll(&mut std::task::Context::from_waker(&waker));
    assert!(polled.is_pending());
    drop(work);
    assert_eq!((mock.calls(), mock.dropped()), (1, 1));
    assert!(files(folder.path()).is_empty());
}

fn mock_with_every_event() -> MockProvider {
    let notice = |text: &str| Step::Emit(Event::Notice(text.to_owned()));
    let eta = Some(std::time::Duration::from_secs(3));
    MockProvider::new("fake").then([
        Step::Emit(Event::Skipped {
            provider: "other".to_owned(),
            error: Error::new(ErrorKind::Unavailable, "asleep"),
        }),
        Step::Emit(Event::Queued {
            position: Some(1),
            of: Some(2),
            eta,
        }),
        Step::Emit(Event::Started),
        notice("767 is rounded down to 760"),
        Step::Emit(Event::Progress {
            step: Some(1),
            of: Some(2),
            stage: None,
        }),
        Step::Draw,
    ])
}

#[test]
fn paths_go_to_stdout_and_notes_to_stderr() {
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let request = Request::new("x").with_seed(Seed::Fixed(7));
    let (result, captured) = run_captured(
        &mock_with_every_event(),
        &request,
        &destination(folder.path()),
        OutputFormat::Human,
    );
    result.expect("failed to generate");
    let path = folder.path().join("x-7.png");
    assert_eq!(captured.stdout(), format!("{}\n", path.display()));
    assert_eq!(
        captured.stderr(),
        "767 is rounded down to 760\ngenerated by fake; these providers failed first:\n  other: asleep\n"
    );
}

#[test]
fn json_has_every_event_in_order() {
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let request = Request::new("x").with_seed(Seed::Fixed(7));
    let (result, captured) = run_captured(
        &mock_with_every_event(),
        &request,
        &destination(folder.path()),
        OutputFormat::Json,
    );
    result.expect("failed to generate");
    let lines: Vec<serde_json::Value> = captured
        .stdout()
        .lines()
        .map(|line| serde_json::from_str(line).expect("not valid JSON"))
        .collect();
    let events: Vec<_> = lines
        .iter()
        .filter_map(|line| line["event"].as_str())
        .collect();
    assert_eq!(
        events,
        [
            "attempt", "skipped", "queued", "started", "notice", "progress", "image"
        ]
    );
    let image = lines.last().expect("no image event");
    assert_eq!(image["seed"], 7);
    assert_eq!(
        image["path"],
        folder
            .path()
            .join("x-7.png")
            .to_str()
            .expect("not valid UTF-8")
    );
    assert_eq!(image["media_type"], "image/png");
    assert_eq!(
        (&image["width"], &image["height"]),
        (&64.into(), &64.into())
    );
}

#[test]
fn without_download_stdout_has_only_the_url() {
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let mut image = fluxhop::GeneratedImage::new("fake", "drawing", "x");
    image.url = Some("https://x.hf.space/file=1.png".to_owned());
    let mock = MockProvider::new("fake").then([Step::Emit(Event::Image(image))]);
    let request = Request::new("x").without_download();
    let (result, captured) = run_captured(
        &mock,
        &request,
        &destination(folder.path()),
        OutputFormat::Human,
    );
    result.expect("failed to generate");
    assert_eq!(captured.stdout(), "https://x.hf.space/file=1.png\n");
    assert!(files(folder.path()).is_empty());
}
