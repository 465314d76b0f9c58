//! A request's headers, checked as they are given.

use reqwest::header::{
    AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION,
};

use crate::error::{Error, ErrorKind};

/// Headers whose values must not show in the library's logs.
fn is_sensitive(name: &HeaderName) -> bool {
    [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name)
        || name == "x-hf-authorization"
        || name.as_str().ends_with("api-key")
}

/// Sets a header, in place of an earlier one of that name.
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), Error> {
    let invalid = |message| Error::new(ErrorKind::InvalidHeader, message);
    let name = HeaderName::try_from(name).map_err(|_| {
        invalid(format!(
            "the header name {name:?} has characters other than letters, digits and dashes"
        ))
    })?;
    // The value may be a credential, so the message does not quote it.
    let mut value = HeaderValue::try_from(value).map_err(|_| {
        invalid(format!(
            "the value of the header {name} has a line break or another control character"
        ))
    })?;
    value.set_sensitive(is_sensitive(&name));
    headers.insert(name, value);
    Ok(())
}

/// Removes what must not reach another origin: every header but those that say what is sent and
/// what is wanted, because a service may carry its key under any name.
pub(crate) fn drop_credentials(headers: &mut HeaderMap) {
    const HARMLESS: [&str; 6] = [
        "accept",
        "accept-language",
        "content-type",
        "prefer",
        "range",
        "user-agent",
    ];
    let names: Vec<HeaderName> = headers
        .keys()
        .filter(|name| !HARMLESS.contains(&name.as_str()))
        .cloned()
        .collect();
    for name in names {
        headers.remove(name);
    }
}
