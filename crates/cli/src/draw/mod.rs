//! Drawing one request: its events told, its pictures saved.

mod json;
mod live;
mod progress;
mod save;
mod story;
mod teller;

use std::sync::Arc;

use fluxhop::{Error, ErrorKind, Event, Provider, Request};
use futures_util::StreamExt;

use crate::failure::Failure;
pub(crate) use json::Record;
pub(crate) use save::{Destination, Kept, Recorder, Saved};
pub(crate) use teller::Teller;

/// Draws `request`, tells of it, and saves each picture as it comes; returns how many there were.
///
/// Dropping the future cancels the drawing; a picture that is being written is still written.
pub(crate) async fn draw(
    provider: &Arc<dyn Provider>,
    request: &Request,
    destination: &Destination,
    teller: &mut Teller<'_>,
) -> Result<usize, Failure> {
    let mut events = provider.generate(request.clone());
    let mut drawn = 0;
    while let Some(event) = events.next().await {
        match event? {
            Event::Image(image) => {
                drawn += 1;
                let saved = destination.save(image, request, drawn).await?;
                teller.saved(&saved)?;
            }
            event => teller.event(&event)?,
        }
    }
    if drawn == 0 {
        let message = "the stream ended without a picture";
        return Err(Error::new(ErrorKind::Protocol, message).into());
    }
    Ok(drawn)
}

#[cfg(test)]
mod tests;
