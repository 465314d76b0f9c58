//! Names of repositories, revisions and blobs.

/// The maximum length of an owner or a name on the hub, in bytes.
const MAX_LEN: usize = 96;

/// Returns whether `text` is `OWNER/NAME`, as the names of models and Spaces are written.
pub fn is_repo_name(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(owner, name)| is_name(owner) && is_name(name))
}

/// Returns whether `part` can be one segment of a URL path and of a file path.
pub(crate) fn is_name(part: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=MAX_LEN).contains(&part.len()) && part.bytes().all(is_allowed) && !part.starts_with('.')
}
