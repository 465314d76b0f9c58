//! `generate --batch`: the pictures of a file of prompts, several at once, each drawn once.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fluxhop::{Error, ErrorKind, Provider, Registry, Request, Seed};
use futures_util::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::generate;
use crate::args::GenerateArgs;
use crate::batch::{self, Journal, Line};
use crate::draw::{Destination, Kept, Record, Recorder, Teller, draw};
use crate::failure::Failure;
use crate::interrupt;
use crate::options::{self, GenerateOptions, Target};
use crate::output::Output;
use crate::preview;
use crate::printer::Printer;
use crate::settings::{Environment, Settings};

/// How many are drawn at once where nothing is said: public Spaces take few from one caller.
const JOBS: u32 = 2;

/// One picture of the batch.
struct Job {
    line: usize,
    target: Target,
    provider: Arc<dyn Provider>,
    request: Request,
    /// The line's own output, where it names one.
    output: Option<PathBuf>,
    number: usize,
    key: String,
}

/// How far the batch is.
#[derive(Default)]
struct Tally {
    drawn: Cell<usize>,
    failed: Cell<usize>,
}

/// Draws what is missing of the batch in `file`.
pub(super) fn run(
    file: &Path,
    arguments: &GenerateArgs,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    let settings = generate::settings(arguments, environment)?;
    let registry = settings.registry()?;
    let options = GenerateOptions::new(arguments, &settings.config);
    let jobs = read(file, &options, &registry, &settings)?;
    let shared = Output::parse(options.output.as_deref())?;
    if jobs.is_empty() {
        printer.note(&format!("{} asks for no pictures", file.display()));
    }

    let journal = Arc::new(Journal::open(file)?);
    let all = jobs.len();
    let jobs: Vec<Job> = jobs
        .into_iter()
        .filter(|job| !journal.has(&job.key))
        .collect();
    let skipped = all - jobs.len();
    if skipped > 0 {
        printer.note(&format!("{skipped} of {all} pictures are drawn already"));
    }
    let outputs = outputs(&jobs, &shared, arguments.force)?;
    let shared = Arc::new(shared);
    let mut ready = Vec::with_capacity(jobs.len());
    for mut job in jobs {
        let output = job.output.as_ref().map_or(&shared, |path| &outputs[path]);
        let output = Arc::clone(output);
        let format = generate::format(&job.request, &output, &settings)?;
        let destination = Destination {
            output,
            format,
            metadata: options.metadata,
            force: arguments.force,
            first: job.number,
            count: 1,
            record: Some(recorder(&journal, std::mem::take(&mut job.key))),
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
        shown: preview::how(arguments.preview, environment, printer),
    };
    let left = || {
        let left = count - tally.drawn.get();
        format!(": {left} of {all} pictures are left; the same command draws them")
    };
    interrupt::run(&registry, left, run.all(ready))?;
    if arguments.json {
        let (drawn, failed) = (tally.drawn.get(), tally.failed.get());
        printer.line(&Record::of_end(drawn, failed, skipped).to_line())?;
    }
    Ok(())
}

/// Reads and checks all lines; a line that asks for several pictures makes a job of each.
fn read(
    file: &Path,
    options: &GenerateOptions,
    registry: &Registry,
    settings: &Settings,
) -> Result<Vec<Job>, Failure> {
    let name = file.display().to_string();
    let opened = File::open(file)
        .map_err(|error| Failure::file(format!("the batch {name} cannot be opened"), error))?;
    let mut providers: BTreeMap<Target, Arc<dyn Provider>> = BTreeMap::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut number = 0;
    let jobs = batch::read(BufReader::new(opened), &name, |line: Line| {
        let Line {
            number: at,
            mut asked,
        } = line;
        let output = asked.output.take();
        let has_size = asked.width.is_some() || asked.height.is_some();
        let target = match (&asked.provider, &asked.model) {
            (Some(provider), _) => Target::Provider(provider.clone()),
            (None, Some(model)) => Target::Model(model.clone()),
            (None, None) => options.target.clone(),
        };
        let mut request = asked.over(&options.request)?;
        let provider = if let Some(provider) = providers.get(&target) {
            Arc::clone(provider)
        } else {
            let provider = target.provider(registry)?;
            providers.insert(target.clone(), Arc::clone(&provider));
            provider
        };
        if let Some(aspect) = options.aspect.filter(|_| !has_size) {
            options::with_aspect(&mut request, aspect, &*provider, &settings.config);
        }
        if let Some(format) = request.format {
            fluxhop::encode::writable(format)?;
        }
        let mut jobs = Vec::new();
        for (index, mut request) in each(&request).enumerate() {
            if index == 0 {
                provider.info().resolve(&request.model)?;
            }
            request.resolve(&provider.info().capabilities)?;
            let key = key(&target, &request)?;
            let occurrence = seen
                .entry(key.clone())
                .and_modify(|seen| *seen += 1)
                .or_insert(1);
            let key = format!("{key}#{occurrence}");
            number += 1;
            request.count = 1;
            jobs.push(Job {
                line: at,
                target: target.clone(),
                provider: Arc::clone(&provider),
                request,
                output: output.clone(),
                number,
                key,
            });
        }
        Ok(jobs)
    })?;
    Ok(jobs.into_iter().flatten().collect())
}

/// One request for each picture; with a fixed seed `s` they have `s`, `s + 1`, ….
fn each(request: &Request) -> impl Iterator<Item = Request> {
    (0..request.count).map(|index| {
        let mut one = request.clone();
        one.count = 1;
        if let Seed::Fixed(seed) = request.seed {
            one.seed = Seed::Fixed(seed.saturating_add(u64::from(index)));
        }
        one
    })
}

/// What a picture is known by in the journal: all that it is drawn from.
///
/// The fields are in alphabetical order, in which journals have them.
#[derive(Serialize)]
struct Key<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guidance: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    negative_prompt: Option<&'a str>,
    prompt: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<u32>,
    target: KeyTarget<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<i64>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum KeyTarget<'a> {
    Provider {
        model: &'a str,
        provider: String,
    },
    Model {
        model: String,
    },
    Space {
        api_name: Option<&'a str>,
        space: &'a str,
    },
}

fn key(target: &Target, request: &Request) -> Result<String, Error> {
    let target = match target {
        Target::Model(name) => KeyTarget::Model {
            model: name.to_lowercase(),
        },
        Target::Provider(name) => KeyTarget::Provider {
            model: &request.model,
            provider: name.to_lowercase(),
        },
        Target::Space { target, api_name } => KeyTarget::Space {
            api_name: api_name.as_deref(),
            space: target,
        },
    };
    let key = Key {
        format: request.format.map(|format| format.to_string()),
        guidance: request.guidance,
        height: request.height,
        negative_prompt: request.negative_prompt.as_deref(),
        prompt: &request.prompt,
        seed: match request.seed {
            Seed::Fixed(seed) => Some(seed),
            Seed::Sampled(_) | Seed::Random => None,
        },
        steps: request.steps,
        target,
        width: request.width,
    };
    serde_json::to_string(&key).map_err(|error| {
        Error::new(
            ErrorKind::Internal,
            "the picture cannot be named in the journal",
        )
        .with_source(error)
    })
}

/// The outputs that lines name, and the shared one, all checked.
fn outputs(
    jobs: &[Job],
    shared: &Output,
    force: bool,
) -> Result<HashMap<PathBuf, Arc<Output>>, Failure> {
    let mut outputs = HashMap::new();
    let mut files = BTreeSet::new();
    for job in jobs {
        let Some(path) = &job.output else { continue };
        let told = |what: &str| Failure::Usage(format!("line {}: {what}", job.line));
        let output = Output::parse(Some(path))?;
        match &output {
            Output::Stdout => return Err(told("a batch does not print pictures on stdout")),
            Output::File(file) if !files.insert(file.clone()) => {
                return Err(told(&format!(
                    "{} is the output of another picture",
                    file.display()
                )));
            }
            _ => output.check(1, force)?,
        }
        outputs.insert(path.clone(), Arc::new(output));
    }
    let sharing = jobs.iter().filter(|job| job.output.is_none()).count();
    match shared {
        Output::Stdout | Output::File(_) | Output::Special(_) if sharing > 1 => {
            let message = "a batch has many pictures: name a folder or a template with --output";
            return Err(Failure::Usage(message.to_owned()));
        }
        Output::Stdout if sharing > 0 => {
            let message = "a batch does not print pictures on stdout: name a folder with --output";
            return Err(Failure::Usage(message.to_owned()));
        }
        _ if sharing > 0 => shared.check(1, force)?,
        _ => {}
    }
    Ok(outputs)
}

/// Notes a picture in the journal once it is in its file.
fn recorder(journal: &Arc<Journal>, key: String) -> Recorder {
    let journal = Arc::clone(journal);
    Arc::new(move |saved| match &saved.kept {
        Kept::File(path) => journal.add(&key, path, saved.image.seed),
        Kept::Stdout | Kept::Url(_) => Ok(()),
    })
}

/// What all jobs of a run share.
struct Run<'a> {
    name: String,
    arguments: &'a GenerateArgs,
    printer: &'a Printer,
    tally: &'a Tally,
    shown: preview::How,
}

impl Run<'_> {
    /// Draws all, a few at once; a failure costs its own picture alone, unless it is this machine's.
    async fn all(&self, jobs: Vec<(Job, Destination)>) -> Result<(), Failure> {
        let of = jobs.len();
        let bar = self.bar(of);
        let at_once = usize::try_from(self.arguments.jobs.unwrap_or(JOBS)).unwrap_or(1);
        let drawings = jobs.into_iter().map(|job| self.one(job));
        let mut drawings = stream::iter(drawings).buffer_unordered(at_once);
        let mut worst: Option<Failure> = None;
        while let Some((line, drawn)) = drawings.next().await {
            match drawn {
                Ok(count) => self.tally.drawn.set(self.tally.drawn.get() + count),
                Err(failure @ (Failure::File { .. } | Failure::ClosedPipe { .. })) => {
                    // It would hit the others too.
                    return Err(failure);
                }
                Err(failure) => {
                    self.tally.failed.set(self.tally.failed.get() + 1);
                    self.tell(line, &failure)?;
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
                of,
                code: worst.exit_code(),
            }),
        }
    }

    async fn one(&self, (job, destination): (Job, Destination)) -> (usize, Result<usize, Failure>) {
        let place = format!("{}:{}", self.name, job.line);
        let mut teller = Teller::new(self.printer, self.arguments.json, self.shown)
            .with_line(job.line, place)
            .telling_who(job.target.is_auto());
        let drawn = draw(&job.provider, &job.request, &destination, &mut teller).await;
        (job.line, drawn)
    }

    fn tell(&self, line: usize, failure: &Failure) -> Result<(), Failure> {
        if self.arguments.json {
            self.printer
                .line(&Record::of_failure(Some(line), failure).to_line())?;
        }
        self.printer
            .failure_of(&format!("{}:{line}", self.name), failure);
        Ok(())
    }

    fn bar(&self, of: usize) -> Option<ProgressBar> {
        let bar = self.printer.bars()?.add(ProgressBar::new(of as u64));
        let template = "{bar:24} {pos}/{len} {msg} {elapsed}, about {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        Some(bar)
    }
}

#[cfg(test)]
mod tests;
