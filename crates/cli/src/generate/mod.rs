//! Runs one request: reports its events and saves its images.

use std::sync::Arc;

use fluxhop::{Error, ErrorKind, Event, Provider, Request};
use futures_util::StreamExt;

use crate::failure::Failure;
use crate::reporter::Reporter;
use crate::save::Destination;

/// Runs `request` and saves each image as it arrives; returns the number of images.
///
/// Dropping the future cancels the request; an image that is being written is still completed.
pub(crate) async fn generate(
    provider: &Arc<dyn Provider>,
    request: &Request,
    destination: &Destination,
    reporter: &mut Reporter<'_>,
) -> Result<usize, Failure> {
    let mut events = provider.generate(request.clone());
    let mut count = 0;
    while let Some(event) = events.next().await {
        match event? {
            Event::Image(image) => {
                count += 1;
                let saved = destination.save(image, request, count).await?;
                reporter.saved(&saved)?;
            }
            event => reporter.event(&event)?,
        }
    }
    if count == 0 {
        let message = "the provider sent no image";
        return Err(Error::new(ErrorKind::Protocol, message).into());
    }
    Ok(count)
}

#[cfg(test)]
mod tests;
