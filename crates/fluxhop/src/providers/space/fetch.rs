//! Fetching the picture that a result refers to.

use std::time::Duration;

use bytes::Bytes;
use fluxhop_gradio::{Client, FileRef};
use tokio::time::sleep;

use super::error::translate;
use crate::{GeneratedImage, Picture, Request, Result, encode};

/// How often a download is tried: the picture is drawn, and drawing it again costs far more.
const TRIES: u32 = 3;
/// Before the second try; doubled before each further one.
const PAUSE: Duration = Duration::from_millis(250);

/// Puts the picture, or its address alone, into `image`.
///
/// A failure is not worth sending the request again for: the picture is drawn, and where it is kept
/// stands in the error's context.
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
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        match client.download(file).await.map_err(translate) {
            Err(error) if may_pass(&error) => sleep(pause).await,
            other => return other,
        }
        pause *= 2;
    }
    client.download(file).await.map_err(translate)
}

/// A server that fails to hand out a file, unlike one that fails to draw, may do better at once.
fn may_pass(error: &crate::Error) -> bool {
    error.is_retryable() || *error.kind() == crate::ErrorKind::Upstream
}

/// Encoding takes a core for a while, which other tasks of the runtime should not wait for.
async fn convert(picture: Picture, format: crate::ImageFormat) -> Result<Picture> {
    let work = move || encode::convert(&picture, format);
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        crate::Error::new(crate::ErrorKind::Internal, "encoding the picture failed")
            .with_source(error)
    })?
}
