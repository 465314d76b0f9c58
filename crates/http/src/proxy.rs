//! The proxy of a client.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::error::{Error, ErrorKind, has_user, redacted};

/// The URL of a proxy: `http`, `https`, `socks5` (names are resolved locally) or `socks5h` (names are
/// resolved by the proxy), with a username and password if the proxy requires them.
///
/// `Debug` and `Display` omit the username and password.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy(Url);

/// The expected form, appended to each error.
const EXPECTED: &str = "expected http://[USER:PASSWORD@]HOST:PORT, https://…, socks5://… or \
                        socks5h://HOST:PORT";

impl Proxy {
    /// Parses a proxy's URL, such as `http://user:pw@host:3128`.
    ///
    /// The port defaults to 80, 443 or 1080, depending on the scheme. A path, query or fragment is an
    /// error. The error never contains the text, which may include a password.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let invalid =
            |reason: &str| Error::new(ErrorKind::InvalidProxy, format!("{reason}: {EXPECTED}"));
        if !text.contains("://") {
            return Err(invalid("the proxy has no scheme"));
        }
        let mut url = Url::parse(text.trim())
            .map_err(|error| invalid(&format!("the proxy is not a URL ({error})")))?;
        if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
            let scheme = url.scheme();
            return Err(invalid(&format!("unknown proxy scheme {scheme:?}")));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(invalid("the proxy has no host"));
        }
        if url.port() == Some(0) {
            return Err(invalid("the proxy's port is 0"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("the proxy URL has a path, query or fragment"));
        }
        if url.scheme().starts_with("socks")
            && url.port().is_none()
            && url.set_port(Some(1080)).is_err()
        {
            return Err(invalid("the proxy URL cannot have a port"));
        }
        Ok(Self(url))
    }

    /// The URL with its credentials.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// Whether the proxy itself responds to plain `http` requests, and may return 407.
    pub(crate) fn speaks_http(&self) -> bool {
        matches!(self.0.scheme(), "http" | "https")
    }

    pub(crate) fn has_credentials(&self) -> bool {
        has_user(&self.0)
    }
}

impl FromStr for Proxy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(redacted(&self.0).trim_end_matches('/'))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_omits_the_username() {
        for (text, expected) in [
            ("http://user:pw@host:3128", "http://host:3128"),
            ("https://host/", "https://host"),
            ("socks5://user:pw@host", "socks5://host:1080"),
            ("socks5h://[::1]:9050", "socks5h://[::1]:9050"),
            (" http://host:3128 ", "http://host:3128"),
        ] {
            let proxy = Proxy::parse(text).unwrap();
            assert_eq!(proxy.to_string(), expected);
            assert!(!format!("{proxy:?}").contains("pw"));
        }
    }

    #[test]
    fn errors_for_invalid_proxies_omit_the_password() {
        for text in [
            "host:3128",
            "user:hunter2@host:3128",
            "ftp://user:hunter2@host",
            "http://user:hunter2@",
            "http://user:hunter2@host:99999",
            "http://user:hunter2@host:0",
            "http://user:hunter2@host/path",
            "http://user:hunter2@host?x",
            "socks5://",
            "",
        ] {
            let error = Proxy::parse(text).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::InvalidProxy, "{text}");
            let printed = format!("{error} {error:?}");
            assert!(printed.contains("socks5h://HOST:PORT"), "{printed}");
            assert!(!printed.contains("hunter2"), "{printed}");
        }
    }
}
