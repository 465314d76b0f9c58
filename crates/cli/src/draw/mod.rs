//! Draws one request: reports its events and saves its pictures.

use std::sync::Arc;

use fluxhop::{Error, ErrorKind, Event, Provider, Request};
use futures_util::StreamExt;

use crate::failure::Failure;
use crate::reporter::Reporter;
use crate::save::Destination;

/// Draws `request` and saves each picture as it arrives; returns the number of pictures.
///
/// Dropping the future cancels the request; a picture that is being written is still completed.
pub(crate) async fn draw(
    provider: &Arc<dyn Provider>,
    request: &Request,
    destination: &Destination,
    reporter: &mut Reporter<'_>,
) -> Result<usize, Failure> {
    let mut events = provider.generate(request.clone());
    let mut drawn = 0;
    while let Some(event) = events.next().await {
        match event? {
            Event::Image(image) => {
                drawn += 1;
                let saved = destination.save(image, request, drawn).await?;
                reporter.saved(&saved)?;
            }
            event => reporter.event(&event)?,
        }
    }
    if drawn == 0 {
        let message = "the provider sent no image";
        return Err(Error::new(ErrorKind::Protocol, message).into());
    }
    Ok(drawn)
}

#[cfg(test)]
mod tests;
