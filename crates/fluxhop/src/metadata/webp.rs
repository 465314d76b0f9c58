//! WebP: the EXIF chunk, which has no size limit.

use bytes::Bytes;
use img_parts::ImageEXIF;
use img_parts::webp::WebP;

use super::exif;

pub(super) fn embed(file: Bytes, text: &str, json: &str) -> img_parts::Result<Bytes> {
    let mut webp = WebP::from_bytes(file)?;
    webp.set_exif(exif::write(text, json));
    Ok(webp.encoder().bytes())
}

pub(super) fn read(file: Bytes) -> Option<Vec<u8>> {
    exif::read(&WebP::from_bytes(file).ok()?.exif()?)
}
