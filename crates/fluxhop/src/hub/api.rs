//! What the hub is asked: which files a model has, what a file is, and its bytes.

use std::time::Duration;

use fluxhop_http::{BodyLimits, RequestBuilder, Response, Url};
use serde::Deserialize;

use super::cache::stays_within;
use super::refusal::{refused, unreached};
use super::select::Listed;
use super::source::is_name;
use super::{Hub, ModelSource};
use crate::{Error, ErrorKind, Result};

/// How long the hub may take to begin an answer.
const ANSWER: Duration = Duration::from_secs(30);

/// A model's files at one commit.
pub(super) struct Version {
    pub(super) commit: String,
    pub(super) files: Vec<Listed>,
}

/// A file as it is wanted: its path, and what its bytes must be.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) repo: String,
    pub(super) commit: String,
    pub(super) path: String,
    /// The name of its blob.
    pub(super) etag: String,
    /// Whether the storage behind the hub keeps it, which has etags of its own.
    pub(super) linked: bool,
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
    /// Looks a model's revision up.
    pub(super) async fn version(&self, source: &ModelSource) -> Result<Version> {
        let path = ["api", "models"]
            .into_iter()
            .chain(source.repo().split('/'));
        let mut url = self.url(path.chain(["revision", source.revision()]));
        url.set_query(Some("blobs=true"));
        let response = self
            .send(self.client.get(&url), source.repo(), source.revision())
            .await?;
        let info: Info = response
            .json(BodyLimits::default())
            .await
            .map_err(unreached)?;
        if !is_name(&info.sha) {
            return Err(odd("a commit", &info.sha));
        }
        let file = |sibling: Sibling| {
            if stays_within(&sibling.rfilename) {
                let (path, size) = (sibling.rfilename, sibling.size);
                Ok(Listed { path, size })
            } else {
                Err(odd("a file's path", &sibling.rfilename))
            }
        };
        Ok(Version {
            commit: info.sha,
            files: info.siblings.into_iter().map(file).collect::<Result<_>>()?,
        })
    }

    /// Looks a file up, without its bytes.
    pub(super) async fn look(&self, repo: &str, commit: &str, path: &str) -> Result<Wanted> {
        let request = self
            .client
            .head(&self.resolve(repo, commit, path))
            .same_origin_only();
        let response = self.send(request, repo, commit).await?;
        let linked = response.header("x-linked-etag");
        let etag = linked.or(response.header("etag")).unwrap_or_default();
        let etag = etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"');
        if !is_name(etag) {
            return Err(odd("an etag", etag).with_context("file", path));
        }
        let length = if linked.is_some() {
            "x-linked-size"
        } else {
            "content-length"
        };
        let length = response
            .header(length)
            .or(response.header("content-length"));
        let size = length.and_then(|size| size.parse().ok());
        Ok(Wanted {
            repo: repo.to_owned(),
            commit: commit.to_owned(),
            path: path.to_owned(),
            etag: etag.to_owned(),
            linked: linked.is_some(),
            size: size.ok_or_else(|| odd("a file's size", "").with_context("file", path))?,
        })
    }

    /// Begins to read a file at its byte `from`; tells the byte that the answer begins at.
    pub(super) async fn open(&self, wanted: &Wanted, from: u64) -> Result<(Response, u64)> {
        let url = self.resolve(&wanted.repo, &wanted.commit, &wanted.path);
        let mut request = self.client.get(&url);
        if from > 0 {
            request = request.header("range", &format!("bytes={from}-"));
            if !wanted.linked {
                request = request.header("if-range", &format!("\"{}\"", wanted.etag));
            }
        }
        let response = self.send(request, &wanted.repo, &wanted.commit).await?;
        if response.status() != 206 {
            return Ok((response, 0));
        }
        let range = response.header("content-range").unwrap_or_default();
        let expected = format!("bytes {from}-{}/{}", wanted.size - 1, wanted.size);
        if range != expected {
            return Err(odd("the rest of a file", range).with_context("expected", expected));
        }
        Ok((response, from))
    }

    /// Sends a request to the hub; what is no success is an error in its words.
    async fn send(&self, request: RequestBuilder, repo: &str, revision: &str) -> Result<Response> {
        let mut request = request.timeout(ANSWER).guarded_on_redirect();
        if let Some(token) = &self.options.token {
            request = request.bearer(token);
        }
        let response = request.send().await.map_err(unreached)?;
        // A redirect that leaves the hub, to a request that stays there, tells of the file too.
        if response.is_success() || matches!(response.status(), 301..=308) {
            return Ok(response);
        }
        Err(refused(self, response, repo, revision).await)
    }

    fn resolve(&self, repo: &str, commit: &str, path: &str) -> Url {
        let parts = repo.split('/').chain(["resolve", commit]);
        self.url(parts.chain(path.split('/')))
    }

    /// The URL of these parts, each of them escaped.
    fn url<'a>(&self, parts: impl Iterator<Item = &'a str>) -> Url {
        let mut url = self.options.endpoint.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        url
    }
}

fn odd(what: &str, got: &str) -> Error {
    let got: String = got.chars().take(100).collect();
    let message = format!("expected {what} from the hub");
    Error::new(ErrorKind::Protocol, message).with_context("got", format!("{got:?}"))
}
