//! Command-line arguments, as typed.

mod generate;
mod values;

use std::ffi::OsString;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use generate::{GenerateArgs, PreviewWhen};
pub(crate) use values::{Aspect, Size};

/// Headings of the help, in order.
const MODEL: &str = "Model and provider";
const IMAGE: &str = "Image";
const OUTPUT: &str = "Output";
const BATCH: &str = "Batch";
const NETWORK: &str = "Network";
const DISPLAY: &str = "Display";

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Example commands.
pub(crate) const EXAMPLES: &str =
    "  fluxhop \"a cat wearing a hat\"                 save to the current folder, print the path
  fluxhop a lighthouse in fog -o fog.webp       name the file and the format
  fluxhop a red fox --aspect 16:9 --seed 7      wide and reproducible
  fluxhop an owl -n 4 -o 'owls/{slug}-{seed}'   four images named by a template
  fluxhop --batch prompts.txt -o pictures/      one prompt per line; run again to resume
  echo \"a boat\" | fluxhop - -o - | feh -        read stdin, write stdout
  fluxhop a tree --space OWNER/NAME             any text-to-image Gradio Space";

/// The exit codes.
pub(crate) const EXITS: &str = "  0  success                                    4    unavailable, unauthorized, quota or rate limit
  1  local error, such as a full disk           5    the provider failed
  2  invalid usage or settings                  124  timeout
  3  invalid request                            130  interrupted (143 for SIGTERM)";

/// How model files are stored and downloaded.
const HUB: &str = "\
Files are stored in the cache that Python's huggingface_hub uses: $HF_HUB_CACHE, else $HF_HOME/hub,
else ~/.cache/huggingface/hub. Set HF_ENDPOINT to use another hub. To download a gated model, accept
the licence on its page and provide a token of the same account: HF_TOKEN, --token, or the one saved
by `hf auth login`.

Examples:
  fluxhop models pull flux-schnell
  fluxhop models pull city96/FLUX.1-schnell-gguf --file '*Q4_K_S.gguf'";

/// The sources of settings.
pub(crate) const SETTINGS: &str = "\
Settings are read from FLUXHOP_… environment variables, then ./fluxhop.toml, then the fluxhop.toml
in the user's configuration folder (see `fluxhop config path`); the first that sets a value wins.
Flags override all of them.";

fn after_long_help() -> String {
    format!("Examples:\n{EXAMPLES}\n\nExit codes:\n{EXITS}\n\n{SETTINGS}")
}

/// Generate images from text, with any Gradio Space or with FLUX on this machine
#[derive(Debug, Parser)]
#[command(
    name = "fluxhop",
    version,
    styles = STYLES,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    subcommand_help_heading = "Commands",
    override_usage = "fluxhop [OPTIONS] PROMPT...\n       fluxhop COMMAND",
    after_long_help = after_long_help(),
    after_help = "Run `fluxhop --help` for details and examples.",
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    /// The command; without one, the arguments are a prompt.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// The arguments of `generate`.
    #[command(flatten)]
    pub(crate) generate: GenerateArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Generate images (the default command)
    #[command(
        override_usage = "fluxhop generate [OPTIONS] PROMPT...",
        after_long_help = after_long_help()
    )]
    Generate(Box<GenerateArgs>),
    /// List models and their providers, or manage model files
    Models(ModelsArgs),
    /// List providers, or check which are reachable
    Providers(ProvidersArgs),
    /// Show a Space's parameters and the options that set them
    Space(SpaceArgs),
    /// Show the settings and their files, or create a settings file
    Config(ConfigArgs),
    /// Print a completion script for a shell
    #[command(after_help = "For example: fluxhop completions zsh > ~/.zfunc/_fluxhop")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_help = "For example: fluxhop man | man -l -")]
    Man,
}

/// The arguments of `models`.
#[derive(Args, Debug)]
pub(crate) struct ModelsArgs {
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The subcommand; by default, models are listed.
    #[command(subcommand)]
    pub(crate) command: Option<ModelsCommand>,
}

/// The subcommands of `models`.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Show a model and its providers; for sketch, also its vocabulary
    Show {
        /// The model's name or alias
        name: String,
    },
    /// Download a model's files to run it on this machine; run again to resume
    Pull(PullArgs),
    /// List the model files on this machine
    List,
    /// Remove a model's files from this machine
    Rm {
        /// Name, as printed by `fluxhop models list`; NAME@REVISION removes only that revision
        #[arg(value_name = "NAME")]
        name: String,
        /// Do not ask for confirmation
        #[arg(long, short)]
        yes: bool,
    },
}

/// The arguments of `models pull`.
#[derive(Args, Debug)]
#[command(
    mut_arg("timeout", |timeout| timeout.help("Time limit for the download, such as 30m [default: none]")),
    mut_arg("retries", |retries| retries.help(
        "Retries after a temporary failure; the count restarts when data arrives"
    )),
    after_long_help = HUB
)]
pub(crate) struct PullArgs {
    /// flux-schnell, flux-dev, flux-krea, or any OWNER/NAME or OWNER/NAME@REVISION on the hub
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Download only files matching a pattern with * and ?; can be repeated
    #[arg(long = "file", value_name = "PATTERN")]
    pub(crate) files: Vec<String>,
    /// Network options.
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

/// The arguments of `providers`.
#[derive(Args, Debug)]
#[command(mut_arg("timeout", |timeout| timeout.help(
    "Time limit for each check, such as 10s [default: 30s]"
)))]
pub(crate) struct ProvidersArgs {
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
    /// Check which providers are reachable; fail if none is
    #[arg(long)]
    pub(crate) check: bool,
    /// Network options.
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

/// The arguments of `space`.
#[derive(Args, Debug)]
#[command(mut_arg("timeout", |timeout| timeout.help(
    "Time limit, such as 10s [default: 10m]"
)))]
pub(crate) struct SpaceArgs {
    /// The Space: OWNER/NAME on Hugging Face, or a URL
    #[arg(value_name = "OWNER/NAME|URL")]
    pub(crate) target: String,
    /// The endpoint, such as /infer [default: its text-to-image endpoint]
    #[arg(long, value_name = "NAME")]
    pub(crate) api_name: Option<String>,
    /// Print a JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Network options.
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

/// The arguments of `config`.
#[derive(Args, Debug)]
pub(crate) struct ConfigArgs {
    /// The subcommand; by default, `show`.
    #[command(subcommand)]
    pub(crate) action: Option<ConfigAction>,
}

/// The subcommands of `config`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Print the effective settings from all sources (the default)
    Show,
    /// Print the paths of the settings files, and whether they exist
    Path,
    /// Create a commented settings file in the user's configuration folder
    Init {
        /// Create ./fluxhop.toml instead
        #[arg(long)]
        here: bool,
    },
}

/// Network options.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = NETWORK)]
pub(crate) struct NetworkArgs {
    /// Use a proxy: http, https, socks5 or socks5h
    ///
    /// Format: `http://[USER:PASSWORD@]HOST:PORT`. Defaults to `FLUXHOP_PROXY`, then the settings, then
    /// `HTTPS_PROXY` and `ALL_PROXY`, subject to `NO_PROXY`.
    // Parsed later: clap quotes an invalid value in its error, and these contain secrets.
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<fluxhop_http::Secret>,
    /// Hugging Face token [default: `HF_TOKEN`]
    ///
    /// Sent only to Hugging Face. Prefer `HF_TOKEN`: other users of this machine can see command-line
    /// arguments.
    #[arg(long, value_name = "TOKEN")]
    pub(crate) token: Option<fluxhop_http::Secret>,
    /// Time limit per image, such as 90s or 5m [default: 10m per Space]
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) timeout: Option<std::time::Duration>,
    /// Retries after a temporary failure [default: 2]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) retries: Option<u32>,
    /// Log to stderr; repeat for more detail
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = DISPLAY)]
    pub(crate) verbose: u8,
}

impl Cli {
    /// The number of times `--verbose` was given.
    pub(crate) fn verbosity(&self) -> u8 {
        match &self.command {
            None => self.generate.network.verbose,
            Some(Command::Generate(arguments)) => arguments.network.verbose,
            Some(Command::Providers(arguments)) => arguments.network.verbose,
            Some(Command::Space(arguments)) => arguments.network.verbose,
            Some(Command::Models(arguments)) => match &arguments.command {
                Some(ModelsCommand::Pull(arguments)) => arguments.network.verbose,
                _ => 0,
            },
            Some(_) => 0,
        }
    }

    /// Whether to print only errors.
    pub(crate) fn is_quiet(&self) -> bool {
        match &self.command {
            None => self.generate.quiet,
            Some(Command::Generate(arguments)) => arguments.quiet,
            Some(_) => false,
        }
    }

    /// Parses the arguments, starting with the program's name.
    pub(crate) fn parse_from_arguments(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, clap::Error> {
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(arguments)?;
        let cli = Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
        match &cli.command {
            Some(Command::Generate(arguments)) => arguments.check(&mut command)?,
            Some(_) => {}
            None => {
                cli.generate.check_not_a_command(&mut command)?;
                cli.generate.check(&mut command)?;
            }
        }
        Ok(cli)
    }
}

#[cfg(test)]
mod tests;
