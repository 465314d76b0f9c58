//! `generate`: pictures of one prompt; a batch goes to its own file.

use std::io;
use std::sync::Arc;

use fluxhop::encode;

use super::batch;
use crate::args::GenerateArgs;
use crate::draw::{Destination, Record, Teller, draw};
use crate::failure::Failure;
use crate::interrupt;
use crate::options::{self, GenerateOptions};
use crate::output::Output;
use crate::preview;
use crate::printer::Printer;
use crate::settings::{Environment, Settings};

/// Draws what the arguments ask for.
pub(super) fn run(
    arguments: &GenerateArgs,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    let drawn = match &arguments.batch {
        Some(file) => batch::run(file, arguments, environment, printer),
        None => one(arguments, environment, printer),
    };
    if arguments.json
        && let Err(failure) = &drawn
    {
        // Where stdout is closed, stderr still tells.
        let _ = printer.line(&Record::of_failure(None, failure).to_line());
    }
    drawn
}

fn one(
    arguments: &GenerateArgs,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    let settings = settings(arguments, environment)?;
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
    request.format = format(&request, &output, &settings)?;
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
    let shown = preview::how(arguments.preview, environment, printer);
    let work = async {
        let teller = Teller::new(printer, arguments.json, shown);
        draw(
            &provider,
            &request,
            &destination,
            &mut teller.telling_who(target.is_auto()),
        )
        .await
    };
    let images = interrupt::run(&registry, String::new, work)?;
    if arguments.json {
        printer.line(&Record::of_end(images, 0, 0).to_line())
    } else {
        Ok(())
    }
}

/// The settings for who these arguments ask.
pub(super) fn settings(
    arguments: &GenerateArgs,
    environment: &Environment,
) -> Result<Settings, Failure> {
    Settings::load(environment, &arguments.network, |config| {
        GenerateOptions::new(arguments, config)
            .target
            .target(config)
    })
}

/// How pictures are encoded: as `--format` says, or the output's name, or the settings.
///
/// Two that disagree are an error, and so is a format that this build does not write.
pub(super) fn format(
    request: &fluxhop::Request,
    output: &Output,
    settings: &Settings,
) -> Result<Option<fluxhop::ImageFormat>, Failure> {
    let format = match (request.format, output.format()?) {
        (Some(asked), Some(named)) if asked != named => {
            let message = format!("the output's name says {named}, and the format is {asked}");
            return Err(Failure::Usage(message));
        }
        (asked, named) => asked.or(named).or(settings.config.defaults.format),
    };
    if let Some(format) = format {
        encode::writable(format)?;
    }
    Ok(format)
}

/// Refuses an output that could not be written afterwards.
fn check(
    output: &Output,
    count: usize,
    arguments: &GenerateArgs,
    printer: &Printer,
) -> Result<(), Failure> {
    if *output == Output::Stdout {
        if printer.stdout_is_terminal() {
            let message = "a picture's bytes mean nothing to a terminal: send stdout to a file or a \
                           program, or name a file with --output";
            return Err(Failure::Usage(message.to_owned()));
        }
        // The settings may name it, which clap does not see.
        if count > 1 || arguments.json {
            let message = "--output - takes one picture, and no --json beside it";
            return Err(Failure::Usage(message.to_owned()));
        }
    }
    output.check(count, arguments.force)
}
