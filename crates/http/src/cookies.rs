//! A cookie jar that is stricter than a browser's.

use std::sync::{PoisonError, RwLock};

use cookie_store::CookieStore;
use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};
use url::Url;

/// Sends each cookie only to the host that set it, and a cookie set over TLS only over TLS.
///
/// Subdomains of one domain, such as `*.hf.space`, belong to different people, and the public suffix
/// list would take a megabyte. A redirect to plain `http` on the same host must not leak a
/// session.
#[derive(Debug, Default)]
pub(crate) struct Cookies(RwLock<CookieStore>);

impl Cookies {
    /// Stores the cookies of a response; invalid ones are ignored.
    pub(crate) fn store(&self, headers: &HeaderMap, url: &Url) {
        let over_tls = url.scheme() == "https";
        for header in headers.get_all(SET_COOKIE) {
            let Some(cookie) = narrow(header, over_tls) else {
                continue;
            };
            let mut jar = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = jar.parse(&cookie, url) {
                tracing::debug!(%error, "ignoring a cookie");
            }
        }
    }

    /// The `Cookie` header for a request to `url`.
    pub(crate) fn header(&self, url: &Url) -> Option<HeaderValue> {
        let jar = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let pairs = jar.get_request_values(url);
        let pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if pairs.is_empty() {
            return None;
        }
        let mut header = HeaderValue::try_from(pairs.join("; ")).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

/// Removes the domain from a `Set-Cookie` value, and adds `Secure` if it was set over TLS.
fn narrow(header: &HeaderValue, over_tls: bool) -> Option<String> {
    let text = str::from_utf8(header.as_bytes()).ok()?;
    let mut parts = text.split(';');
    let mut narrowed = parts.next()?.to_owned();
    for attribute in parts {
        let name = attribute.split('=').next().unwrap_or(attribute).trim();
        if !name.eq_ignore_ascii_case("domain") {
            narrowed.push(';');
            narrowed.push_str(attribute);
        }
    }
    if over_tls {
        narrowed.push_str("; Secure");
    }
    Some(narrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_scoped_to_their_host_and_to_tls() {
        let cookies = Cookies::default();
        let set = |url: &str, cookie: &'static str| {
            let header = (SET_COOKIE, HeaderValue::from_static(cookie));
            cookies.store(&HeaderMap::from_iter([header]), &Url::parse(url).unwrap());
        };
        let get = |url: &str| {
            let header = cookies.header(&Url::parse(url).unwrap());
            header.map(|header| header.to_str().unwrap().to_owned())
        };
        set(
            "https://a.hf.example/x",
            "s=1; Domain=hf.example; Path=/; HttpOnly",
        );
        set("http://b.hf.example/x", "t=2; path=/; domain = .hf.example");
        assert_eq!(get("https://a.hf.example/"), Some("s=1".to_owned()));
        assert_eq!(get("http://a.hf.example/"), None);
        assert_eq!(get("http://b.hf.example/"), Some("t=2".to_owned()));
        assert_eq!(get("https://hf.example/"), None);
        assert_eq!(get("https://c.a.hf.example/"), None);
        set("https://a.hf.example/", "s=; Max-Age=0; Path=/");
        assert_eq!(get("https://a.hf.example/"), None);
    }
}
