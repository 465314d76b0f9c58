//! The arguments of `generate`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, ValueEnum, ValueHint};
use fluxhop::ImageFormat;

use super::{Aspect, BATCH, DISPLAY, IMAGE, MODEL, NetworkArgs, OUTPUT, Size, values};

// clap turns `{n}` into a line break; a style reset after the brace prevents that.
const PATH_HELP: &str =
    "File, folder, template with {seed} {\x1b[0mn} {slug} {model}, or - for stdout";
const PATH_LONG_HELP: &str = "\
File, folder, template with {seed} {\x1b[0mn} {slug} {model}, or - for stdout

Defaults to {slug}-{seed} in the current folder, where {slug} is a short form of the prompt. With a \
folder or a template, existing files are kept and a number is appended to the new name; an explicitly \
named file must not exist unless --force is given. Missing folders are created. The extension selects \
the format.";

/// The arguments of `generate`.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a command-line flag")]
pub(crate) struct GenerateArgs {
    /// The prompt; words are joined with spaces, - reads stdin
    #[arg(value_name = "PROMPT")]
    pub(crate) prompt: Vec<OsString>,

    /// Model name; run `fluxhop models` for a list
    ///
    /// The default, `auto`, uses the first provider that works and prints its name. A model that you
    /// name is never replaced by another.
    #[arg(short, long, value_name = "NAME", help_heading = MODEL)]
    pub(crate) model: Option<String>,
    /// Use only this provider; run `fluxhop providers` for a list
    #[arg(long, value_name = "NAME", help_heading = MODEL)]
    pub(crate) provider: Option<String>,
    /// Use this Space: OWNER/NAME on Hugging Face, or a URL
    #[arg(
        long,
        value_name = "OWNER/NAME|URL",
        help_heading = MODEL,
        conflicts_with_all = ["provider", "model"]
    )]
    pub(crate) space: Option<String>,
    /// The Space's endpoint, such as /infer [default: its text-to-image endpoint]
    #[arg(long, value_name = "NAME", help_heading = MODEL, requires = "space")]
    pub(crate) api_name: Option<String>,

    /// Image size in pixels, such as 1024x768
    #[arg(
        short,
        long,
        value_name = "WxH",
        help_heading = IMAGE,
        conflicts_with_all = ["width", "height", "aspect"]
    )]
    pub(crate) size: Option<Size>,
    /// Width in pixels; rounded down to a value that the provider supports
    #[arg(long, value_name = "PIXELS", help_heading = IMAGE, allow_negative_numbers = true)]
    pub(crate) width: Option<i64>,
    /// Height in pixels; rounded like the width
    #[arg(long, value_name = "PIXELS", help_heading = IMAGE, allow_negative_numbers = true)]
    pub(crate) height: Option<i64>,
    /// Aspect ratio, such as 16:9; keeps the default number of pixels
    #[arg(long, value_name = "W:H", help_heading = IMAGE)]
    pub(crate) aspect: Option<Aspect>,
    /// Number of denoising steps; more steps take longer
    #[arg(long, value_name = "N", help_heading = IMAGE, allow_negative_numbers = true)]
    pub(crate) steps: Option<u32>,
    /// Random seed; the same seed gives the same image
    #[arg(
        long,
        value_name = "N",
        help_heading = IMAGE,
        value_parser = values::seed,
        allow_negative_numbers = true
    )]
    pub(crate) seed: Option<u64>,
    /// Guidance scale: how closely the image follows the prompt
    #[arg(
        long,
        value_name = "SCALE",
        help_heading = IMAGE,
        value_parser = values::guidance,
        allow_negative_numbers = true
    )]
    pub(crate) guidance: Option<f64>,
    /// Negative prompt: what the image should not show
    #[arg(long, value_name = "PROMPT", help_heading = IMAGE)]
    pub(crate) negative: Option<String>,

    #[arg(
        short,
        long,
        value_name = "PATH",
        help_heading = OUTPUT,
        value_hint = ValueHint::AnyPath,
        help = PATH_HELP,
        long_help = PATH_LONG_HELP
    )]
    pub(crate) output: Option<PathBuf>,
    /// png, jpeg, webp or avif [default: from the extension, else as received]
    #[arg(long, value_name = "FORMAT", help_heading = OUTPUT, value_parser = values::format)]
    pub(crate) format: Option<ImageFormat>,
    /// Overwrite existing files
    #[arg(short, long, help_heading = OUTPUT)]
    pub(crate) force: bool,
    /// Do not embed the prompt, seed and other parameters in the file
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) no_metadata: bool,
    /// Print the image's URL instead of downloading it
    #[arg(
        long,
        help_heading = OUTPUT,
        conflicts_with_all = ["output", "format", "force", "no_metadata", "preview"]
    )]
    pub(crate) no_download: bool,

    /// Number of images; with --seed S, their seeds are S, S+1, …
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        help_heading = BATCH,
        value_parser = clap::value_parser!(u32).range(1..=10_000),
        allow_negative_numbers = true
    )]
    pub(crate) count: Option<u32>,
    /// Read prompts from a file, one per line; run again to resume
    ///
    /// Blank lines and lines starting with # are skipped. A line starting with { is a JSON object with
    /// `prompt` and, optionally, `negative_prompt`, `model`, `provider`, `width`, `height`, `steps`,
    /// `guidance`, `seed`, `count`, `format` and `output`, which override the flags. All lines are
    /// checked before the first image is generated. Finished images are recorded in FILE.done.jsonl, so
    /// a second run generates only the missing ones.
    #[arg(
        long,
        value_name = "FILE",
        help_heading = BATCH,
        conflicts_with = "prompt",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) batch: Option<PathBuf>,
    /// Number of images to generate at once [default: 2]
    #[arg(
        short,
        long,
        value_name = "N",
        help_heading = BATCH,
        value_parser = clap::value_parser!(u32).range(1..=256),
        allow_negative_numbers = true
    )]
    pub(crate) jobs: Option<u32>,

    /// Network options.
    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    /// Print events to stdout as JSON, one object per line
    ///
    /// The field `event` is attempt, queued, started, progress, preview, notice, skipped, image, error
    /// or done. In a batch, `line` is the line number. See `fluxhop man` and docs/events.schema.json.
    #[arg(long, help_heading = DISPLAY)]
    pub(crate) json: bool,
    /// Show images and previews in the terminal (kitty, iTerm2, sixel or half blocks)
    #[arg(long, value_name = "WHEN", help_heading = DISPLAY, default_value = "auto")]
    pub(crate) preview: PreviewWhen,
    /// Print only errors on stderr
    #[arg(short, long, help_heading = DISPLAY)]
    pub(crate) quiet: bool,
}

/// When to show images in the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PreviewWhen {
    /// If the terminal supports it
    Auto,
    /// Always, on stderr
    On,
    /// Never
    Off,
}

impl GenerateArgs {
    /// Checks rules that clap cannot express.
    pub(super) fn check(&self, command: &mut clap::Command) -> Result<(), clap::Error> {
        let mut conflict = |message: &str| Err(command.error(ErrorKind::ArgumentConflict, message));
        let to_stdout = self.output.as_deref().is_some_and(|path| path == "-");
        if self.prompt.is_empty() && self.batch.is_none() {
            let message = "no prompt given; try `fluxhop \"a cat wearing a hat\"`, or `fluxhop -` to read \
                           the prompt from stdin";
            return Err(command.error(ErrorKind::MissingRequiredArgument, message));
        }
        if self.aspect.is_some() && self.width.is_some() && self.height.is_some() {
            return conflict("--aspect cannot be used with both --width and --height");
        }
        if to_stdout && self.json {
            return conflict("--json cannot be used with --output -: both write to stdout");
        }
        if to_stdout && (self.batch.is_some() || self.count.is_some_and(|count| count > 1)) {
            return conflict(
                "--output - accepts only one image; use a folder or a template for several",
            );
        }
        if self.jobs.is_some() && self.batch.is_none() {
            return conflict("--jobs requires --batch");
        }
        if self.batch.as_deref().is_some_and(|path| path == "-") {
            return conflict("--batch requires a file: a batch read from stdin cannot be resumed");
        }
        Ok(())
    }

    /// Rejects a command after options, as in `fluxhop -q models`: it would be taken as a prompt.
    pub(super) fn check_not_a_command(
        &self,
        command: &mut clap::Command,
    ) -> Result<(), clap::Error> {
        let Some(word) = self.prompt.first().and_then(|word| word.to_str()) else {
            return Ok(());
        };
        if command.find_subcommand(word).is_none() {
            return Ok(());
        }
        let message = format!(
            "`{word}` is a command: put it before the options, or run `fluxhop generate {word}` \
             to use it as a prompt"
        );
        Err(command.error(ErrorKind::ArgumentConflict, message))
    }
}
