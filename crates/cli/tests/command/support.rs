//! Runs the binary in a temporary folder with a clean environment, and servers that do not respond.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A temporary home folder with an empty working folder and an empty configuration folder.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
}

/// The exit code and output of a finished command.
pub(crate) struct CommandOutput {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("failed to create a temporary folder");
        for name in ["work", "config"] {
            std::fs::create_dir(folder.path().join(name)).expect("failed to create the folder");
        }
        Self { folder }
    }

    /// The working folder.
    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// The user's configuration folder.
    pub(crate) fn config_dir(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    /// The environment variables of commands in this sandbox.
    pub(crate) fn env(&self) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("HOME", self.folder.path().to_owned()),
            ("XDG_CONFIG_HOME", self.config_dir()),
            ("PATH", std::env::var_os("PATH").unwrap_or_default().into()),
            ("COLUMNS", "100".into()),
        ]
    }

    /// Builds a command that runs the binary.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(arguments)
            .env_clear()
            .envs(self.env())
            .current_dir(self.dir());
        command
    }

    /// Runs the binary with an empty stdin and waits for it to exit.
    pub(crate) fn run(&self, arguments: &[&str]) -> CommandOutput {
        let output = self
            .command(arguments)
            .stdin(std::process::Stdio::null())
            .output();
        CommandOutput::new(&output.expect("failed to run fluxhop"))
    }

    /// The sorted names of the files in the working folder.
    pub(crate) fn files(&self) -> Vec<String> {
        names(&self.dir())
    }
}

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_fluxhop");

/// The sorted names of the entries of a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("failed to read the folder");
    let name = |entry: io::Result<std::fs::DirEntry>| {
        let name = entry.expect("failed to read a folder entry").file_name();
        name.into_string().expect("not valid UTF-8")
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

impl CommandOutput {
    pub(crate) fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("not valid UTF-8");
        Self {
            code: output.status.code().expect("no exit code"),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

/// A server that accepts connections and never responds.
pub(crate) struct SilentServer {
    listener: TcpListener,
}

impl SilentServer {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("failed to bind a port");
        Self { listener }
    }

    pub(crate) fn url(&self) -> String {
        format!(
            "http://{}",
            self.listener.local_addr().expect("no local address")
        )
    }

    /// Waits for a connection, which stays open until the returned stream is dropped.
    pub(crate) fn accept(&self) -> TcpStream {
        self.listener
            .accept()
            .expect("failed to accept a connection")
            .0
    }

    /// Whether no client has connected.
    pub(crate) fn had_no_clients(&self) -> bool {
        self.listener
            .set_nonblocking(true)
            .expect("failed to make the listener non-blocking");
        let accepted = self.listener.accept();
        accepted.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }
}
