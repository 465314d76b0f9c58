//! The proxy that a client goes through.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::error::{Error, ErrorKind, has_user, redacted};

/// A proxy's URL: `http`, `https`, `socks5` (names resolve here) or `socks5h` (names resolve at the
/// proxy), with user and password where the proxy wants them.
///
/// `Debug` and `Display` leave user and password out.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy(Url);

/// What is right, said in each error.
const RIGHT: &str = "a proxy is written http://HOST:PORT, https://HOST:PORT, socks5://HOST:PORT or \
                     socks5h://HOST:PORT, with USER:PASSWORD@ before the host where needed";

impl Proxy {
    /// Reads a proxy's URL, such as `http://user:pw@host:3128`.
    ///
    /// The port defaults to 80, 443 or 1080 by the scheme. A path, a query and a fragment are
    /// errors. The error never quotes the text, which may hold a password.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let invalid = |why: &str| Error::new(ErrorKind::InvalidProxy, format!("{why}: {RIGHT}"));
        if !text.contains("://") {
            return Err(invalid("the proxy has no scheme"));
        }
        let mut url = Url::parse(text.trim())
            .map_err(|error| invalid(&format!("the proxy is no URL ({error})")))?;
        if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
            let scheme = url.scheme();
            return Err(invalid(&format!(
                "the proxy's scheme {scheme:?} is not known"
            )));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(invalid("the proxy has no host"));
        }
        if url.port() == Some(0) {
            return Err(invalid("the proxy's port is 0"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("the proxy has more than a host and a port"));
        }
        if url.scheme().starts_with("socks")
            && url.port().is_none()
            && url.set_port(Some(1080)).is_err()
        {
            return Err(invalid("the proxy takes no port"));
        }
        Ok(Self(url))
    }

    /// The URL with its credentials, for the HTTP library alone.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// Whether reaching the proxy itself takes TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether the proxy answers a plain `http` request itself, with a 407 of its own.
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
    fn a_proxy_is_shown_without_its_user() {
        for (text, shown) in [
            ("http://user:pw@host:3128", "http://host:3128"),
            ("https://host/", "https://host"),
            ("socks5://user:pw@host", "socks5://host:1080"),
            ("socks5h://[::1]:9050", "socks5h://[::1]:9050"),
            (" http://host:3128 ", "http://host:3128"),
        ] {
            let proxy = Proxy::parse(text).unwrap();
            assert_eq!(proxy.to_string(), shown);
            assert!(!format!("{proxy:?}").contains("pw"));
        }
    }

    #[test]
    fn a_bad_proxy_says_what_is_right_and_keeps_the_password() {
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
