//! `generate`: generates images for one prompt, or runs a [`batch`].

use std::io;
use std::sync::Arc;

use crate::args::GenerateArgs;
use crate::batch;
use crate::failure::Failure;
use crate::generate::generate;
use crate::interrupt;
use crate::options::{self, GenerateOptions};
use crate::output::Output;
use crate::preview;
use crate::printer::Printer;
use crate::reporter::{OutputFormat, Reporter};
use crate::save::Destination;
use crate::settings::{Environment, Settings};

/// Generates the images that the arguments describe.
pub(super) fn run(
    arguments: &GenerateArgs,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    let result = settings(arguments, environment).and_then(|settings| match &arguments.batch {
        Some(file) => batch::run(file, arguments, &settings, environment, printer),
        None => generate_one(arguments, &settings, environment, printer),
    });
    if let Err(failure) = &result {
        // If stdout is closed, the failure is still printed on stderr.
        let _ = Reporter::new(printer, OutputFormat::new(arguments.json)).failure(failure);
    }
    result
}

fn generate_one(
    arguments: &GenerateArgs,
    settings: &Settings,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    let GenerateOptions {
        target,
        mut request,
        aspect,
        output,
        metadata,
    } = GenerateOptions::new(arguments, &settings.config);
    request.prompt = options::prompt(arguments, io::stdin().lock())?;

    let registry = settings.registry()?;
    let provider = target.provider(&registry)?;
    if let Some(aspect) = aspect {
        options::with_aspect(&mut request, aspect, &*provider, &settings.config);
    }
    let output = Output::parse(output.as_deref())?;
    request.format = options::format(&request, &output, settings)?;
    let count = usize::try_from(request.count).unwrap_or(usize::MAX);
    if request.download {
        check(&output, count, arguments, printer)?;
    }
    let destination = Destination {
        output: Arc::new(output),
        format: request.format,
        metadata,
        force: arguments.force,
        first: 1,
        count,
        record: None,
    };
    let protocol = preview::detect(arguments.preview, environment, printer);
    let mut reporter = Reporter::new(printer, OutputFormat::new(arguments.json))
        .with_images(protocol)
        .show_provider(target.is_auto());
    // JSON events contain no image data, so previews are requested only for the terminal.
    request.previews = reporter.shows_previews();
    let work = generate(&provider, &request, &destination, &mut reporter);
    let images = interrupt::run(&registry, String::new, work)?;
    reporter.finished(images, 0, 0)
}

/// Loads the settings. The standard proxy variables depend on the target of the request.
fn settings(arguments: &GenerateArgs, environment: &Environment) -> Result<Settings, Failure> {
    Settings::load(environment, &arguments.network, |config| {
        GenerateOptions::new(arguments, config).target.url(config)
    })
}

/// Rejects an output that cannot be written, before a request is sent.
fn check(
    output: &Output,
    count: usize,
    arguments: &GenerateArgs,
    printer: &Printer,
) -> Result<(), Failure> {
    if *output == Output::Stdout {
        if printer.stdout_is_terminal() {
            let message = "refusing to write an image to a terminal; redirect stdout, or name a file \
                           with --output";
            return Err(Failure::Usage(message.to_owned()));
        }
        // clap checks only flags; the output may also come from the settings.
        if count > 1 || arguments.json {
            let message = "--output - accepts only one image, and cannot be used with --json";
            return Err(Failure::Usage(message.to_owned()));
        }
    }
    output.check(count, arguments.force)
}
