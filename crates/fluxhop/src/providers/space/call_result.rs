//! Pictures and seed in a call's result, wherever the Space puts them.

use fluxhop_gradio::FileRef;
use serde_json::Value;

use super::mapping::Mapping;
use crate::{Error, ErrorKind, Result};

/// Results are nested this deep at most: a gallery in a list in a pair.
const DEPTH: usize = 6;

/// What a call gave.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CallResult {
    /// The pictures, at least one.
    pub(super) files: Vec<FileRef>,
    /// The seed that the Space says it drew with.
    pub(super) seed: Option<u64>,
}

/// Reads a result: `[image, seed]`, a gallery, a `FileData`, a URL or a `data:` URL.
pub(super) fn read(mapping: &Mapping, values: &[Value]) -> Result<CallResult> {
    let files = files(mapping, values);
    if files.is_empty() {
        let came = shown(values);
        let message = format!("expected a picture in the Space's result, and `{came}` came");
        return Err(Error::new(ErrorKind::Protocol, message));
    }
    let seed = match mapping.seed {
        Some(place) => values.get(place).and_then(number),
        // `[image, seed]` is the custom where nothing says otherwise.
        None => match values {
            [_, seed] => number(seed),
            _ => None,
        },
    };
    Ok(CallResult { files, seed })
}

/// The pictures that the values refer to, best first; none is fetched.
pub(super) fn files(mapping: &Mapping, values: &[Value]) -> Vec<FileRef> {
    let mut files = Vec::new();
    if let Some(value) = mapping.picture.and_then(|place| values.get(place)) {
        collect(value, DEPTH, &mut files);
    }
    if files.is_empty() {
        for value in values {
            collect(value, DEPTH, &mut files);
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

/// A seed as a number or as text, whole and not negative.
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

fn shown(values: &[Value]) -> String {
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
        let outcome = read(&mapping(), values).expect("a picture");
        let address = |file: FileRef| file.path.or(file.url).expect("an address");
        outcome.files.into_iter().map(address).collect()
    }

    #[test]
    fn a_picture_is_found_wherever_it_is() {
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
    fn a_result_without_a_picture_is_an_error_that_shows_it() {
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
    fn the_seed_is_read_as_number_or_text() {
        let seed = |value: Value| {
            read(&mapping(), &[json!({"path": "/a"}), value])
                .expect("ok")
                .seed
        };
        assert_eq!(seed(json!(42)), Some(42));
        assert_eq!(seed(json!(42.0)), Some(42));
        assert_eq!(seed(json!("42")), Some(42));
        for odd in [json!(-1), json!(1.5), json!(null), json!([1])] {
            assert_eq!(seed(odd), None);
        }
    }

    #[test]
    fn a_result_nested_without_end_is_cut() {
        let mut value = json!({"path": "/a"});
        for _ in 0..100 {
            value = json!([value]);
        }
        assert!(read(&mapping(), &[value]).is_err());
    }
}
