//! A hub of models on a socket, for the binary.

use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;

use fluxhop_tests::fault::{FaultServer, Script};
use fluxhop_tests::hub::Model;

use crate::support::{Place, Ran};

/// A hub and its storage, on a thread of their own until this is dropped.
pub(crate) struct Hub {
    server: FaultServer,
    pub(crate) storage: FaultServer,
    end: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Hub {
    pub(crate) fn new(model: &Model) -> Self {
        Self::with(model, |hub| hub, |storage| storage)
    }

    pub(crate) fn with(
        model: &Model,
        hub: impl FnOnce(Script) -> Script + Send + 'static,
        storage: impl FnOnce(Script) -> Script + Send + 'static,
    ) -> Self {
        let (started, servers) = mpsc::channel();
        let (end, ended) = tokio::sync::oneshot::channel();
        let model = model.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async {
                let storage = FaultServer::start(storage(model.stored())).await;
                let hub = hub(model.on(Script::empty(), &storage.url()));
                let hub = FaultServer::start(hub).await;
                started.send((hub, storage)).expect("waited for");
                ended.await.ok();
            });
        });
        let (server, storage) = servers.recv().expect("started");
        let (end, thread) = (Some(end), Some(thread));
        Self {
            server,
            storage,
            end,
            thread,
        }
    }

    /// A command that reaches this hub.
    pub(crate) fn command(&self, place: &Place, arguments: &[&str]) -> Command {
        let mut command = place.command(arguments);
        command
            .env("HF_ENDPOINT", self.server.url())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, place: &Place, arguments: &[&str]) -> Ran {
        Ran::new(&self.command(place, arguments).output().expect("it ran"))
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("no panic");
        }
    }
}
