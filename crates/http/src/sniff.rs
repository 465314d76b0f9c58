//! Media types by content.

/// Detects the media type of a file from its first bytes, regardless of its name and headers.
///
/// Images are detected by their signatures. Text is `text/html` if it starts like a page,
/// `image/svg+xml` if it starts like an SVG image, and `application/json` if it starts like an
/// object or array. The first 512 bytes are enough. Returns `None` for any other content.
pub fn sniff(bytes: &[u8]) -> Option<&'static str> {
    image(bytes).or_else(|| text(bytes))
}

fn image(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        [b'I', b'I', 0x2a, 0, ..] | [b'M', b'M', 0, 0x2a, ..] => Some("image/tiff"),
        // `BM`, the file's size, four reserved zeros.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some("image/bmp"),
        [0, 0, 0, 0x0c, b'J', b'X', b'L', b' ', ..] | [0xff, 0x0a, ..] => Some("image/jxl"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => base_media(bytes),
        _ => None,
    }
}

/// Reads the brands of an ISO base media file: the major brand, then the compatible ones.
fn base_media(bytes: &[u8]) -> Option<&'static str> {
    let size = usize::try_from(u32::from_be_bytes(*bytes.first_chunk()?)).ok()?;
    let header = &bytes[..size.clamp(8, bytes.len()).min(256)];
    let mut brands = header
        .get(8..12)
        .into_iter()
        .chain(header.get(16..).unwrap_or_default().chunks_exact(4));
    brands.find_map(|brand| match brand {
        b"avif" | b"avis" => Some("image/avif"),
        b"heic" | b"heix" => Some("image/heic"),
        b"isom" | b"mp41" | b"mp42" => Some("video/mp4"),
        _ => None,
    })
}

fn text(bytes: &[u8]) -> Option<&'static str> {
    let bytes = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    let starts_with = |prefix: &[u8]| {
        bytes
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if [
        b"<!doctype html".as_slice(),
        b"<html",
        b"<head",
        b"<body",
        b"<title",
        b"<script",
    ]
    .iter()
    .any(|tag| starts_with(tag))
    {
        return Some("text/html");
    }
    if starts_with(b"<svg") || starts_with(b"<?xml") || starts_with(b"<!doctype svg") {
        let head = &bytes[..bytes.len().min(512)];
        return Some(if memchr::memmem::find(head, b"<svg").is_some() {
            "image/svg+xml"
        } else {
            "application/xml"
        });
    }
    if starts_with(b"<!--") {
        return Some("text/html");
    }
    match bytes {
        [b'{' | b'[', rest @ ..] => {
            let next = rest.trim_ascii_start().first()?;
            matches!(
                next,
                b'"' | b'{' | b'[' | b'}' | b']' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n'
            )
            .then_some("application/json")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_detected_by_content() {
        for (bytes, media_type) in [
            (
                b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(),
                Some("image/png"),
            ),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Some("image/jpeg")),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"RIFF\x24\0\0\0WAVEfmt ", None),
            (b"GIF89a\x01\0", Some("image/gif")),
            (b"GIF88a\x01\0", None),
            (b"BM\x3a\0\0\0\0\0\0\0", Some("image/bmp")),
            (b"BMW is a car", None),
            (b"\0\0\0\x1cftypavif\0\0\0\0mif1", Some("image/avif")),
            (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", Some("image/avif")),
            (b"\0\0\0\x10ftypmif1\0\0\0\0avifavif", None),
            (b"\0\0\0\x1cftypisom\0\0\0\0isom", Some("video/mp4")),
            (b"\xff\xff\xff\xffftyp", None),
            (b"\xef\xbb\xbf \n<!DOCTYPE html><p>", Some("text/html")),
            (b"<HTML lang=en>", Some("text/html")),
            (b"<?xml version='1.0'?><svg/>", Some("image/svg+xml")),
            (b"<?xml version='1.0'?><feed/>", Some("application/xml")),
            (b" {\"data\": []}", Some("application/json")),
            (b"[null, 1]", Some("application/json")),
            (b"{curly}", None),
            (b"Internal Server Error", None),
            (b"", None),
        ] {
            assert_eq!(
                sniff(bytes),
                media_type,
                "{:?}",
                bytes.escape_ascii().to_string()
            );
        }
    }

    #[test]
    fn truncated_signatures_do_not_panic() {
        for complete in [
            b"\0\0\0\x1cftypavif\0\0\0\0mif1".as_slice(),
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\x24\0\0\0WEBP",
            b"<!doctype html>",
            b"{\"a\":1}",
        ] {
            for end in 0..complete.len() {
                let _ = sniff(&complete[..end]);
            }
        }
    }
}
