//! `completions` and `man`: generated from the argument definitions.

use std::io;

use clap_complete::Shell;
use roff::{Roff, bold, italic, roman};

use crate::args::{EXAMPLES, EXITS, SETTINGS};
use crate::failure::Failure;
use crate::printer::Printer;

/// The manual's section on JSON events.
const JSON: &str = "\
Each line is an object with the field \"event\" and, in a batch, \"line\". Unknown values are omitted. \
Later versions may add fields, but do not rename or remove any. Times are in seconds, sizes in pixels. \
Preview events are emitted only if previews are shown in the terminal (--preview). The JSON Schema is \
docs/events.schema.json; it also describes the events of `fluxhop models pull --json`.";

/// The fields of each event.
const EVENTS: &str = "  attempt   provider, number
  queued    position (number of requests ahead), of, eta_s
  started
  progress  step, of, stage
  preview   width, height, media_type, bytes
  notice    message
  skipped   provider, reason
  image     path, url, seed, width, height, media_type, bytes, provider, model, alt,
            timings {queued_s, drawing_s, total_s}
  error     error {kind, message, field, hint, retryable, exit_code, context, causes}
  done      images, failed, skipped; the last event of a run that succeeds or is a batch";

/// Prints the completions for a shell.
pub(super) fn completions(
    shell: Shell,
    mut command: clap::Command,
    printer: &Printer,
) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "fluxhop", &mut script);
    printer.data(&script)
}

/// Prints the manual page.
pub(super) fn page(mut command: clap::Command, printer: &Printer) -> Result<(), Failure> {
    command.build();
    let page = render(&command)
        .map_err(|error| Failure::file("cannot generate the manual page", error))?;
    printer.data(&page)
}

fn render(command: &clap::Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let manual = clap_mangen::Man::new(command.clone()).source("fluxhop");
    manual.render_title(&mut page)?;
    manual.render_name_section(&mut page)?;
    manual.render_synopsis_section(&mut page)?;
    manual.render_options_section(&mut page)?;

    let mut rest = Roff::new();
    rest.control("SH", ["COMMANDS"]);
    for command in command.get_subcommands() {
        describe(&mut rest, "fluxhop", command);
        let parent = format!("fluxhop {}", command.get_name());
        for command in command.get_subcommands() {
            describe(&mut rest, &parent, command);
        }
    }
    for (heading, lines) in [("EXAMPLES", EXAMPLES), ("EXIT STATUS", EXITS)] {
        rest.control("SH", [heading]).control("nf", []);
        rest.text([roman(lines)]).control("fi", []);
    }
    for (heading, text) in [("SETTINGS", SETTINGS), ("JSON EVENTS (--json)", JSON)] {
        rest.control("SH", [heading]).text([roman(text)]);
    }
    rest.control("PP", []).control("nf", []);
    rest.text([roman(EVENTS)]).control("fi", []);
    rest.to_writer(&mut page)?;
    Ok(page)
}

/// Describes a command and its own options; shared options are described with `fluxhop` itself.
fn describe(page: &mut Roff, parent: &str, command: &clap::Command) {
    let text =
        |text: Option<&clap::builder::StyledStr>| text.map(ToString::to_string).unwrap_or_default();
    page.control("TP", []);
    page.text([bold(format!("{parent} {}", command.get_name()))]);
    page.text([roman(text(command.get_about()))]);
    for option in command.get_arguments() {
        if command.get_name() != "generate"
            && option.get_help_heading().is_none()
            && option.get_id() != "help"
        {
            page.control("br", []);
            let help = text(option.get_help());
            page.text([italic(option.to_string()), roman(format!(": {help}"))]);
        }
    }
}
