//! Embedded parameters, read back by this crate and by independent readers.

use bytes::Bytes;

use super::*;
use crate::{encode, testing};

fn picture(format: ImageFormat) -> Picture {
    let png = testing::picture("a cat", 7, 48, 24).expect("a picture");
    encode::convert(&png, format).expect("converted")
}

fn parameters(prompt: &str) -> Parameters {
    Parameters {
        prompt: prompt.to_owned(),
        negative_prompt: Some("dogs, hats".to_owned()),
        seed: Some(u64::MAX),
        steps: Some(2),
        guidance: Some(3.5),
        width: Some(48),
        height: Some(24),
        model: "flux-schnell".to_owned(),
        provider: "voodoohop".to_owned(),
        software: "fluxhop 0.1.0".to_owned(),
    }
}

const FORMATS: [ImageFormat; 3] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP];

fn pixels(picture: &Picture) -> Vec<u8> {
    image::load_from_memory(&picture.bytes)
        .expect("a picture")
        .into_rgba8()
        .into_raw()
}

/// Prompts that are difficult to encode.
fn prompts() -> Vec<String> {
    let characters = ('\0'..='\u{2ff}').chain(['\u{d7ff}', '\u{fffe}', '\u{ffff}', '\u{10ffff}']);
    vec![
        "a cat wearing a hat".into(),
        "кот в шляпе 🐈, 帽子をかぶった猫".into(),
        "naïve café, \"quoted\": <b>&amp;</b>\n\r\n\tSteps: 9, Seed: 1".into(),
        characters.collect(),
        "fluxhop\0{\"prompt\":\"another\"}".into(),
        "x".repeat(200_000),
        "🐈".repeat(1 << 20),
        String::new(),
    ]
}

#[test]
fn parameters_round_trip_in_every_format_without_changing_the_pixels() {
    for format in FORMATS {
        let plain = picture(format);
        for prompt in prompts() {
            let parameters = parameters(&prompt);
            let written = embed(&plain, &parameters).expect("written");
            assert_eq!(
                read(&written),
                Some(parameters),
                "{format}, {} bytes",
                prompt.len()
            );
            let file = Picture::read(written.bytes.clone()).expect("still a picture");
            assert_eq!((file.format, file.width, file.height), (format, 48, 24));
            assert_eq!(pixels(&written), pixels(&plain));
        }
    }
}

#[test]
fn embedding_replaces_existing_parameters() {
    let (long, short) = (parameters(&"long ".repeat(50_000)), parameters("short"));
    for format in FORMATS {
        let once = embed(&picture(format), &short).expect("written");
        let long = embed(&once, &long).expect("written");
        let twice = embed(&long, &short).expect("written");
        assert_eq!(twice.bytes, once.bytes, "{format}");
    }
}

#[test]
fn the_png_text_matches_other_tools() {
    // A zero byte is removed from the text and kept in the JSON.
    for prompt in ["a cat", "a café", "кот", "a\0cat", "ко\0т"] {
        let written = embed(&picture(ImageFormat::Png), &parameters(prompt)).expect("written");
        let without_zeros = prompt.replace('\0', "");
        let expected = format!(
            "{without_zeros}\nNegative prompt: dogs, hats\nSteps: 2, CFG scale: 3.5, \
             Seed: 18446744073709551615, Size: 48x24, Model: flux-schnell, Provider: voodoohop, \
             Version: fluxhop 0.1.0"
        );
        let bytes = std::io::Cursor::new(&written.bytes);
        let reader = ::png::Decoder::new(bytes).read_info().expect("a PNG");
        let info = reader.info();
        let latin = info.uncompressed_latin1_text.iter();
        let latin = latin.map(|chunk| (chunk.keyword.clone(), chunk.text.clone()));
        let utf8 = info.utf8_text.iter();
        let utf8 = utf8.map(|chunk| (chunk.keyword.clone(), chunk.get_text().expect("text")));
        let texts: Vec<(String, String)> = latin.chain(utf8).collect();
        assert_eq!(texts.len(), 2);
        assert!(
            texts.contains(&("parameters".to_owned(), expected)),
            "{texts:?}"
        );
        let json = texts
            .iter()
            .find(|(keyword, _)| keyword == "fluxhop")
            .expect("the JSON");
        let json: serde_json::Value = serde_json::from_str(&json.1).expect("JSON");
        assert_eq!(json["prompt"], prompt);
        assert_eq!(json["seed"], u64::MAX);
    }
}

#[test]
fn the_exif_comment_matches_other_tools() {
    for format in [ImageFormat::Jpeg, ImageFormat::WebP] {
        let written = embed(&picture(format), &parameters("кот 🐈")).expect("written");
        let mut bytes = std::io::Cursor::new(&written.bytes);
        // This reader locates the EXIF data in the file itself.
        let exif = ::exif::Reader::new()
            .read_from_container(&mut bytes)
            .expect("EXIF");
        let field = exif.get_field(::exif::Tag::UserComment, ::exif::In::PRIMARY);
        let ::exif::Value::Undefined(comment, _) = &field.expect("a comment").value else {
            panic!("unexpected type of comment");
        };
        let text = comment
            .strip_prefix(b"UNICODE\0")
            .expect("the character code");
        let units: Vec<u16> = text
            .chunks(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
            .collect();
        let text = String::from_utf16(&units).expect("UTF-16");
        assert!(
            text.starts_with("кот 🐈\nNegative prompt: dogs, hats\nSteps: 2, "),
            "{text}"
        );
    }
}

#[test]
fn a_jpeg_with_too_much_exif_stores_the_json_in_comments() {
    let written = embed(
        &picture(ImageFormat::Jpeg),
        &parameters(&"x".repeat(100_000)),
    );
    let written = written.expect("written");
    let mut bytes = std::io::Cursor::new(&written.bytes);
    assert!(
        ::exif::Reader::new()
            .read_from_container(&mut bytes)
            .is_err(),
        "unexpected EXIF"
    );
    let prefixes = written
        .bytes
        .windows(10)
        .filter(|window| window.ends_with(b"fluxhop\0"));
    assert_eq!(prefixes.count(), 2, "two segments of up to 64 KiB");
}

#[test]
fn values_with_a_separator_are_quoted() {
    let mut parameters = parameters("a cat");
    parameters.model = "owner/name: a \"model\", new".to_owned();
    let text = text::text(&parameters);
    assert!(
        text.contains(r#"Model: "owner/name: a \"model\", new", Provider"#),
        "{text}"
    );
    assert_eq!(
        text::text(&Parameters {
            prompt: "a cat".into(),
            ..Parameters::default()
        }),
        "a cat"
    );
}

#[test]
fn unsupported_formats_are_returned_unchanged() {
    let gif = Bytes::from_static(b"GIF89a\x20\x01\x10\x00\x00\x00\x00");
    let gif = Picture::read(gif).expect("a picture");
    assert_eq!(embed(&gif, &parameters("a cat")).expect("unchanged"), gif);
    assert_eq!(read(&gif), None);
}

#[test]
fn a_picture_from_another_tool_has_no_parameters() {
    for format in FORMATS {
        assert_eq!(read(&picture(format)), None);
    }
}

#[test]
fn a_damaged_file_is_an_error() {
    for format in FORMATS {
        let valid = embed(&picture(format), &parameters("a cat")).expect("written");
        for end in 0..valid.bytes.len() {
            let mut truncated = valid.clone();
            truncated.bytes.truncate(end);
            let _ = read(&truncated);
            let _ = embed(&truncated, &parameters("another"));
        }
        let mut truncated = valid.clone();
        truncated.bytes.truncate(20);
        let error = embed(&truncated, &parameters("a cat")).expect_err("damaged");
        assert_eq!(error.kind(), &ErrorKind::Protocol);
    }
}

#[test]
fn parameters_are_taken_from_the_request_and_the_image() {
    let request = Request::new("a cat").with_steps(4).with_guidance(3.5);
    let mut image = GeneratedImage::new("fake", "drawing", "a cat");
    image.seed = Some(9);
    image.picture = Some(picture(ImageFormat::Png));
    let parameters = Parameters::new(&request, &image);
    assert_eq!(
        (parameters.seed, parameters.steps, parameters.width),
        (Some(9), Some(4), Some(48))
    );
    assert!(parameters.software.starts_with("fluxhop "));
}
