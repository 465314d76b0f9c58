//! Rewriting a request for a redirect.

use reqwest::Method;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use url::Url;

use crate::error::{Error, ErrorKind, has_user};
use crate::headers::drop_credentials;
use crate::outgoing::Outgoing;

/// The number of redirects that are followed.
pub(crate) const MAX_REDIRECTS: usize = 5;

/// The `Location` of a redirect to follow; `None` for any other response.
pub(crate) fn location(status: u16, headers: &HeaderMap) -> Option<&[u8]> {
    matches!(status, 301 | 302 | 303 | 307 | 308)
        .then(|| headers.get(LOCATION).map(HeaderValue::as_bytes))?
}

/// Rewrites the request for the redirect's target.
///
/// As browsers do (Fetch, "HTTP-redirect fetch"): 303 makes any request a GET, 301 and 302 make a
/// POST a GET, 307 and 308 change nothing. If the origin (scheme, host, port) changes, only
/// harmless headers are kept, and the username and password of the URL are dropped.
pub(crate) fn follow(request: &mut Outgoing, status: u16, location: &[u8]) -> Result<(), Error> {
    let error = |message: &str| Error::new(ErrorKind::Redirect, message).with_url(&request.url);
    let text =
        str::from_utf8(location).map_err(|_| error("the redirect's location is not UTF-8"))?;
    let mut next = request
        .url
        .join(text)
        .map_err(|_| error("the redirect's location is not a URL"))?;
    if !matches!(next.scheme(), "http" | "https") {
        return Err(error("the redirect's scheme is not http or https"));
    }
    let becomes_get = match status {
        303 => request.method != Method::GET,
        301 | 302 => request.method == Method::POST,
        _ => false,
    };
    let is_downgrade = request.url.scheme() == "https" && next.scheme() == "http";
    if is_downgrade && !becomes_get && request.body.is_some() {
        return Err(error(
            "the redirect would send the request's body unencrypted",
        ));
    }
    if becomes_get {
        request.method = Method::GET;
        request.body = None;
        request.headers.remove(CONTENT_TYPE);
        request.headers.remove(CONTENT_LENGTH);
    }
    let same_origin = next.origin() == request.url.origin();
    if !same_origin {
        drop_credentials(&mut request.headers);
    }
    set_user(
        &mut next,
        if same_origin {
            Some(&request.url)
        } else {
            None
        },
    )
    .map_err(|()| error("the redirect's location cannot have a username"))?;
    request.url = next;
    Ok(())
}

/// Sets the username and password of `url` to those of `from`, never to those in the location.
fn set_user(url: &mut Url, from: Option<&Url>) -> Result<(), ()> {
    let from = from.filter(|from| has_user(from));
    url.set_username(from.map_or("", Url::username))?;
    url.set_password(from.and_then(Url::password))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use reqwest::header::AUTHORIZATION;

    fn post(url: &str) -> Outgoing {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer t0k"));
        let url = Url::parse(url).unwrap();
        Outgoing {
            method: Method::POST,
            url,
            headers,
            body: Some(Bytes::from_static(b"password=pw")),
        }
    }

    #[test]
    fn a_downgrade_to_http_sends_no_credentials_or_body() {
        let mut request = post("https://u:p@h.example/login");
        follow(&mut request, 303, b"http://h.example/").unwrap();
        assert_eq!(
            (request.url.as_str(), request.headers.len()),
            ("http://h.example/", 0)
        );
        for status in [307, 308] {
            let error = follow(
                &mut post("https://h.example/login"),
                status,
                b"http://h.example/",
            )
            .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Redirect);
        }
    }

    #[test]
    fn credentials_are_dropped_for_another_scheme_host_or_port() {
        for (location, kept) in [
            ("/there", true),
            ("//h.example/there", true),
            ("http://h.example:80/", true),
            ("https://h.example/", false),
            ("http://h.example:81/", false),
            ("http://a.h.example/", false),
            ("http://h.example.org/", false),
        ] {
            let mut request = post("http://h.example/");
            follow(&mut request, 307, location.as_bytes()).unwrap();
            assert_eq!(
                request.headers.contains_key(AUTHORIZATION),
                kept,
                "{location}"
            );
        }
    }
}
