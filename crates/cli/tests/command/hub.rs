//! A local model hub for the binary to download from.

use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;

use fluxhop_tests::fault::{FaultServer, Script};
use fluxhop_tests::hub::Model;

use crate::support::{CommandOutput, Sandbox};

/// A hub and its file storage, which run on a background thread until this is dropped.
pub(crate) struct Hub {
    server: FaultServer,
    pub(crate) storage: FaultServer,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
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
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let model = model.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("failed to build a runtime").block_on(async {
                let storage = FaultServer::start(storage(model.storage_script())).await;
                let hub = hub(model.hub_script(&storage.url()));
                let hub = FaultServer::start(hub).await;
                started.send((hub, storage)).expect("test has ended");
                stopped.await.ok();
            });
        });
        let (server, storage) = servers.recv().expect("failed to start the servers");
        let (stop, thread) = (Some(stop), Some(thread));
        Self {
            server,
            storage,
            stop,
            thread,
        }
    }

    /// Builds a command that uses this hub.
    pub(crate) fn command(&self, sandbox: &Sandbox, arguments: &[&str]) -> Command {
        let mut command = sandbox.command(arguments);
        command
            .env("HF_ENDPOINT", self.server.url())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, sandbox: &Sandbox, arguments: &[&str]) -> CommandOutput {
        CommandOutput::new(
            &self
                .command(sandbox, arguments)
                .output()
                .expect("failed to run fluxhop"),
        )
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("hub thread panicked");
        }
    }
}
