//! Finds the images and the seed in the result of a call.

use fluxhop_gradio::FileRef;
use serde_json::Value;

use super::mapping::Mapping;
use crate::{Error, ErrorKind, Result};

/// The maximum nesting depth of a result; a gallery in a list in a pair takes three levels.
const MAX_DEPTH: usize = 6;

/// The images and the seed of a call.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CallResult {
    /// The image files, at least one.
    pub(super) files: Vec<FileRef>,
    /// The seed that the Space reports.
    pub(super) seed: Option<u64>,
}

/// Parses a result: `[image, seed]`, a gallery, a `FileData`, a URL or a `data:` URL.
pub(super) fn read(mapping: &Mapping, values: &[Value]) -> Result<CallResult> {
    let files = files(mapping, values);
    if files.is_empty() {
        let result = excerpt(values);
        let message = format!("the Space's result contains no image: `{result}`");
        return Err(Error::new(ErrorKind::Protocol, message));
    }
    let seed = match mapping.seed {
        Some(index) => values.get(index).and_then(number),
        // By convention `[image, seed]`, if the description has no seed.
        None => match values {
            [_, seed] => number(seed),
            _ => None,
        },
    };
    Ok(CallResult { files, seed })
}

/// The image files that the values refer to, without downloading them.
pub(super) fn files(mapping: &Mapping, values: &[Value]) -> Vec<FileRef> {
    let mut files = Vec::new();
    if let Some(value) = mapping.picture.and_then(|index| values.get(index)) {
        collect(value, MAX_DEPTH, &mut files);
    }
    if files.is_empty() {
        for value in values {
            collect(value, MAX_DEPTH, &mut files);
        }
    }
    files
}

fn collect(value: &Value, depth: usize, files: &mut Vec<FileRef>) {
    if let Some(file) = FileRef::from_value(value) {
        files.push(file);
        return;
    }
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, depth, files)),
        // A gallery's item is `{"image": FileData, "caption": …}`; a component's update is
        // `{"value": …, "__type__": "update"}`.
        Value::Object(fields) => fields
            .values()
            .for_each(|value| collect(value, depth, files)),
        _ => {}
    }
}

/// Parses a seed from a number or a string; `None` unless it is an integer of at least 0.
fn number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_u64().or_else(|| {
            let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
            format!("{float:.0}").parse().ok()
        }),
        _ => None,
    }
}

fn excerpt(values: &[Value]) -> String {
    let text = Value::Array(values.to_vec()).to_string();
    crate::names::shortened(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use serde_json::json;

    fn mapping() -> Mapping {
        Mapping::flux("/infer", &catalogue::space_capabilities())
    }

    fn paths(values: &Value) -> Vec<String> {
        let values = values.as_array().expect("a list");
        let result = read(&mapping(), values).expect("a picture");
        let address = |file: FileRef| file.path.or(file.url).expect("an address");
        result.files.into_iter().map(address).collect()
    }

    #[test]
    fn images_are_found_in_every_kind_of_result() {
        assert_eq!(
            paths(&json!([{"path": "/a.webp", "url": null}, 1])),
            ["/a.webp"]
        );
        assert_eq!(
            paths(&json!(["https://host/a.png"])),
            ["https://host/a.png"]
        );
        assert_eq!(
            paths(&json!(["data:image/png;base64,AA=="])),
            ["data:image/png;base64,AA=="]
        );
        assert_eq!(paths(&json!([[{"path": "/a"}, 7]])), ["/a"]);
        assert_eq!(
            paths(
                &json!([[{"image": {"path": "/a"}, "caption": null}, {"image": {"path": "/b"}}], 7])
            ),
            ["/a", "/b"]
        );
        assert_eq!(paths(&json!(["done", {"path": "/a"}])), ["/a"]);
        assert_eq!(
            paths(&json!([{"value": {"path": "/a"}, "__type__": "update"}])),
            ["/a"]
        );
    }

    #[test]
    fn the_error_for_a_result_without_an_image_contains_the_result() {
        for values in [
            json!([]),
            json!([null, 0]),
            json!(["sorry"]),
            json!([{"url": null}, 3]),
        ] {
            let error =
                read(&mapping(), values.as_array().expect("a list")).expect_err("no picture");
            assert_eq!(error.kind(), &ErrorKind::Protocol);
            assert!(error.message().contains(&values.to_string()), "{error}");
        }
    }

    #[test]
    fn the_seed_is_parsed_from_a_number_or_a_string() {
        let seed = |value: Value| {
            read(&mapping(), &[json!({"path": "/a"}), value])
                .expect("a picture")
                .seed
        };
        assert_eq!(seed(json!(42)), Some(42));
        assert_eq!(seed(json!(42.0)), Some(42));
        assert_eq!(seed(json!("42")), Some(42));
        for invalid in [json!(-1), json!(1.5), json!(null), json!([1])] {
            assert_eq!(seed(invalid), None);
        }
    }

    #[test]
    fn a_deeply_nested_result_is_an_error() {
        let mut value = json!({"path": "/a"});
        for _ in 0..100 {
            value = json!([value]);
        }
        assert!(read(&mapping(), &[value]).is_err());
    }
}
