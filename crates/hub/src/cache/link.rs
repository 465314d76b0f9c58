//! Links from a snapshot to its blobs: symlinks, else hard links, else copies.

use std::fs;
use std::io;
use std::path::Path;

/// How a snapshot refers to a blob.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum LinkKind {
    /// A relative symlink, so that the cache can be moved. Windows requires developer mode for it.
    #[default]
    Symlink,
    /// A second name for the blob.
    Hard,
    /// A copy of the blob, for file systems without links.
    Copy,
}

/// Links `link` to a blob, with the first kind that the system allows, trying `first` first;
/// `relative` is the blob's path relative to the link's folder.
pub(super) fn link(first: LinkKind, relative: &str, blob: &Path, link: &Path) -> io::Result<()> {
    let order = [LinkKind::Symlink, LinkKind::Hard, LinkKind::Copy];
    let mut result = Ok(());
    for kind in order.into_iter().skip_while(|kind| *kind != first) {
        result = match kind {
            LinkKind::Symlink => symlink(relative, link),
            LinkKind::Hard => fs::hard_link(blob, link),
            LinkKind::Copy => fs::copy(blob, link).map(drop),
        };
        if result.is_ok() {
            break;
        }
    }
    result
}

#[cfg(unix)]
fn symlink(target: &str, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symlink(target: &str, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target.replace('/', "\\"), link)
}
