//! Requests about a model: its file list, a file's metadata, and its contents.

use fluxhop_http::{BodyLimits, Response, Url};
use serde::Deserialize;

use super::select::ListedFile;
use crate::ModelSource;
use crate::cache::is_relative_path;
use crate::error_response::Subject;
use crate::repo::is_name;
use crate::{Error, Hub, Result};

/// The files of a model at one commit.
pub(super) struct Revision {
    pub(super) commit: String,
    pub(super) files: Vec<ListedFile>,
}

/// A file to download, with its metadata.
#[derive(Clone, Debug)]
pub(super) struct RemoteFile {
    pub(super) repo: String,
    pub(super) commit: String,
    pub(super) path: String,
    /// The name of the blob in the cache.
    pub(super) etag: String,
    /// Whether the hub redirects to its storage, whose etags differ.
    pub(super) in_storage: bool,
    /// The size in bytes.
    pub(super) size: u64,
}

#[derive(Deserialize)]
struct Info {
    sha: String,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
}

impl Hub {
    /// Resolves a model's revision and lists its files.
    pub(super) async fn revision(&self, source: &ModelSource) -> Result<Revision> {
        let path = ["api", "models"]
            .into_iter()
            .chain(source.repo().split('/'));
        let mut url = self.url(path.chain(["revision", source.revision()]));
        url.set_query(Some("blobs=true"));
        let response = self
            .send(
                self.client.get(&url),
                &subject(source.repo(), source.revision()),
            )
            .await?;
        let info: Info = response.json(BodyLimits::default()).await?;
        if !is_name(&info.sha) {
            return Err(Error::protocol("a commit", &info.sha));
        }
        let file = |sibling: Sibling| {
            if is_relative_path(&sibling.rfilename) {
                let (path, size) = (sibling.rfilename, sibling.size);
                Ok(ListedFile { path, size })
            } else {
                Err(Error::protocol("a relative file path", &sibling.rfilename))
            }
        };
        Ok(Revision {
            commit: info.sha,
            files: info.siblings.into_iter().map(file).collect::<Result<_>>()?,
        })
    }

    /// Reads a file's metadata.
    pub(super) async fn metadata(
        &self,
        repo: &str,
        commit: &str,
        path: &str,
    ) -> Result<RemoteFile> {
        let request = self
            .client
            .head(&self.file_url(repo, commit, path))
            .same_origin_only();
        let response = self.send(request, &subject(repo, commit)).await?;
        let linked_etag = response.header("x-linked-etag");
        let etag = linked_etag.or(response.header("etag")).unwrap_or_default();
        let etag = etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"');
        if !is_name(etag) {
            return Err(Error::protocol("an etag", etag).with_context("file", path));
        }
        let size = linked_etag.and_then(|_| response.header("x-linked-size"));
        let size = size.or(response.header("content-length"));
        let size = size.and_then(|size| size.parse().ok());
        Ok(RemoteFile {
            repo: repo.to_owned(),
            commit: commit.to_owned(),
            path: path.to_owned(),
            etag: etag.to_owned(),
            in_storage: linked_etag.is_some(),
            size: size
                .ok_or_else(|| Error::protocol("a file size", "").with_context("file", path))?,
        })
    }

    /// Requests a file from byte `from` on; returns the offset that the response starts at.
    pub(super) async fn open(&self, file: &RemoteFile, from: u64) -> Result<(Response, u64)> {
        let url = self.file_url(&file.repo, &file.commit, &file.path);
        let mut request = self.client.get(&url);
        if from > 0 {
            request = request.header("range", &format!("bytes={from}-"));
            if !file.in_storage {
                request = request.header("if-range", &format!("\"{}\"", file.etag));
            }
        }
        let response = self
            .send(request, &subject(&file.repo, &file.commit))
            .await?;
        if response.status() != 206 {
            return Ok((response, 0));
        }
        let range = response.header("content-range").unwrap_or_default();
        let expected = format!("bytes {from}-{}/{}", file.size - 1, file.size);
        if range != expected {
            return Err(Error::protocol(&format!("the range `{expected}`"), range));
        }
        Ok((response, from))
    }

    fn file_url(&self, repo: &str, commit: &str, path: &str) -> Url {
        let segments = repo.split('/').chain(["resolve", commit]);
        self.url(segments.chain(path.split('/')))
    }
}

fn subject<'a>(repo: &'a str, revision: &'a str) -> Subject<'a> {
    Subject::Model { repo, revision }
}
