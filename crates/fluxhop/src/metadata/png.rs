//! PNG: the text chunks `parameters` and `fluxhop`.

use std::borrow::Cow;

use bytes::Bytes;
use img_parts::png::{Png, PngChunk};

const TEXT: &[u8] = b"parameters";
const JSON: &[u8] = b"fluxhop";

pub(super) fn embed(file: Bytes, text: &str, json: &str) -> img_parts::Result<Bytes> {
    let mut png = Png::from_bytes(file)?;
    let chunks = png.chunks_mut();
    chunks.retain(|chunk| !matches!(keyword(chunk), Some(TEXT | JSON)));
    // Inserted right after the header, for readers that stop at the pixels.
    let index = chunks.len().min(1);
    chunks.splice(index..index, [chunk(TEXT, text), chunk(JSON, json)]);
    Ok(png.encoder().bytes())
}

pub(super) fn read(file: Bytes) -> Option<Vec<u8>> {
    let png = Png::from_bytes(file).ok()?;
    let chunk = png
        .chunks()
        .iter()
        .find(|chunk| keyword(chunk) == Some(JSON))?;
    let value = &chunk.contents()[JSON.len() + 1..];
    match &chunk.kind() {
        b"tEXt" => Some(
            value
                .iter()
                .map(|byte| char::from(*byte))
                .collect::<String>()
                .into(),
        ),
        // Two zero bytes for "not compressed", then an empty language and translated keyword.
        b"iTXt" => value.strip_prefix(&[0; 4]).map(<[u8]>::to_vec),
        _ => None,
    }
}

/// Creates a text chunk: `tEXt` if the text is Latin-1, else `iTXt`, as Pillow and A1111 do.
fn chunk(keyword: &[u8], text: &str) -> PngChunk {
    // PNG text cannot contain zero bytes; JSON escapes them as `\u0000`.
    let text = text.replace('\0', "");
    let latin1 = if text.is_ascii() {
        Some(text.as_bytes().into())
    } else {
        let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
        bytes.map(Cow::Owned)
    };
    let (kind, separator, text) = match latin1 {
        Some(latin1) => (*b"tEXt", &[0][..], latin1),
        None => (*b"iTXt", &[0; 5][..], text.as_bytes().into()),
    };
    PngChunk::new(kind, [keyword, separator, &text].concat().into())
}

/// The keyword of a text chunk.
fn keyword(chunk: &PngChunk) -> Option<&[u8]> {
    match &chunk.kind() {
        b"tEXt" | b"iTXt" | b"zTXt" => chunk.contents().split(|byte| *byte == 0).next(),
        _ => None,
    }
}
