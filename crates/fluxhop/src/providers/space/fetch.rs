//! Downloads the image that a result refers to.

use std::time::Duration;

use bytes::Bytes;
use fluxhop_gradio::{Client, FileRef};
use tokio::time::sleep;

use super::error::translate;
use crate::{GeneratedImage, Picture, Request, Result, encode};

/// Attempts per download; generating the image again would cost far more.
const MAX_ATTEMPTS: u32 = 3;
/// The delay before the second attempt; it doubles with each further one.
const INITIAL_DELAY: Duration = Duration::from_millis(250);

/// Downloads the picture into `image`, or only sets its URL if no download was requested.
///
/// Errors are not retryable, because the image has already been generated; their context contains
/// its URL as `picture`.
pub(super) async fn fetch(
    image: &mut GeneratedImage,
    client: &Client,
    file: &FileRef,
    request: &Request,
) -> Result<()> {
    let url = client.file_url(file).map_err(translate)?;
    image.url = url.map(String::from);
    if !request.download && image.url.is_some() {
        return Ok(());
    }
    let picture = match download(client, file).await.and_then(Picture::read) {
        Ok(picture) => picture,
        Err(error) => {
            let error = error.with_retryable(false);
            return Err(match &image.url {
                Some(url) => error.with_context("picture", url),
                None => error,
            });
        }
    };
    image.picture = Some(match request.format {
        Some(format) if format != picture.format => convert(picture, format).await?,
        _ => picture,
    });
    Ok(())
}

async fn download(client: &Client, file: &FileRef) -> Result<Bytes> {
    let mut delay = INITIAL_DELAY;
    for _ in 1..MAX_ATTEMPTS {
        match client.download(file).await.map_err(translate) {
            Err(error) if may_be_transient(&error) => sleep(delay).await,
            other => return other,
        }
        delay *= 2;
    }
    client.download(file).await.map_err(translate)
}

/// Whether to retry the download; unlike a call, it is cheap to repeat.
fn may_be_transient(error: &crate::Error) -> bool {
    error.is_retryable() || *error.kind() == crate::ErrorKind::Upstream
}

/// Encodes on a blocking thread, so that it does not delay other tasks.
async fn convert(picture: Picture, format: crate::ImageFormat) -> Result<Picture> {
    let work = move || encode::convert(&picture, format);
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        crate::Error::new(crate::ErrorKind::Internal, "encoding the image failed")
            .with_source(error)
    })?
}
