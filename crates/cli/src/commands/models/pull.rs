//! `models pull`: downloads a model's files from the hub.

use fluxhop::hub::{PullEvent, resolve, short_name};
use fluxhop::{Error, ErrorKind};
use futures_util::StreamExt;

use crate::args::PullArgs;
use crate::failure::Failure;
use crate::interrupt;
use crate::printer::Printer;
use crate::reporter::{OutputFormat, Reporter};
use crate::settings::{Environment, Settings, hub};

/// Downloads the files and prints their folder.
pub(super) fn run(
    arguments: &PullArgs,
    json: bool,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    let mut reporter = Reporter::new(printer, OutputFormat::new(json));
    reporter.start_pull();
    let pulled = pull(arguments, environment, &mut reporter);
    if let Err(failure) = &pulled {
        // If stdout is closed, the failure is still printed on stderr.
        let _ = reporter.failure(failure);
    }
    pulled
}

fn pull(
    arguments: &PullArgs,
    environment: &Environment,
    reporter: &mut Reporter<'_>,
) -> Result<(), Failure> {
    let source = resolve(&arguments.name)?.with_files(arguments.files.clone());
    if hub::is_offline(environment) {
        let message = "cannot download: HF_HUB_OFFLINE is set";
        return Err(Failure::Usage(message.to_owned()));
    }
    let mut settings = Settings::load(environment, &arguments.network, |config| {
        let endpoint = config.hub.endpoint.as_ref();
        endpoint.map(ToString::to_string)
    })?;
    let cache = hub::cache(&settings.config.hub)?;
    let token = &mut settings.secrets.hub_token;
    *token = token.take().or_else(|| hub::saved_token(environment));
    let registry = settings.registry()?;
    let hub = registry.hub();

    let remaining = format!(
        "; run `fluxhop models pull {}` again to resume",
        short_name(&source)
    );
    let work = async {
        let mut events = hub.pull(&cache, source);
        while let Some(event) = events.next().await {
            let event = event.map_err(Error::from)?;
            reporter.pull(&event)?;
            if let PullEvent::Done { .. } = event {
                return Ok(());
            }
        }
        let message = "the download ended without a result";
        Err(Error::new(ErrorKind::Internal, message).into())
    };
    // Without --timeout, a download has no time limit: its duration depends on the connection.
    match arguments.network.timeout {
        None => interrupt::run(&registry, || remaining, work),
        Some(limit) => interrupt::run(&registry, || remaining, async {
            match tokio::time::timeout(limit, work).await {
                Ok(done) => done,
                Err(_) => interrupt::with_timeout(Some(limit), std::future::pending()).await,
            }
        }),
    }
}
