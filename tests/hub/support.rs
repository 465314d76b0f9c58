//! The fixture of the tests: a hub, its storage, and a cache in a temporary folder.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use fluxhop::hub::{Cache, Hub, HubOptions, ModelSource, PullEvent};
use fluxhop::{Error, Result};
use fluxhop_http::{Client, ClientOptions, Secret, Url};
use fluxhop_tests::fault::{FaultServer, Script};
use fluxhop_tests::hub::Model;
use futures_util::StreamExt;

/// The model of most tests: a config file on the hub, and weights in its storage.
pub(crate) fn model() -> Model {
    Model::new("a/b")
        .with_text("config.json", "{}")
        .with_weights(WEIGHTS, 3 << 20)
}

pub(crate) const WEIGHTS: &str = "deep/down/model.safetensors";

/// A hub, its storage, and an empty cache.
pub(crate) struct Fixture {
    pub(crate) hub: FaultServer,
    pub(crate) storage: FaultServer,
    pub(crate) cache: Cache,
    _folder: tempfile::TempDir,
}

impl Fixture {
    /// Serves `model`; `hub` and `storage` adjust the scripts of the two servers.
    pub(crate) async fn with(
        model: &Model,
        hub: impl FnOnce(Script) -> Script,
        storage: impl FnOnce(Script) -> Script,
    ) -> Self {
        let storage = FaultServer::start(storage(model.storage_script())).await;
        let hub = hub(model.hub_script(&storage.url()));
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

    /// A client for the hub that retries without delay.
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
        let mut received = Vec::new();
        while let Some(event) = events.next().await {
            received.push(event?);
        }
        Ok(received)
    }

    /// Pulls the model and returns the error.
    pub(crate) async fn pull_error(&self) -> Error {
        self.pull().await.expect_err("pull succeeded")
    }

    /// The folder of the model's blobs.
    pub(crate) fn blobs(&self) -> PathBuf {
        self.cache.folder().join("models--a--b/blobs")
    }

    /// The contents of an incomplete blob.
    pub(crate) fn partial(&self, etag: &str) -> Vec<u8> {
        fs::read(self.blobs().join(format!("{etag}.incomplete")))
            .expect("failed to read the partial file")
    }

    /// Asserts that the cache has these files of `model` with their contents, and no partial files.
    pub(crate) fn assert_cached(&self, model: &Model, paths: &[&str]) {
        let source = ModelSource::parse("a/b").expect("a valid name");
        let folder = self.cache.find(&source).expect("not in the cache");
        for path in paths {
            let bytes = fs::read(folder.join(path)).expect("failed to read the file");
            assert!(bytes == model.file(path).bytes, "{path} has wrong contents");
        }
        let models = self.cache.models().expect("failed to read the cache");
        assert!(models.iter().all(|model| model.complete), "{models:?}");
    }
}

/// The overall progress at one event.
#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) total_done: u64,
    pub(crate) total: u64,
}

/// The overall progress at each progress event.
pub(crate) fn progress(events: &[PullEvent]) -> Vec<Progress> {
    let progress = |event: &PullEvent| match *event {
        PullEvent::Progress {
            total_done, total, ..
        } => Some(Progress { total_done, total }),
        _ => None,
    };
    events.iter().filter_map(progress).collect()
}
