//! `models pull`: a model's files, from the hub to this machine.

use fluxhop::hub::{PullEvent, resolve, short_name};
use fluxhop::{Error, ErrorKind};
use futures_util::StreamExt;

use super::pull_told::Told;
use crate::args::PullArgs;
use crate::failure::Failure;
use crate::interrupt;
use crate::printer::Printer;
use crate::settings::{Environment, Settings, hub};

/// Brings the files here; prints the folder that they are in.
pub(super) fn run(
    arguments: &PullArgs,
    json: bool,
    environment: &Environment,
    printer: &Printer,
) -> Result<(), Failure> {
    let mut told = Told::new(printer, json);
    let pulled = pull(arguments, environment, &mut told);
    if let Err(failure) = &pulled {
        told.failed(failure);
    }
    pulled
}

fn pull(
    arguments: &PullArgs,
    environment: &Environment,
    told: &mut Told<'_>,
) -> Result<(), Failure> {
    let source = resolve(&arguments.name)?.with_files(arguments.files.clone());
    if hub::is_offline(environment) {
        let message = "HF_HUB_OFFLINE is set: nothing is pulled while it is";
        return Err(Failure::Usage(message.to_owned()));
    }
    let mut settings = Settings::load(environment, &arguments.network, |config| {
        let endpoint = config.hub.endpoint.as_ref();
        endpoint.map(ToString::to_string)
    })?;
    let cache = hub::cache(&settings.config.hub)?;
    let token = &mut settings.secrets.hub_token;
    *token = token.take().or_else(|| hub::kept_token(environment));
    let registry = settings.registry()?;
    let hub = registry.hub()?;

    let left = format!(
        "; `fluxhop models pull {}` goes on from here",
        short_name(&source)
    );
    let work = async {
        let mut events = hub.pull(&cache, source);
        while let Some(event) = events.next().await {
            let event = event.map_err(Error::from)?;
            told.event(&event)?;
            if let PullEvent::Done { .. } = event {
                return Ok(());
            }
        }
        let message = "the pull ended without an end";
        Err(Error::new(ErrorKind::Internal, message).into())
    };
    // Without the flag, only silence ends a download: how long all of it takes is the line's affair.
    match arguments.network.timeout {
        None => interrupt::run(&registry, || left, work),
        Some(limit) => interrupt::run(&registry, || left, async {
            match tokio::time::timeout(limit, work).await {
                Ok(done) => done,
                Err(_) => interrupt::limited(Some(limit), std::future::pending()).await,
            }
        }),
    }
}
