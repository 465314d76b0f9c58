//! The address of a Space: a URL, or a name on the hub.

use std::fmt;
use std::str::FromStr;

use fluxhop_hub::is_repo_name;
use url::Url;

use crate::{Error, ErrorKind, Result};

/// The address of a Space: a URL, a name on the hub (`owner/name`), or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    base: Option<Url>,
    space: Option<String>,
}

impl Address {
    /// Parses `owner/name`, `https://huggingface.co/spaces/owner/name`, or the URL of any Gradio
    /// server, including the path it is mounted at, if any.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if !text.contains("://") {
            return space_name(text)
                .map(|space| Self {
                    base: None,
                    space: Some(space),
                })
                .ok_or_else(|| invalid(text));
        }
        let mut url = Url::parse(text).map_err(|error| invalid(text).with_source(error))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(invalid(text));
        }
        if !url.username().is_empty() || url.password().is_some() {
            let message = "the address contains credentials; pass them as the login instead";
            return Err(Error::new(ErrorKind::InvalidAddress, message));
        }
        if url.host_str() == Some("huggingface.co") {
            let name = url
                .path()
                .trim_matches('/')
                .strip_prefix("spaces/")
                .and_then(space_name);
            return name
                .map(|space| Self {
                    base: None,
                    space: Some(space),
                })
                .ok_or_else(|| invalid(text));
        }
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self {
            base: Some(url),
            space: None,
        })
    }

    /// Sets the Space's name on the hub, which is needed to query its state.
    #[must_use]
    pub fn with_space(mut self, space: impl Into<String>) -> Self {
        self.space = Some(space.into());
        self
    }

    /// The server's root URL, ending in `/`; `None` if only the name is known.
    pub fn base(&self) -> Option<&Url> {
        self.base.as_ref()
    }

    /// The name on the hub, `owner/name`.
    pub fn space(&self) -> Option<&str> {
        self.space.as_deref()
    }
}

fn space_name(text: &str) -> Option<String> {
    let name = text.trim_end_matches('/');
    is_repo_name(name).then(|| name.to_owned())
}

fn invalid(text: &str) -> Error {
    let text = crate::error::excerpt(text);
    let message = format!(
        "`{text}` is not a Space; expected OWNER/NAME or a URL such as http://127.0.0.1:7860"
    );
    Error::new(ErrorKind::InvalidAddress, message)
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.base, &self.space) {
            (Some(base), _) => f.write_str(base.as_str().trim_end_matches('/')),
            (None, Some(space)) => f.write_str(space),
            (None, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hub_pages_and_server_urls_are_parsed() {
        let space = |text| {
            Address::parse(text)
                .expect("an address")
                .space()
                .map(str::to_owned)
        };
        assert_eq!(space("someone/a-space").as_deref(), Some("someone/a-space"));
        let page = "https://huggingface.co/spaces/black-forest-labs/FLUX.1-schnell";
        assert_eq!(
            space(page).as_deref(),
            Some("black-forest-labs/FLUX.1-schnell")
        );
        let url = Address::parse("http://127.0.0.1:7860/app?x=1#y").expect("an address");
        assert_eq!(
            url.base().map(Url::as_str),
            Some("http://127.0.0.1:7860/app/")
        );
        assert_eq!(url.to_string(), "http://127.0.0.1:7860/app");
    }

    #[test]
    fn invalid_addresses_are_rejected() {
        for text in [
            "",
            "cat",
            "a/b/c",
            "/b",
            "a/",
            "ftp://x/y",
            "http://",
            "a b/c",
            "../x",
            "./x",
        ] {
            let error = Address::parse(text).expect_err(text);
            assert_eq!(error.kind(), &ErrorKind::InvalidAddress, "{text}");
        }
    }

    #[test]
    fn credentials_in_a_url_are_rejected_and_not_printed() {
        let error = Address::parse("http://me:hunter2@host/").expect_err("credentials");
        assert!(!error.to_string().contains("hunter2"));
    }
}
