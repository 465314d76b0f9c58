//! Pictures: encoded bytes that were looked at, and what is known of how they came about.

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
    /// How it is encoded.
    pub format: ImageFormat,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

/// How a picture is encoded.
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

/// A picture, done, and where it came from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GeneratedImage {
    /// The picture; absent where the request asked not to download it.
    pub picture: Option<Picture>,
    /// Where the provider keeps it.
    pub url: Option<String>,
    /// The seed it was truly drawn with, as the provider reports it or as it was sent.
    pub seed: Option<u64>,
    /// The model's name.
    pub model: String,
    /// The provider's name.
    pub provider: String,
    /// The prompt, for those who cannot see the picture.
    pub alt: String,
    /// How long it took.
    pub timings: Timings,
}

/// How long the parts of a request took, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timings {
    /// From sending the request to the start of drawing.
    pub queued: Option<Duration>,
    /// Drawing, as the provider measured it or as it was seen from here.
    pub drawing: Option<Duration>,
    /// From sending the request to the picture in hand.
    pub total: Option<Duration>,
}

impl Picture {
    /// Reads type and size from the head of `bytes`; nothing is decoded.
    ///
    /// Fails with [`ErrorKind::Protocol`] where the bytes are no picture of a type in
    /// [`ImageFormat`], or one of no size.
    pub fn read(bytes: Bytes) -> Result<Self> {
        let no_picture = || {
            let head: String = String::from_utf8_lossy(&bytes[..bytes.len().min(40)])
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect();
            Error::new(
                ErrorKind::Protocol,
                "expected a picture and got something else",
            )
            .with_context("length", bytes.len().to_string())
            .with_context("starts with", head)
        };
        let format = match imagesize::image_type(&bytes) {
            Ok(imagesize::ImageType::Png) => ImageFormat::Png,
            Ok(imagesize::ImageType::Jpeg) => ImageFormat::Jpeg,
            Ok(imagesize::ImageType::Webp) => ImageFormat::WebP,
            Ok(imagesize::ImageType::Heif(imagesize::Compression::Av1)) => ImageFormat::Avif,
            Ok(imagesize::ImageType::Gif) => ImageFormat::Gif,
            _ => return Err(no_picture()),
        };
        let size = imagesize::blob_size(&bytes).map_err(|error| no_picture().with_source(error))?;
        let pixels = |side: usize| u32::try_from(side).ok().filter(|pixels| *pixels > 0);
        let (Some(width), Some(height)) = (pixels(size.width), pixels(size.height)) else {
            return Err(no_picture());
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
    /// Those that fluxhop can write.
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

    /// The usual end of a file's name, without the dot.
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

    /// Takes `png`, `jpeg` or `jpg`, `webp` and `avif`, in either case.
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
    /// A picture of `provider`'s for the prompt `alt`; the rest is set on the fields.
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
    fn a_page_is_no_picture_and_the_error_shows_its_head() {
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
    fn a_gif_tells_its_size() {
        let gif = b"GIF89a\x20\x01\x10\x00\x00\x00\x00";
        let picture = Picture::read(Bytes::from_static(gif)).expect("a picture");
        assert_eq!((picture.width, picture.height), (288, 16));
        assert_eq!(picture.format, ImageFormat::Gif);
    }

    #[test]
    fn a_truncated_head_is_an_error() {
        assert!(Picture::read(Bytes::from_static(b"\x89PNG\r\n\x1a\n\0\0")).is_err());
        assert!(Picture::read(Bytes::new()).is_err());
    }
}
