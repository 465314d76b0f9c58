//! `--batch`: generates images for the prompts in a file, several at once, and skips those
//! that an earlier run generated.

mod jobs;
mod journal;
mod key;
mod lines;
mod outputs;
mod run;

use std::path::Path;
use std::sync::Arc;

use crate::args::GenerateArgs;
use crate::failure::Failure;
use crate::interrupt;
use crate::options::{self, GenerateOptions};
use crate::output::Output;
use crate::preview;
use crate::printer::Printer;
use crate::reporter::{OutputFormat, Reporter};
use crate::save::Destination;
use crate::settings::{Environment, Settings};
use journal::Journal;
use run::{Run, Tally};

/// Generates the images of the batch in `file` that its journal does not contain.
pub(crate) fn run(
    file: &Path,
    arguments: &GenerateArgs,
    settings: &Settings,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    let registry = settings.registry()?;
    let options = GenerateOptions::new(arguments, &settings.config);
    let jobs = jobs::read(file, &options, &registry, settings)?;
    let shared = Output::parse(options.output.as_deref())?;
    if jobs.is_empty() {
        printer.note(&format!("{} contains no prompts", file.display()));
    }

    let journal = Arc::new(Journal::open(file)?);
    let total = jobs.len();
    let jobs: Vec<_> = jobs
        .into_iter()
        .filter(|job| !journal.has(&job.key))
        .collect();
    let skipped = total - jobs.len();
    if skipped > 0 {
        printer.note(&format!(
            "skipping {skipped} of {total} images that are already done"
        ));
    }
    let outputs = outputs::outputs(&jobs, &shared, arguments.force)?;
    let shared = Arc::new(shared);
    let mut ready = Vec::with_capacity(jobs.len());
    for mut job in jobs {
        let output = job.output.as_ref().map_or(&shared, |path| &outputs[path]);
        let output = Arc::clone(output);
        // With the format in the request, the provider encodes the image only once.
        job.request.format = options::format(&job.request, &output, settings)?;
        let destination = Destination {
            output,
            format: job.request.format,
            metadata: options.metadata,
            force: arguments.force,
            first: job.number,
            count: 1,
            record: Some(run::recorder(&journal, std::mem::take(&mut job.key))),
        };
        ready.push((job, destination));
    }

    let tally = Tally::default();
    let count = ready.len();
    let run = Run {
        name: file.display().to_string(),
        arguments,
        printer,
        tally: &tally,
        protocol: preview::detect(arguments.preview, environment, printer),
    };
    let remaining = || {
        let left = count - tally.generated.get();
        format!(": {left} of {total} images remain; run the same command again to generate them")
    };
    interrupt::run(&registry, remaining, run.run_all(ready))?;
    let reporter = Reporter::new(printer, OutputFormat::new(arguments.json));
    reporter.finished(tally.generated.get(), tally.failed.get(), skipped)
}

#[cfg(test)]
mod tests;
