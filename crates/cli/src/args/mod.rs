//! The arguments as they are typed; nothing is looked up here.

mod generate;
mod values;

use std::ffi::OsString;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use generate::{GenerateArgs, PreviewWhen};
pub(crate) use values::{Aspect, Size};

/// Headings of the help, in the order in which they stand there.
const WHO: &str = "Who draws";
const PICTURE: &str = "The picture";
const FILES: &str = "Files";
const MANY: &str = "Many pictures";
const NETWORK: &str = "Network";
const TELLING: &str = "What is told";

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Commands to begin with.
pub(crate) const EXAMPLES: &str =
    "  fluxhop \"a cat wearing a hat\"                a picture in this folder; its path on stdout
  fluxhop a lighthouse in fog -o fog.webp       this file, as WebP
  fluxhop a red fox --aspect 16:9 --seed 7      the same picture each time
  fluxhop an owl -n 4 -o 'owls/{slug}-{seed}'   four pictures, named by a template
  fluxhop --batch prompts.txt -o pictures/      a prompt a line; run it again to go on
  echo \"a boat\" | fluxhop - -o - | feh -        from stdin to stdout
  fluxhop a tree --space OWNER/NAME             any Gradio Space that draws";

/// What the exit codes say.
pub(crate) const EXITS: &str = "  0  drawn                                      4    unavailable, not authorized, quota or rate
  1  this machine: a file, a full disk          5    the provider failed
  2  usage or settings                          124  timeout
  3  invalid request                            130  interrupted (143 by SIGTERM)";

/// What of the environment counts for model files.
const HUB: &str = "\
Files go where Python's huggingface_hub has them, and what it has pulled is found: HF_HUB_CACHE,
or the folder hub in HF_HOME, by default ~/.cache/huggingface/hub. HF_ENDPOINT names another hub.
A gated model wants its licence accepted on its page, and a token of that account: HF_TOKEN, or
--token, or what `hf auth login` has kept.

Examples:
  fluxhop models pull flux-schnell
  fluxhop models pull city96/FLUX.1-schnell-gguf --file '*Q4_K_S.gguf'";

/// Where settings come from.
pub(crate) const SETTINGS: &str = "\
Settings are read from ./fluxhop.toml, the user's fluxhop.toml (`fluxhop config path`) and
FLUXHOP_… variables; flags win over all of them.";

fn after_long_help() -> String {
    format!("Examples:\n{EXAMPLES}\n\nExit codes:\n{EXITS}\n\n{SETTINGS}")
}

/// Draws pictures from words: by any Gradio Space, or with FLUX on this machine
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
    after_help = "`fluxhop --help` shows more, with examples.",
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    /// The command; without one, the words are a prompt.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// What `generate` takes.
    #[command(flatten)]
    pub(crate) generate: GenerateArgs,
}

/// One of the commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Draw pictures; the same as no command at all
    #[command(
        override_usage = "fluxhop generate [OPTIONS] PROMPT...",
        after_long_help = after_long_help()
    )]
    Generate(Box<GenerateArgs>),
    /// List the models and who draws them, show one, or pull its files
    Models(ModelsArgs),
    /// List the providers, or see which of them answer
    Providers(ProvidersArgs),
    /// Show what a Space takes, and how fluxhop's options map to it
    Space(SpaceArgs),
    /// Show the settings, where they come from, or begin a file of them
    Config(ConfigArgs),
    /// Print the completions for a shell
    #[command(after_help = "For example: fluxhop completions zsh > ~/.zfunc/_fluxhop")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_help = "For example: fluxhop man | man -l -")]
    Man,
}

/// What `models` takes.
#[derive(Args, Debug)]
pub(crate) struct ModelsArgs {
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do with them; by default they are listed.
    #[command(subcommand)]
    pub(crate) command: Option<ModelsCommand>,
}

/// What `models` does.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Show a model: who draws it, and of sketch the whole world that it can draw
    Show {
        /// The model's name or alias
        name: String,
    },
    /// Bring a model's files here, to draw on this machine; run it again to go on where it was cut
    Pull(PullArgs),
    /// List the model files on this machine
    List,
    /// Remove a model's files from this machine
    Rm {
        /// The model's name, as `list` gives it; with @REVISION that version alone
        #[arg(value_name = "NAME")]
        name: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

/// What `models pull` takes.
#[derive(Args, Debug)]
#[command(
    mut_arg("timeout", |timeout| timeout.help("The time for all of it, such as 30m; no limit by default")),
    mut_arg("retries", |retries| retries.help(
        "How often the hub is asked again after a failure that may pass; bytes in between start the \
         count anew"
    )),
    after_long_help = HUB
)]
pub(crate) struct PullArgs {
    /// The model: flux-schnell, flux-dev, flux-krea, or any OWNER/NAME or OWNER/NAME@REVISION of the hub
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The files to bring, in place of those that the model is drawn with: a name, or a pattern with
    /// * and ?; may be given several times
    #[arg(long = "file", value_name = "PATTERN")]
    pub(crate) files: Vec<String>,
    /// How the hub is reached.
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

/// What `providers` takes.
#[derive(Args, Debug)]
pub(crate) struct ProvidersArgs {
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
    /// Reach each provider and tell whether it answers; fails where none does
    #[arg(long)]
    pub(crate) check: bool,
    /// How providers are reached.
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

/// What `space` takes.
#[derive(Args, Debug)]
pub(crate) struct SpaceArgs {
    /// The Space: OWNER/NAME on Hugging Face, or a URL
    #[arg(value_name = "OWNER/NAME|URL")]
    pub(crate) target: String,
    /// The endpoint, such as /infer; by default the one that draws
    #[arg(long, value_name = "NAME")]
    pub(crate) api_name: Option<String>,
    /// Print a JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// How the Space is reached.
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

/// What `config` takes.
#[derive(Args, Debug)]
pub(crate) struct ConfigArgs {
    /// What to do; by default `show`.
    #[command(subcommand)]
    pub(crate) action: Option<ConfigAction>,
}

/// One thing to do with the settings.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Print the settings that hold, from all places (the default)
    Show,
    /// Print the files that are looked for, and whether they are there
    Path,
    /// Write a commented file into the user's configuration folder
    Init {
        /// Write ./fluxhop.toml instead
        #[arg(long)]
        here: bool,
    },
}

/// How providers are reached.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = NETWORK)]
pub(crate) struct NetworkArgs {
    /// Go through a proxy: http, https, socks5 or socks5h
    ///
    /// Written `http://[USER:PASSWORD@]HOST:PORT`. Without this, `FLUXHOP_PROXY`, the settings,
    /// and then `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` count.
    // Both are read later: clap quotes a value that it refuses, and these hold secrets.
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<fluxhop_http::Secret>,
    /// The token for Hugging Face; by default `HF_TOKEN`
    ///
    /// It is sent to Hugging Face alone. Other users of this machine can read the arguments of
    /// a program: `HF_TOKEN` keeps the token from them.
    #[arg(long, value_name = "TOKEN")]
    pub(crate) token: Option<fluxhop_http::Secret>,
    /// The time for a picture in all, such as 90s or 5m; by default 10 min a Space
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) timeout: Option<std::time::Duration>,
    /// How often a provider is asked again after a failure that may pass; 2 by default
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) retries: Option<u32>,
    /// Log what happens to stderr; twice for more
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = TELLING)]
    pub(crate) verbose: u8,
}

impl Cli {
    /// How much is logged.
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

    /// Whether only errors are told.
    pub(crate) fn is_quiet(&self) -> bool {
        match &self.command {
            None => self.generate.quiet,
            Some(Command::Generate(arguments)) => arguments.quiet,
            Some(_) => false,
        }
    }

    /// Parses the arguments, the program's name first.
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
