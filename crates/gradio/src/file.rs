//! References to files in a result, and where each truly is.

use serde_json::Value;
use url::Url;

use crate::{Error, ErrorKind, Result};

/// A file that a result refers to: Gradio's `FileData`, or a bare address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileRef {
    /// Where the server keeps it.
    pub path: Option<String>,
    /// Where the server says it can be fetched; made from the request's own `Host` header, so
    /// that it can be spoofed or internal. The path is trusted over it.
    pub url: Option<String>,
}

/// Where a file is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) url: Url,
    /// Whether it is of the Space's own origin, so that credentials may go there.
    pub(crate) own: bool,
}

impl FileRef {
    /// Reads a `FileData` object, or a string that is a URL of http, https or data.
    pub fn from_value(value: &Value) -> Option<Self> {
        let text = |name: &str| {
            let text = value.get(name)?.as_str()?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        let file = match value {
            Value::String(url) if has_scheme(url, &["http:", "https:", "data:"]) => Self {
                path: None,
                url: Some(url.clone()),
            },
            Value::Object(_) => Self {
                path: text("path"),
                url: text("url"),
            },
            _ => return None,
        };
        (file.path.is_some() || file.url.is_some()).then_some(file)
    }

    /// The content, where the reference itself holds it: a `data:` URL.
    pub fn inline(&self) -> Option<Result<Vec<u8>>> {
        let url = self
            .path
            .iter()
            .chain(&self.url)
            .find(|url| has_scheme(url, &["data:"]))?;
        let malformed = || Error::new(ErrorKind::Protocol, "the result's data: URL cannot be read");
        let bytes = data_url::DataUrl::process(url)
            .map_err(|_| malformed())
            .and_then(|url| url.decode_to_vec().map_err(|_| malformed()))
            .map(|(bytes, _)| bytes);
        Some(bytes)
    }

    /// Where the file of a Space at `base` (ending in `/`) with the API's `prefix` is fetched.
    pub(crate) fn place(&self, base: &Url, prefix: &str) -> Result<Place> {
        let remote = |text: &str| has_scheme(text, &["http:", "https:"]);
        let url = match (&self.path, &self.url) {
            (Some(path), _) if !remote(path) => {
                let mut url = base.clone();
                // `set_path` leaves `%` as it is and takes `\` for `/`.
                let path = path.replace('%', "%25").replace('\\', "%5C");
                let root = base.path().trim_end_matches('/');
                url.set_path(&format!("{root}{prefix}/file={path}"));
                return Ok(Place { url, own: true });
            }
            (Some(url), _) | (None, Some(url)) => base.join(url).map_err(|error| {
                let message = format!("`{}` is not the URL of a file", crate::error::excerpt(url));
                Error::new(ErrorKind::Protocol, message).with_source(error)
            })?,
            (None, None) => {
                return Err(Error::new(
                    ErrorKind::Protocol,
                    "the file has neither path nor url",
                ));
            }
        };
        let own = url.origin() == base.origin();
        Ok(Place { url, own })
    }
}

fn has_scheme(text: &str, schemes: &[&str]) -> bool {
    let starts = |scheme: &&str| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    schemes.iter().any(starts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn place(value: &Value) -> Place {
        let base = Url::parse("https://owner-name.hf.space/").expect("a url");
        let file = FileRef::from_value(value).expect("a file");
        file.place(&base, "/gradio_api").expect("a place")
    }

    #[test]
    fn the_path_is_trusted_over_the_url() {
        let place =
            place(&json!({"path": "/tmp/gradio/ab/image 1%.webp", "url": "http://10.0.0.7/x"}));
        let expected =
            "https://owner-name.hf.space/gradio_api/file=/tmp/gradio/ab/image%201%25.webp";
        assert_eq!((place.url.as_str(), place.own), (expected, true));
    }

    #[test]
    fn a_query_in_a_path_stays_in_the_path() {
        let place = place(&json!({"path": "/tmp/a?b#c.png", "url": null}));
        assert_eq!(place.url.path(), "/gradio_api/file=/tmp/a%3Fb%23c.png");
    }

    #[test]
    fn a_relative_url_is_the_space_s_own_and_a_foreign_one_is_not() {
        assert_eq!(
            place(&json!({"url": "/file=/tmp/a.png"})).url.as_str(),
            "https://owner-name.hf.space/file=/tmp/a.png"
        );
        let foreign = place(&json!("https://cdn.example.org/a.png"));
        assert!(!foreign.own);
        assert!(!place(&json!({"path": "http://owner-name.hf.space/a.png"})).own);
    }

    #[test]
    fn a_data_url_is_its_own_content() {
        let file = FileRef::from_value(&json!("data:image/png;base64,aGk=")).expect("a file");
        assert_eq!(file.inline().expect("inline").expect("bytes"), b"hi");
        let broken = FileRef::from_value(&json!("data:image/png;base64,a?")).expect("a file");
        assert!(broken.inline().expect("inline").is_err());
    }

    #[test]
    fn what_is_no_file_is_none() {
        for value in [
            json!(null),
            json!(1),
            json!("a cat"),
            json!({}),
            json!({"url": null}),
            json!([]),
        ] {
            assert_eq!(FileRef::from_value(&value), None, "{value}");
        }
    }
}
