//! Setting and filtering request headers.

use reqwest::header::{
    AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION,
};

use crate::error::{Error, ErrorKind};

/// Headers whose values must not appear in logs.
fn is_sensitive(name: &HeaderName) -> bool {
    [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name)
        || name == "x-hf-authorization"
        || name.as_str().ends_with("api-key")
}

/// Sets a header, replacing an earlier one of the same name.
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

/// Removes headers that must not reach another origin: all but a few known ones, because a
/// service may expect its key in a header of any name.
pub(crate) fn drop_credentials(headers: &mut HeaderMap) {
    const SAFE: [&str; 6] = [
        "accept",
        "accept-language",
        "content-type",
        "prefer",
        "range",
        "user-agent",
    ];
    let names: Vec<HeaderName> = headers
        .keys()
        .filter(|name| !SAFE.contains(&name.as_str()))
        .cloned()
        .collect();
    for name in names {
        headers.remove(name);
    }
}
