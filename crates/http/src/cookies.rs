//! The cookie jar, stricter than a browser's.

use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::HeaderValue;
use url::Url;

/// Keeps each cookie to the host that set it, and what came over TLS to TLS.
///
/// Hosts below one domain, such as `*.hf.space`, belong to different people; a list of such domains
/// would be a megabyte of data for what no server here needs. And a redirect to plain `http` on the
/// same host must not carry a session.
#[derive(Debug, Default)]
pub(crate) struct Cookies(Jar);

impl CookieStore for Cookies {
    fn set_cookies(&self, headers: &mut dyn Iterator<Item = &HeaderValue>, url: &Url) {
        let over_tls = url.scheme() == "https";
        let narrowed: Vec<HeaderValue> = headers
            .filter_map(|header| narrow(header, over_tls))
            .collect();
        self.0.set_cookies(&mut narrowed.iter(), url);
    }

    fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        let mut cookies = self.0.cookies(url)?;
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
            let header = HeaderValue::from_static(cookie);
            cookies.set_cookies(&mut [&header].into_iter(), &Url::parse(url).unwrap());
        };
        let get = |url: &str| {
            let header = cookies.cookies(&Url::parse(url).unwrap());
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
