//! File references in a result, and their download URLs.

use serde_json::Value;
use url::Url;

use crate::{Error, ErrorKind, Result};

/// A reference to a file in a result: Gradio's `FileData`, or a bare URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileRef {
    /// The path on the server.
    pub path: Option<String>,
    /// The URL according to the server. Gradio builds it from the request's `Host` header, so it may
    /// be spoofed or internal; the path takes precedence.
    pub url: Option<String>,
}

/// A download URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DownloadUrl {
    pub(crate) url: Url,
    /// Whether the URL has the Space's origin, so that credentials may be sent.
    pub(crate) is_same_origin: bool,
}

impl FileRef {
    /// Parses a `FileData` object, or a string with an http, https or data URL.
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

    /// The content, if the reference is a `data:` URL.
    pub fn inline(&self) -> Option<Result<Vec<u8>>> {
        let url = self
            .path
            .iter()
            .chain(&self.url)
            .find(|url| has_scheme(url, &["data:"]))?;
        let malformed = || Error::new(ErrorKind::Protocol, "the result's data: URL is malformed");
        let bytes = data_url::DataUrl::process(url)
            .map_err(|_| malformed())
            .and_then(|url| url.decode_to_vec().map_err(|_| malformed()))
            .map(|(bytes, _)| bytes);
        Some(bytes)
    }

    /// The download URL, given the Space's `base` (ending in `/`) and the API's `prefix`.
    pub(crate) fn download_url(&self, base: &Url, prefix: &str) -> Result<DownloadUrl> {
        let is_remote = |text: &str| has_scheme(text, &["http:", "https:"]);
        let url = match (&self.path, &self.url) {
            (Some(path), _) if !is_remote(path) => {
                let mut url = base.clone();
                // `set_path` does not escape `%` and treats `\` as `/`.
                let path = path.replace('%', "%25").replace('\\', "%5C");
                let root = base.path().trim_end_matches('/');
                url.set_path(&format!("{root}{prefix}/file={path}"));
                return Ok(DownloadUrl {
                    url,
                    is_same_origin: true,
                });
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
        let is_same_origin = url.origin() == base.origin();
        Ok(DownloadUrl {
            url,
            is_same_origin,
        })
    }
}

fn has_scheme(text: &str, schemes: &[&str]) -> bool {
    let starts_with = |scheme: &&str| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    schemes.iter().any(starts_with)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn download_url(value: &Value) -> DownloadUrl {
        let base = Url::parse("https://owner-name.hf.space/").expect("a url");
        let file = FileRef::from_value(value).expect("a file");
        file.download_url(&base, "/gradio_api")
            .expect("a download URL")
    }

    #[test]
    fn the_path_takes_precedence_over_the_url() {
        let download = download_url(
            &json!({"path": "/tmp/gradio/ab/image 1%.webp", "url": "http://10.0.0.7/x"}),
        );
        let expected =
            "https://owner-name.hf.space/gradio_api/file=/tmp/gradio/ab/image%201%25.webp";
        assert_eq!(
            (download.url.as_str(), download.is_same_origin),
            (expected, true)
        );
    }

    #[test]
    fn special_characters_in_a_path_are_escaped() {
        let download = download_url(&json!({"path": "/tmp/a?b#c.png", "url": null}));
        assert_eq!(download.url.path(), "/gradio_api/file=/tmp/a%3Fb%23c.png");
    }

    #[test]
    fn origins_are_compared_with_the_space() {
        assert_eq!(
            download_url(&json!({"url": "/file=/tmp/a.png"}))
                .url
                .as_str(),
            "https://owner-name.hf.space/file=/tmp/a.png"
        );
        let foreign = download_url(&json!("https://cdn.example.org/a.png"));
        assert!(!foreign.is_same_origin);
        assert!(!download_url(&json!({"path": "http://owner-name.hf.space/a.png"})).is_same_origin);
    }

    #[test]
    fn a_data_url_contains_the_file() {
        let file = FileRef::from_value(&json!("data:image/png;base64,aGk=")).expect("a file");
        assert_eq!(file.inline().expect("inline").expect("bytes"), b"hi");
        let malformed = FileRef::from_value(&json!("data:image/png;base64,a?")).expect("a file");
        assert!(malformed.inline().expect("inline").is_err());
    }

    #[test]
    fn other_values_are_not_files() {
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
