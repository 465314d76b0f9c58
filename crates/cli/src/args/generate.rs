//! The arguments of `generate`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, ValueEnum, ValueHint};
use fluxhop::ImageFormat;

use super::{Aspect, FILES, MANY, NetworkArgs, PICTURE, Size, TELLING, WHO, values};

// clap makes a line break of `{n}`; a style that changes nothing keeps the two apart.
const OUTPUT_HELP: &str =
    "A file, a folder, a template with {seed} {\x1b[0mn} {slug} {model}, or - for stdout";
const OUTPUT_LONG_HELP: &str = "\
A file, a folder, a template with {seed} {\x1b[0mn} {slug} {model}, or - for stdout

By default SLUG-SEED in this folder, where SLUG is the prompt in short. A template or a folder \
never hits a file that is there: a number is put behind the name. A FILE that is there is an \
error, unless --force is given. Folders that are missing are made. The name's extension says the \
format.";

/// What `generate` takes.
#[derive(Args, Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(crate) struct GenerateArgs {
    /// What the picture shows; words are joined by spaces, - reads it from stdin
    #[arg(value_name = "PROMPT")]
    pub(crate) prompt: Vec<OsString>,

    /// The model; `fluxhop models` lists them
    ///
    /// `auto`, the default, takes the best source that answers and says which. A model that is
    /// named is never replaced by another.
    #[arg(short, long, value_name = "NAME", help_heading = WHO)]
    pub(crate) model: Option<String>,
    /// Ask this provider alone; `fluxhop providers` lists them
    #[arg(long, value_name = "NAME", help_heading = WHO)]
    pub(crate) provider: Option<String>,
    /// Ask this Space: OWNER/NAME on Hugging Face, or a URL
    #[arg(
        long,
        value_name = "OWNER/NAME|URL",
        help_heading = WHO,
        conflicts_with_all = ["provider", "model"]
    )]
    pub(crate) space: Option<String>,
    /// The Space's endpoint, such as /infer; by default the one that draws
    #[arg(long, value_name = "NAME", help_heading = WHO, requires = "space")]
    pub(crate) api_name: Option<String>,

    /// Width and height in pixels, such as 1024x768
    #[arg(
        short,
        long,
        value_name = "WxH",
        help_heading = PICTURE,
        conflicts_with_all = ["width", "height", "aspect"]
    )]
    pub(crate) size: Option<Size>,
    /// Pixels from left to right; rounded down to what the provider can draw
    #[arg(long, value_name = "PIXELS", help_heading = PICTURE, allow_negative_numbers = true)]
    pub(crate) width: Option<i64>,
    /// Pixels from top to bottom, likewise
    #[arg(long, value_name = "PIXELS", help_heading = PICTURE, allow_negative_numbers = true)]
    pub(crate) height: Option<i64>,
    /// The proportion of width to height, such as 16:9, with the usual number of pixels
    #[arg(long, value_name = "W:H", help_heading = PICTURE)]
    pub(crate) aspect: Option<Aspect>,
    /// Denoising steps: more take longer
    #[arg(long, value_name = "N", help_heading = PICTURE, allow_negative_numbers = true)]
    pub(crate) steps: Option<u32>,
    /// Where the noise starts from: the same seed draws the same picture; random by default
    #[arg(
        long,
        value_name = "N",
        help_heading = PICTURE,
        value_parser = values::seed,
        allow_negative_numbers = true
    )]
    pub(crate) seed: Option<u64>,
    /// How closely the picture follows the prompt
    #[arg(
        long,
        value_name = "SCALE",
        help_heading = PICTURE,
        value_parser = values::guidance,
        allow_negative_numbers = true
    )]
    pub(crate) guidance: Option<f64>,
    /// What the picture should not show
    #[arg(long, value_name = "PROMPT", help_heading = PICTURE)]
    pub(crate) negative: Option<String>,

    #[arg(
        short,
        long,
        value_name = "PATH",
        help_heading = FILES,
        value_hint = ValueHint::AnyPath,
        help = OUTPUT_HELP,
        long_help = OUTPUT_LONG_HELP
    )]
    pub(crate) output: Option<PathBuf>,
    /// png, jpeg, webp or avif; by default what the output's name says, or as it comes
    #[arg(long, value_name = "FORMAT", help_heading = FILES, value_parser = values::format)]
    pub(crate) format: Option<ImageFormat>,
    /// Write over files that are there
    #[arg(short, long, help_heading = FILES)]
    pub(crate) force: bool,
    /// Leave the prompt, the seed and the other parameters out of the file
    #[arg(long, help_heading = FILES)]
    pub(crate) no_metadata: bool,
    /// Print the picture's address instead of fetching it
    #[arg(
        long,
        help_heading = FILES,
        conflicts_with_all = ["output", "format", "force", "no_metadata", "preview"]
    )]
    pub(crate) no_download: bool,

    /// How many pictures; with --seed S they have the seeds S, S+1, …
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        help_heading = MANY,
        value_parser = clap::value_parser!(u32).range(1..=10_000),
        allow_negative_numbers = true
    )]
    pub(crate) count: Option<u32>,
    /// Draw a prompt (or a JSON request) for each line of a file; run it again to go on
    ///
    /// Blank lines and lines that begin with # are passed over. A line that begins with { is a
    /// JSON object with "prompt" and, where wanted, "`negative_prompt`", "model", "provider",
    /// "width", "height", "steps", "guidance", "seed", "count", "format" and "output"; it wins
    /// over the flags. All lines are checked before the first is drawn. FILE.done.jsonl records
    /// what was drawn, so that a second run draws only what is missing.
    #[arg(
        long,
        value_name = "FILE",
        help_heading = MANY,
        conflicts_with = "prompt",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) batch: Option<PathBuf>,
    /// How many of a batch are drawn at once; 2 by default
    #[arg(
        short,
        long,
        value_name = "N",
        help_heading = MANY,
        value_parser = clap::value_parser!(u32).range(1..=256),
        allow_negative_numbers = true
    )]
    pub(crate) jobs: Option<u32>,

    /// How providers are reached.
    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    /// Print one JSON object a line for every event, on stdout
    ///
    /// Each has "event": attempt, queued, started, progress, preview, notice, skipped, image, error or
    /// done; in a batch also "line". See `fluxhop man`.
    #[arg(long, help_heading = TELLING)]
    pub(crate) json: bool,
    /// Show the picture in the terminal (kitty, iTerm, sixel, or half blocks)
    #[arg(long, value_name = "WHEN", help_heading = TELLING, default_value = "auto")]
    pub(crate) preview: PreviewWhen,
    /// Print nothing on stderr but errors
    #[arg(short, long, help_heading = TELLING)]
    pub(crate) quiet: bool,
}

/// When the picture is shown in the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PreviewWhen {
    /// On a terminal that can
    Auto,
    /// Always, on stderr
    On,
    /// Never
    Off,
}

impl GenerateArgs {
    /// The rules that clap has no words for.
    pub(super) fn check(&self, command: &mut clap::Command) -> Result<(), clap::Error> {
        let mut wrong = |message: &str| Err(command.error(ErrorKind::ArgumentConflict, message));
        let to_stdout = self.output.as_deref().is_some_and(|path| path == "-");
        if self.prompt.is_empty() && self.batch.is_none() {
            let message = "there is no prompt: say what to draw, such as fluxhop \"a cat wearing \
                           a hat\", or - to read it from stdin";
            return Err(command.error(ErrorKind::MissingRequiredArgument, message));
        }
        if self.aspect.is_some() && self.width.is_some() && self.height.is_some() {
            return wrong("--aspect takes one of --width and --height, or neither");
        }
        if to_stdout && self.json {
            return wrong("--json and --output - both print on stdout: leave one of them out");
        }
        if to_stdout && (self.batch.is_some() || self.count.is_some_and(|count| count > 1)) {
            return wrong("--output - takes one picture: name a folder or a template for more");
        }
        if self.jobs.is_some() && self.batch.is_none() {
            return wrong("--jobs goes with --batch");
        }
        if self.batch.as_deref().is_some_and(|path| path == "-") {
            return wrong("--batch takes a file: stdin cannot be gone on with later");
        }
        Ok(())
    }

    /// Refuses a prompt whose first word is a command's name, which flags before it hid.
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
            "`{word}` is a command: put it before the options, or write `fluxhop generate {word}` \
             to draw it"
        );
        Err(command.error(ErrorKind::ArgumentConflict, message))
    }
}
