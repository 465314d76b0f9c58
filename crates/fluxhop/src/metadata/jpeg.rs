//! JPEG: EXIF, or comment segments if the EXIF would be too large.

use bytes::Bytes;
use img_parts::ImageEXIF;
use img_parts::jpeg::{Jpeg, JpegSegment, markers};

use super::exif::{self, PREFIX};

/// The maximum size of a segment in bytes, without its two length bytes.
const MAX_SEGMENT: usize = 0xFFFF - 2;

/// The maximum size of the EXIF data in bytes: a segment without `Exif\0\0`.
const MAX_EXIF: usize = MAX_SEGMENT - 6;

pub(super) fn embed(file: Bytes, text: &str, json: &str) -> img_parts::Result<Bytes> {
    let mut jpeg = Jpeg::from_bytes(file)?;
    jpeg.segments_mut().retain(|segment| !is_ours(segment));
    let exif = exif::write(text, json).filter(|exif| exif.len() <= MAX_EXIF);
    if exif.is_none() {
        let comments = json
            .as_bytes()
            .chunks(MAX_SEGMENT - PREFIX.len())
            .map(|part| {
                let contents = [PREFIX, part].concat().into();
                JpegSegment::new_with_contents(markers::COM, contents)
            });
        // Inserted after the application segments, which readers expect first.
        let segments = jpeg.segments_mut();
        let is_app = |segment: &JpegSegment| (0xE0..=0xEF).contains(&segment.marker());
        let index = segments.iter().position(|segment| !is_app(segment));
        let index = index.unwrap_or(segments.len());
        segments.splice(index..index, comments.collect::<Vec<_>>());
    }
    jpeg.set_exif(exif);
    Ok(jpeg.encoder().bytes())
}

pub(super) fn read(file: Bytes) -> Option<Vec<u8>> {
    let jpeg = Jpeg::from_bytes(file).ok()?;
    if let Some(json) = jpeg.exif().and_then(|tiff| exif::read(&tiff)) {
        return Some(json);
    }
    let comments = jpeg.segments().iter().filter(|segment| is_ours(segment));
    let json: Vec<u8> = comments
        .flat_map(|segment| segment.contents()[PREFIX.len()..].to_vec())
        .collect();
    (!json.is_empty()).then_some(json)
}

fn is_ours(segment: &JpegSegment) -> bool {
    segment.marker() == markers::COM && segment.contents().starts_with(PREFIX)
}
