//! Generated images: encoded pictures, their formats and their origin.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;

use crate::{Error, ErrorKind, Result};

/// An encoded picture whose type and size were read from its bytes.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Picture {
    /// The encoded file.
    pub bytes: Bytes,
    /// The format of `bytes`.
    pub format: ImageFormat,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// An image file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImageFormat {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
    /// AVIF.
    Avif,
    /// GIF.
    Gif,
}

/// A generated image and how it was made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GeneratedImage {
    /// The picture; `None` if the request disabled the download.
    pub picture: Option<Picture>,
    /// The URL of the image at the provider.
    pub url: Option<String>,
    /// The seed that was used, as reported by the provider or else as sent.
    pub seed: Option<u64>,
    /// The model's name.
    pub model: String,
    /// The provider's name.
    pub provider: String,
    /// Alternative text: the prompt.
    pub alt: String,
    /// How long the request took.
    pub timings: Timings,
}

/// How long the phases of a request took, if known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timings {
    /// From sending the request to the start of generation.
    pub queued: Option<Duration>,
    /// Generation, as measured by the provider or else by the client.
    pub drawing: Option<Duration>,
    /// From sending the request to receiving the image.
    pub total: Option<Duration>,
}

impl Picture {
    /// Reads the format and size from the header of `bytes`, without decoding the pixels.
    ///
    /// Fails with [`ErrorKind::Protocol`] if the bytes are not a picture in one of the formats of
    /// [`ImageFormat`], or if its width or height is 0.
    pub fn read(bytes: Bytes) -> Result<Self> {
        let invalid = || {
            let head: String = String::from_utf8_lossy(&bytes[..bytes.len().min(40)])
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect();
            Error::new(ErrorKind::Protocol, "expected a picture, got other data")
                .with_context("length", bytes.len().to_string())
                .with_context("starts with", head)
        };
        let format = match imagesize::image_type(&bytes) {
            Ok(imagesize::ImageType::Png) => ImageFormat::Png,
            Ok(imagesize::ImageType::Jpeg) => ImageFormat::Jpeg,
            Ok(imagesize::ImageType::Webp) => ImageFormat::WebP,
            Ok(imagesize::ImageType::Heif(imagesize::Compression::Av1)) => ImageFormat::Avif,
            Ok(imagesize::ImageType::Gif) => ImageFormat::Gif,
            _ => return Err(invalid()),
        };
        let size = imagesize::blob_size(&bytes).map_err(|error| invalid().with_source(error))?;
        let pixels = |side: usize| u32::try_from(side).ok().filter(|pixels| *pixels > 0);
        let (Some(width), Some(height)) = (pixels(size.width), pixels(size.height)) else {
            return Err(invalid());
        };
        Ok(Self {
            bytes,
            format,
            width,
            height,
        })
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            bytes,
            format,
            width,
            height,
        } = self;
        write!(
            f,
            "Picture({format} {width}x{height}, {} bytes)",
            bytes.len()
        )
    }
}

impl ImageFormat {
    /// The formats that fluxhop can write; AVIF needs the `avif` feature.
    pub const WRITABLE: [Self; 4] = [Self::Png, Self::Jpeg, Self::WebP, Self::Avif];

    /// The media type, `image/…`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Avif => "image/avif",
            Self::Gif => "image/gif",
        }
    }

    /// The usual file extension, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
            Self::Avif => "avif",
            Self::Gif => "gif",
        }
    }
}

impl fmt::Display for ImageFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "jpeg",
            other => other.extension(),
        })
    }
}

impl FromStr for ImageFormat {
    type Err = Error;

    /// Accepts `png`, `jpeg` or `jpg`, `webp` and `avif`, ignoring case.
    fn from_str(name: &str) -> Result<Self> {
        match name.to_ascii_lowercase().as_str() {
            "png" => Ok(Self::Png),
            "jpeg" | "jpg" => Ok(Self::Jpeg),
            "webp" => Ok(Self::WebP),
            "avif" => Ok(Self::Avif),
            _ => Err(Error::invalid(
                "format",
                format!("`{name}` is not one of png, jpeg, webp, avif"),
            )),
        }
    }
}

impl GeneratedImage {
    /// Creates an image without a picture; set the other fields directly.
    pub fn new(
        provider: impl Into<String>,
        model: impl Into<String>,
        alt: impl Into<String>,
    ) -> Self {
        Self {
            picture: None,
            url: None,
            seed: None,
            model: model.into(),
            provider: provider.into(),
            alt: alt.into(),
            timings: Timings::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_for_an_html_page_quotes_its_start() {
        let error = Picture::read(Bytes::from_static(b"<!doctype html><title>502</title>"))
            .expect_err("a page");
        assert_eq!(error.kind(), &ErrorKind::Protocol);
        assert!(
            error
                .context()
                .iter()
                .any(|(_, value)| value.contains("<!doctype html>"))
        );
    }

    #[test]
    fn the_size_of_a_gif_is_read() {
        let gif = b"GIF89a\x20\x01\x10\x00\x00\x00\x00";
        let picture = Picture::read(Bytes::from_static(gif)).expect("a picture");
        assert_eq!((picture.width, picture.height), (288, 16));
        assert_eq!(picture.format, ImageFormat::Gif);
    }

    #[test]
    fn a_truncated_header_is_an_error() {
        assert!(Picture::read(Bytes::from_static(b"\x89PNG\r\n\x1a\n\0\0")).is_err());
        assert!(Picture::read(Bytes::new()).is_err());
    }
}
