//! The parameters of a picture, in its own file: how it can be drawn again.
//!
//! Two forms are written side by side, and nothing is encoded anew:
//!
//! - the text that AUTOMATIC1111's web UI writes and most tools read: the PNG text chunk
//!   `parameters`, and the EXIF `UserComment` of JPEG and WebP;
//! - JSON, exact, which [`read`] reads: the PNG text chunk `fluxhop`, and the EXIF `MakerNote` of
//!   JPEG and WebP.
//!
//! A JPEG has room for 64 KiB of EXIF. Where both forms need more, the JSON goes into as many
//! comments (`COM`) as it needs, and the text, which other tools read, is left out: the file still
//! has every parameter. PNG and WebP have no such limit. AVIF and GIF stay without parameters.

mod exif;
mod jpeg;
mod png;
mod text;
mod webp;

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, GeneratedImage, ImageFormat, Picture, Request, Result};

/// What a picture was drawn from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Parameters {
    /// What the picture shows.
    pub prompt: String,
    /// What it should not show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative_prompt: Option<String>,
    /// The seed it was drawn with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Denoising steps, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// The guidance scale, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guidance: Option<f64>,
    /// Pixels from left to right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels from top to bottom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The model's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// The provider's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub provider: String,
    /// The program that wrote the file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub software: String,
}

impl Parameters {
    /// What `image` was drawn from, given that `request` was sent.
    pub fn new(request: &Request, image: &GeneratedImage) -> Self {
        let picture = image.picture.as_ref();
        Self {
            prompt: request.prompt.clone(),
            negative_prompt: request.negative_prompt.clone(),
            seed: image.seed,
            steps: request.steps,
            guidance: request.guidance,
            width: picture.map(|picture| picture.width),
            height: picture.map(|picture| picture.height),
            model: image.model.clone(),
            provider: image.provider.clone(),
            software: concat!("fluxhop ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Writes `parameters` into the file, in place of those it had; the pixels stay as they are.
///
/// A format without a place for them (AVIF, GIF) is returned unchanged. Fails with
/// [`ErrorKind::Protocol`] where the file is damaged.
///
/// ```
/// # use fluxhop::{Picture, metadata};
/// # fn example(picture: &Picture) -> fluxhop::Result<()> {
/// let mut parameters = metadata::Parameters::default();
/// parameters.prompt = "a cat wearing a hat".into();
/// parameters.seed = Some(7);
/// let written = metadata::embed(picture, &parameters)?;
/// assert_eq!(metadata::read(&written), Some(parameters));
/// # Ok(())
/// # }
/// ```
pub fn embed(picture: &Picture, parameters: &Parameters) -> Result<Picture> {
    let json = serde_json::to_string(parameters).map_err(|error| {
        Error::new(ErrorKind::Internal, "the parameters cannot be written").with_source(error)
    })?;
    let text = text::text(parameters);
    let file = picture.bytes.clone();
    let bytes = match picture.format {
        ImageFormat::Png => png::embed(file, &text, &json),
        ImageFormat::Jpeg => jpeg::embed(file, &text, &json),
        ImageFormat::WebP => webp::embed(file, &text, &json),
        ImageFormat::Avif | ImageFormat::Gif => return Ok(picture.clone()),
    }
    .map_err(|error| {
        Error::new(
            ErrorKind::Protocol,
            format!("the {} picture is damaged", picture.format),
        )
        .with_source(error)
    })?;
    Ok(Picture {
        bytes,
        ..picture.clone()
    })
}

/// Reads the parameters that [`embed`] wrote, where there are any.
pub fn read(picture: &Picture) -> Option<Parameters> {
    let file = picture.bytes.clone();
    let json = match picture.format {
        ImageFormat::Png => png::read(file),
        ImageFormat::Jpeg => jpeg::read(file),
        ImageFormat::WebP => webp::read(file),
        ImageFormat::Avif | ImageFormat::Gif => None,
    }?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests;
