//! What the hub is asked about a model: which files it has, a file's metadata, and its bytes.

use fluxhop_http::{BodyLimits, Response, Url};
use serde::Deserialize;

use super::ModelSource;
use super::select::Listed;
use crate::cache::is_relative_path;
use crate::error_response::Subject;
use crate::repo::is_name;
use crate::{Error, Hub, Result};

/// A model's files at one commit.
pub(super) struct Version {
    pub(super) commit: String,
    pub(super) files: Vec<Listed>,
}

/// A file to download, and what its bytes must be.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) repo: String,
    pub(super) commit: String,
    pub(super) path: String,
    /// The name of its blob.
    pub(super) etag: String,
    /// Whether it is in the storage behind the hub, whose own etags differ.
    pub(super) linked: bool,
    /// Its size in bytes.
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
    pub(super) async fn version(&self, source: &ModelSource) -> Result<Version> {
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
                Ok(Listed { path, size })
            } else {
                Err(Error::protocol("a relative file path", &sibling.rfilename))
            }
        };
        Ok(Version {
            commit: info.sha,
            files: info.siblings.into_iter().map(file).collect::<Result<_>>()?,
        })
    }

    /// Reads a file's metadata.
    pub(super) async fn metadata(&self, repo: &str, commit: &str, path: &str) -> Result<Wanted> {
        let request = self
            .client
            .head(&self.file_url(repo, commit, path))
            .same_origin_only();
        let response = self.send(request, &subject(repo, commit)).await?;
        let linked = response.header("x-linked-etag");
        let etag = linked.or(response.header("etag")).unwrap_or_default();
        let etag = etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"');
        if !is_name(etag) {
            return Err(Error::protocol("an etag", etag).with_context("file", path));
        }
        let size = linked.and_then(|_| response.header("x-linked-size"));
        let size = size.or(response.header("content-length"));
        let size = size.and_then(|size| size.parse().ok());
        Ok(Wanted {
            repo: repo.to_owned(),
            commit: commit.to_owned(),
            path: path.to_owned(),
            etag: etag.to_owned(),
            linked: linked.is_some(),
            size: size
                .ok_or_else(|| Error::protocol("a file size", "").with_context("file", path))?,
        })
    }

    /// Requests a file from byte `from` on; returns the offset that the response starts at.
    pub(super) async fn open(&self, wanted: &Wanted, from: u64) -> Result<(Response, u64)> {
        let url = self.file_url(&wanted.repo, &wanted.commit, &wanted.path);
        let mut request = self.client.get(&url);
        if from > 0 {
            request = request.header("range", &format!("bytes={from}-"));
            if !wanted.linked {
                request = request.header("if-range", &format!("\"{}\"", wanted.etag));
            }
        }
        let response = self
            .send(request, &subject(&wanted.repo, &wanted.commit))
            .await?;
        if response.status() != 206 {
            return Ok((response, 0));
        }
        let range = response.header("content-range").unwrap_or_default();
        let expected = format!("bytes {from}-{}/{}", wanted.size - 1, wanted.size);
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
