//! Converts pictures to another format.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageReader, Limits, Rgba};

use crate::{Error, ErrorKind, ImageFormat, Picture, Result};

/// JPEG quality out of 100: visually lossless, at a third of the size of quality 100.
const JPEG_QUALITY: u8 = 92;

/// The memory limit for a decoded picture, in bytes: 16,384² pixels with four channels.
const MAX_DECODED_SIZE: u64 = 1 << 30;

/// Converts `picture` to `format`. A picture already in this format is returned unchanged.
///
/// JPEG is written at quality 92, with a white background in place of transparency; WebP and PNG
/// are lossless. The colour profile is kept, other metadata is not: see
/// [`metadata`](crate::metadata). AVIF can be written if fluxhop is built with the `avif` feature,
/// but cannot be read. The conversion blocks for tens of milliseconds per megapixel; async code
/// should call it through `spawn_blocking` or similar.
///
/// ```
/// # use fluxhop::{ImageFormat, Picture, encode};
/// # fn example(picture: &Picture) -> fluxhop::Result<()> {
/// let smaller = encode::convert(picture, ImageFormat::Jpeg)?;
/// assert_eq!(smaller.format, ImageFormat::Jpeg);
/// # Ok(())
/// # }
/// ```
pub fn convert(picture: &Picture, format: ImageFormat) -> Result<Picture> {
    if picture.format == format {
        return Ok(picture.clone());
    }
    writable(format)?;
    let (pixels, profile) = decode(picture)?;
    encode(pixels, profile, format, Effort::Default)
}

/// The trade-off between encoding time and file size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Fast, for previews.
    #[cfg(any(feature = "local", feature = "sketch"))]
    Fast,
    /// The encoder's default, for finished pictures.
    Default,
}

/// Encodes pixels, `(width, height, bytes)` with three bytes (red, green, blue) per pixel.
#[cfg(any(feature = "local", feature = "sketch"))]
pub(crate) fn rgb(
    pixels: (u32, u32, &[u8]),
    format: ImageFormat,
    effort: Effort,
) -> Result<Picture> {
    let (width, height, bytes) = pixels;
    let pixels = image::RgbImage::from_raw(width, height, bytes.to_vec()).ok_or_else(|| {
        Error::new(
            ErrorKind::Internal,
            "the pixel count does not match the size",
        )
    })?;
    encode(pixels.into(), None, format, effort)
}

fn encode(
    pixels: DynamicImage,
    profile: Option<Vec<u8>>,
    format: ImageFormat,
    effort: Effort,
) -> Result<Picture> {
    let mut bytes = Vec::new();
    match format {
        ImageFormat::Png => {
            let compression = match effort {
                #[cfg(any(feature = "local", feature = "sketch"))]
                Effort::Fast => CompressionType::Fast,
                Effort::Default => CompressionType::Default,
            };
            let filter = FilterType::Adaptive;
            let encoder = PngEncoder::new_with_quality(&mut bytes, compression, filter);
            write(encoder, &pixels, profile)
        }
        ImageFormat::WebP => {
            // The encoder supports only eight bits per channel.
            let pixels = if pixels.color().has_alpha() {
                pixels.into_rgba8().into()
            } else {
                pixels.into_rgb8().into()
            };
            write(WebPEncoder::new_lossless(&mut bytes), &pixels, profile)
        }
        ImageFormat::Jpeg => {
            let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
            write(encoder, &on_white(pixels), profile)
        }
        #[cfg(feature = "avif")]
        ImageFormat::Avif => {
            let pixels = pixels.into_rgba8().into();
            write(
                image::codecs::avif::AvifEncoder::new(&mut bytes),
                &pixels,
                None,
            )
        }
        _ => return Err(unwritable(format)),
    }
    .map_err(|error| {
        Error::new(
            ErrorKind::Internal,
            format!("cannot encode the picture as {format}"),
        )
        .with_source(error)
    })?;
    Picture::read(bytes.into())
}

/// Checks that this build can write `format`, so that an unsupported one fails before generation.
pub fn writable(format: ImageFormat) -> Result<()> {
    match format {
        ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP => Ok(()),
        ImageFormat::Avif if cfg!(feature = "avif") => Ok(()),
        _ => Err(unwritable(format)),
    }
}

fn unwritable(format: ImageFormat) -> Error {
    let message = match format {
        ImageFormat::Avif => {
            "this build cannot write avif (the `avif` feature is not enabled)".to_owned()
        }
        _ => format!("writing {format} is not supported"),
    };
    Error::invalid("format", message)
}

fn decode(picture: &Picture) -> Result<(DynamicImage, Option<Vec<u8>>)> {
    let format = match picture.format {
        ImageFormat::Png => image::ImageFormat::Png,
        ImageFormat::Jpeg => image::ImageFormat::Jpeg,
        ImageFormat::WebP => image::ImageFormat::WebP,
        ImageFormat::Gif => image::ImageFormat::Gif,
        ImageFormat::Avif => {
            let message = "converting an avif picture to another format is not supported";
            return Err(Error::invalid("format", message));
        }
    };
    let damaged = |error: image::ImageError| {
        Error::new(
            ErrorKind::Protocol,
            format!("the {} picture is damaged", picture.format),
        )
        .with_source(error)
    };
    let mut reader = ImageReader::with_format(Cursor::new(&picture.bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED_SIZE);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    // Without the profile, the colours only differ slightly.
    let profile = decoder.icc_profile().unwrap_or(None);
    let pixels = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    Ok((pixels, profile))
}

fn write(
    mut encoder: impl ImageEncoder,
    pixels: &DynamicImage,
    profile: Option<Vec<u8>>,
) -> image::ImageResult<()> {
    if let Some(profile) = profile {
        // Not every encoder supports profiles; the colours then differ slightly.
        drop(encoder.set_icc_profile(profile));
    }
    pixels.write_with_encoder(encoder)
}

/// Blends the pixels onto a white background.
fn on_white(pixels: DynamicImage) -> DynamicImage {
    if !pixels.color().has_alpha() {
        return pixels.into_rgb8().into();
    }
    let mut pixels = pixels.into_rgba8();
    for Rgba([red, green, blue, alpha]) in pixels.pixels_mut() {
        let opacity = u16::from(*alpha);
        for channel in [red, green, blue] {
            let blended = (u16::from(*channel) * opacity + 255 * (255 - opacity)) / 255;
            *channel = u8::try_from(blended).unwrap_or(u8::MAX);
        }
    }
    DynamicImage::from(pixels).into_rgb8().into()
}

#[cfg(test)]
mod tests {
    use image::{ImageBuffer, Rgb};

    use super::*;

    fn png(pixels: &DynamicImage) -> Picture {
        let mut bytes = Vec::new();
        write(PngEncoder::new(&mut bytes), pixels, None).expect("a PNG");
        Picture::read(bytes.into()).expect("a picture")
    }

    fn gradient() -> Picture {
        let channel = |value| u8::try_from(value).expect("below 256");
        let pixel = |x, y| Rgb([channel(x * 4), channel(y * 8), 128]);
        png(&ImageBuffer::from_fn(48, 24, pixel).into())
    }

    #[test]
    fn formats_round_trip_with_their_size() {
        for format in [ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Png] {
            let picture = convert(&gradient(), format).expect("converted");
            assert_eq!(
                (picture.format, picture.width, picture.height),
                (format, 48, 24)
            );
            let round_trip = convert(&picture, ImageFormat::Png).expect("converted back");
            let (actual, expected) = (
                decode(&round_trip).expect("pixels").0,
                decode(&gradient()).expect("pixels").0,
            );
            let difference = actual
                .to_rgb8()
                .iter()
                .zip(expected.to_rgb8().iter())
                .map(|(a, b)| a.abs_diff(*b))
                .max()
                .expect("pixels");
            assert!(
                difference <= if format == ImageFormat::Jpeg { 12 } else { 0 },
                "{format}: {difference}"
            );
        }
    }

    #[test]
    fn a_picture_in_the_requested_format_is_returned_unchanged() {
        assert_eq!(
            convert(&gradient(), ImageFormat::Png).expect("a picture"),
            gradient()
        );
    }

    #[test]
    fn transparency_becomes_white_in_jpeg() {
        let transparent = png(&ImageBuffer::from_pixel(16, 16, Rgba([0_u8, 0, 0, 0])).into());
        let jpeg = convert(&transparent, ImageFormat::Jpeg).expect("converted");
        assert!(
            decode(&jpeg)
                .expect("a picture")
                .0
                .to_rgb8()
                .iter()
                .all(|value| *value > 250)
        );
    }

    #[test]
    fn sixteen_bit_channels_are_converted() {
        let sixteen_bit =
            png(&ImageBuffer::from_pixel(8, 8, Rgba([65_535_u16, 0, 0, 65_535])).into());
        for format in [ImageFormat::Jpeg, ImageFormat::WebP] {
            assert_eq!(
                convert(&sixteen_bit, format).expect("converted").format,
                format
            );
        }
    }

    #[test]
    fn the_colour_profile_is_kept() {
        let mut bytes = Vec::new();
        let profile = b"not a real profile".to_vec();
        let pixels = DynamicImage::new_rgb8(8, 8);
        write(PngEncoder::new(&mut bytes), &pixels, Some(profile.clone())).expect("a PNG");
        let picture = Picture::read(bytes.into()).expect("a picture");
        for format in [ImageFormat::Jpeg, ImageFormat::WebP] {
            let converted = convert(&picture, format).expect("converted");
            assert_eq!(
                decode(&converted).expect("a picture").1.as_ref(),
                Some(&profile)
            );
        }
    }

    #[test]
    fn a_truncated_picture_is_an_error() {
        let mut truncated = gradient();
        truncated.bytes.truncate(60);
        let error = convert(&truncated, ImageFormat::Jpeg).expect_err("truncated");
        assert_eq!(error.kind(), &ErrorKind::Protocol);
    }

    #[test]
    fn writing_gif_and_reading_avif_are_errors() {
        let error = convert(&gradient(), ImageFormat::Gif).expect_err("gif cannot be written");
        assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "format" });
        let mut avif = gradient();
        avif.format = ImageFormat::Avif;
        let error = convert(&avif, ImageFormat::Png).expect_err("avif cannot be read");
        assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "format" });
    }

    #[cfg(not(feature = "avif"))]
    #[test]
    fn without_the_avif_feature_the_error_names_it() {
        let error = convert(&gradient(), ImageFormat::Avif).expect_err("not built in");
        assert!(error.message().contains("`avif` feature"), "{error}");
    }

    #[cfg(feature = "avif")]
    #[test]
    fn the_avif_feature_enables_writing_avif() {
        let picture = convert(&gradient(), ImageFormat::Avif).expect("converted");
        assert_eq!((picture.format, picture.width), (ImageFormat::Avif, 48));
    }
}
