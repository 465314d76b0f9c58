//! The cookie jar, stricter than a browser's.

use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::cookie::{CookieStore as _, Jar};
use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};
use url::Url;

/// Keeps each cookie to the host that set it, and what came over TLS to TLS.
///
/// Hosts below one domain, such as `*.hf.space`, belong to different people; a list of such domains
/// would be a megabyte of data for what no server here needs. And a redirect to plain `http` on the
/// same host must not carry a session.
///
/// It is not given to the HTTP library, which would parse each request's URL anew to ask it.
#[derive(Debug, Default)]
pub(crate) struct Cookies {
    jar: Jar,
    /// Whether a server has ever set one.
    has_any: AtomicBool,
}

impl Cookies {
    /// Keeps what the response's headers set.
    pub(crate) fn keep(&self, headers: &HeaderMap, url: &Url) {
        let over_tls = url.scheme() == "https";
        let set = headers.get_all(SET_COOKIE).iter();
        let narrowed: Vec<HeaderValue> =
            set.filter_map(|header| narrow(header, over_tls)).collect();
        if !narrowed.is_empty() {
            self.jar.set_cookies(&mut narrowed.iter(), url);
            self.has_any.store(true, Ordering::Release);
        }
    }

    /// The header for a request to `url`.
    pub(crate) fn header(&self, url: &Url) -> Option<HeaderValue> {
        if !self.has_any.load(Ordering::Acquire) {
            return None;
        }
        let mut cookies = self.jar.cookies(url)?;
        cookies.set_sensitive(true);
        Some(cookies)
    }
}

/// The value of a `Set-Cookie` without its domain, and for TLS with `Secure`.
fn narrow(header: &HeaderValue, over_tls: bool) -> Option<HeaderValue> {
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
    HeaderValue::try_from(narrowed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_stays_at_its_host_and_on_tls() {
        let cookies = Cookies::default();
        let set = |url: &str, cookie: &'static str| {
            let header = (SET_COOKIE, HeaderValue::from_static(cookie));
            cookies.keep(&HeaderMap::from_iter([header]), &Url::parse(url).unwrap());
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
