//! Generation parameters embedded in image files.
//!
//! Parameters are written in two formats, without re-encoding the pixels:
//!
//! - the text format of AUTOMATIC1111's web UI, which most tools read: in the PNG text chunk
//!   `parameters`, or the EXIF `UserComment` of JPEG and WebP;
//! - lossless JSON, which [`read`] parses: in the PNG text chunk `fluxhop`, or the EXIF `MakerNote`
//!   of JPEG and WebP.
//!
//! A JPEG holds up to 64 KiB of EXIF. If both formats need more, the text is omitted and the JSON
//! is split across comment segments (`COM`), so no parameter is lost. PNG and WebP have no such
//! limit. AVIF and GIF are not supported.

mod exif;
mod jpeg;
mod png;
mod text;
mod webp;

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, GeneratedImage, ImageFormat, Picture, Request, Result};

/// The parameters that a picture was generated with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Parameters {
    /// The prompt.
    pub prompt: String,
    /// The negative prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative_prompt: Option<String>,
    /// The seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Denoising steps, if requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// The guidance scale, if requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guidance: Option<f64>,
    /// Width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels.
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
    /// The parameters of `image`, which was generated for `request`.
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

/// Embeds `parameters` in the file, replacing any that it contains. The pixels are unchanged.
///
/// AVIF and GIF files are returned unchanged. Fails with [`ErrorKind::Protocol`] if the file is
/// damaged.
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
        Error::new(ErrorKind::Internal, "cannot serialize the parameters").with_source(error)
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

/// Reads the parameters written by [`embed`], if the file contains any.
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
