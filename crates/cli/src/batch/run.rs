//! Runs the jobs of a batch, several at a time.

use std::cell::Cell;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};

use super::Journal;
use super::jobs::Job;
use crate::args::GenerateArgs;
use crate::failure::Failure;
use crate::generate::generate;
use crate::preview::Protocol;
use crate::printer::Printer;
use crate::reporter::{OutputFormat, Reporter};
use crate::save::{Destination, Location, Recorder};

/// The default number of concurrent jobs: public Spaces accept few requests per client.
const JOBS: u32 = 2;

/// The number of generated images and of failures.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) generated: Cell<usize>,
    pub(super) failed: Cell<usize>,
}

/// What the jobs of a run share.
pub(super) struct Run<'a> {
    pub(super) name: String,
    pub(super) arguments: &'a GenerateArgs,
    pub(super) printer: &'a Printer,
    pub(super) tally: &'a Tally,
    pub(super) protocol: Protocol,
}

impl Run<'_> {
    /// Runs all jobs. A failed job does not stop the others, unless the failure is local.
    pub(super) async fn run_all(&self, jobs: Vec<(Job, Destination)>) -> Result<(), Failure> {
        let total = jobs.len();
        let bar = self.bar(total);
        let concurrency = usize::try_from(self.arguments.jobs.unwrap_or(JOBS)).unwrap_or(1);
        let requests = jobs.into_iter().map(|job| self.run_job(job));
        let mut results = stream::iter(requests).buffer_unordered(concurrency);
        let mut worst: Option<Failure> = None;
        while let Some((line, result)) = results.next().await {
            match result {
                Ok(count) => self.tally.generated.set(self.tally.generated.get() + count),
                Err(failure @ (Failure::File { .. } | Failure::ClosedPipe { .. })) => {
                    // A local failure would also affect the other jobs.
                    return Err(failure);
                }
                Err(failure) => {
                    self.tally.failed.set(self.tally.failed.get() + 1);
                    self.reporter(line).failure(&failure)?;
                    if worst
                        .as_ref()
                        .is_none_or(|worst| failure.rank() > worst.rank())
                    {
                        worst = Some(failure);
                    }
                }
            }
            if let Some(bar) = &bar {
                bar.set_position(bar.position() + 1);
                bar.set_message(match self.tally.failed.get() {
                    0 => String::new(),
                    failed => format!("{failed} failed"),
                });
            }
        }
        if let Some(bar) = &bar {
            bar.finish_and_clear();
        }
        match worst {
            None => Ok(()),
            Some(worst) => Err(Failure::Batch {
                failed: self.tally.failed.get(),
                total,
                code: worst.exit_code(),
            }),
        }
    }

    async fn run_job(
        &self,
        (job, destination): (Job, Destination),
    ) -> (usize, Result<usize, Failure>) {
        let mut reporter = self
            .reporter(job.line)
            .with_images(self.protocol)
            .for_line(&self.name, job.line)
            .show_provider(job.target.is_auto());
        let result = generate(&job.provider, &job.request, &destination, &mut reporter).await;
        (job.line, result)
    }

    fn reporter(&self, line: usize) -> Reporter<'_> {
        Reporter::new(self.printer, OutputFormat::new(self.arguments.json))
            .for_line(&self.name, line)
    }

    fn bar(&self, total: usize) -> Option<ProgressBar> {
        let bar = self.printer.bars()?.add(ProgressBar::new(total as u64));
        let template = "{bar:24} {pos}/{len} {msg} {elapsed}, about {eta} remaining";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        Some(bar)
    }
}

/// Adds each image to the journal once its file is complete.
pub(super) fn recorder(journal: &Arc<Journal>, key: String) -> Recorder {
    let journal = Arc::clone(journal);
    Arc::new(move |saved| match &saved.location {
        Location::File(path) => journal.add(&key, path, saved.image.seed),
        Location::Stdout | Location::Url(_) => Ok(()),
    })
}
