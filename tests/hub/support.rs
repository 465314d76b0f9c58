//! How the tests pull: a hub, the storage behind it, and a cache in a folder of its own.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use fluxhop::hub::{Cache, Hub, HubOptions, ModelSource, PullEvent};
use fluxhop::{Error, Result};
use fluxhop_http::{Client, ClientOptions, Secret, Url};
use fluxhop_tests::fault::{FaultServer, Script};
use fluxhop_tests::hub::Model;
use futures_util::StreamExt;

/// The model of most tests: a text that the hub has and weights that the storage has.
pub(crate) fn model() -> Model {
    Model::new("a/b")
        .with_text("config.json", "{}")
        .with_weights(WEIGHTS, 3 << 20)
}

pub(crate) const WEIGHTS: &str = "deep/down/model.safetensors";

/// A hub with its storage, and a cache.
pub(crate) struct Place {
    pub(crate) hub: FaultServer,
    pub(crate) storage: FaultServer,
    pub(crate) cache: Cache,
    _folder: tempfile::TempDir,
}

impl Place {
    /// A place where `model` is to be had, less what the changes to the two servers make of it.
    pub(crate) async fn with(
        model: &Model,
        hub: impl FnOnce(Script) -> Script,
        storage: impl FnOnce(Script) -> Script,
    ) -> Self {
        let storage = FaultServer::start(storage(model.stored())).await;
        let hub = hub(model.on(Script::empty(), &storage.url()));
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            hub: FaultServer::start(hub).await,
            storage,
            cache: Cache::new(folder.path()),
            _folder: folder,
        }
    }

    pub(crate) async fn new(model: &Model) -> Self {
        Self::with(model, |script| script, |script| script).await
    }

    /// A hub that retries at once.
    pub(crate) fn hub(&self, token: Option<&str>) -> Hub {
        let mut options = HubOptions::default();
        options.endpoint = Url::parse(&self.hub.url()).expect("a URL");
        options.token = token.map(Secret::from);
        options.retries = 2;
        options.retry_delay = Duration::ZERO;
        let client = Client::new(ClientOptions::default()).expect("a client");
        Hub::new(client, options)
    }

    pub(crate) async fn pull(&self) -> Result<Vec<PullEvent>> {
        self.pull_with("a/b", &[], None).await
    }

    pub(crate) async fn pull_with(
        &self,
        name: &str,
        patterns: &[&str],
        token: Option<&str>,
    ) -> Result<Vec<PullEvent>> {
        let patterns = patterns.iter().map(|pattern| (*pattern).to_owned());
        let source = fluxhop::hub::resolve(name)?.with_files(patterns.collect());
        let mut events = self.hub(token).pull(&self.cache, source);
        let mut seen = Vec::new();
        while let Some(event) = events.next().await {
            seen.push(event?);
        }
        Ok(seen)
    }

    /// The error of a pull.
    pub(crate) async fn fails(&self) -> Error {
        self.pull().await.expect_err("no model")
    }

    /// The folder of the model's blobs.
    pub(crate) fn blobs(&self) -> PathBuf {
        self.cache.folder().join("models--a--b/blobs")
    }

    /// The bytes of a blob that is not whole.
    pub(crate) fn partial(&self, etag: &str) -> Vec<u8> {
        fs::read(self.blobs().join(format!("{etag}.incomplete"))).expect("a part")
    }

    /// Whether every file of `model` is here, under its name, with its bytes, and nothing else.
    pub(crate) fn assert_here(&self, model: &Model, paths: &[&str]) {
        let source = ModelSource::parse("a/b").expect("a name");
        let folder = self.cache.find(&source).expect("a version");
        for path in paths {
            let bytes = fs::read(folder.join(path)).expect("the file");
            assert!(bytes == model.file(path).bytes, "{path} has other bytes");
        }
        let models = self.cache.models().expect("read");
        assert!(models.iter().all(|model| model.complete), "{models:?}");
    }
}

/// The last progress that was told of a file.
pub(crate) fn progress(events: &[PullEvent]) -> Vec<(u64, u64, u64, u64)> {
    let of = |event: &PullEvent| match event {
        PullEvent::Progress {
            done,
            of,
            all_done,
            all_of,
            ..
        } => Some((*done, *of, *all_done, *all_of)),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}
