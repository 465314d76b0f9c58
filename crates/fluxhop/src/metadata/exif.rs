//! EXIF: the text as `UserComment`, the JSON as `MakerNote`.

use std::io::Cursor;

use bytes::Bytes;
use exif::experimental::Writer;
use exif::{Field, In, Tag, Value};

/// The prefix of our `MakerNote`, which distinguishes it from a camera's.
pub(super) const PREFIX: &[u8] = b"fluxhop\0";

/// Writes a TIFF structure, without the `Exif\0\0` prefix used in JPEG. Returns `None` if `text`
/// or `json` is longer than 4 GiB.
pub(super) fn write(text: &str, json: &str) -> Option<Bytes> {
    // `UNICODE` and big-endian UTF-16, as written by piexif, which A1111 uses.
    let utf16 = text.encode_utf16().flat_map(u16::to_be_bytes);
    let comment = b"UNICODE\0".iter().copied().chain(utf16).collect();
    let field = |tag, value| Field {
        tag,
        ifd_num: In::PRIMARY,
        value: Value::Undefined(value, 0),
    };
    let fields = [
        field(Tag::UserComment, comment),
        field(Tag::MakerNote, [PREFIX, json.as_bytes()].concat()),
    ];
    let mut writer = Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    let mut tiff = Cursor::new(Vec::new());
    writer.write(&mut tiff, false).ok()?;
    Some(tiff.into_inner().into())
}

/// Reads the JSON written by [`write`].
pub(super) fn read(tiff: &Bytes) -> Option<Vec<u8>> {
    let exif = exif::Reader::new().read_raw(tiff.to_vec()).ok()?;
    let note = exif.get_field(Tag::MakerNote, In::PRIMARY)?;
    match &note.value {
        Value::Undefined(bytes, _) => bytes.strip_prefix(PREFIX).map(<[u8]>::to_vec),
        _ => None,
    }
}
