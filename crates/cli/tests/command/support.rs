//! The binary in a folder of its own, with an environment of its own; and a server that is silent.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An empty working folder, home and configuration folder.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

/// What a command printed, and its exit code.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["here", "settings"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        Self { folder }
    }

    /// The working folder.
    pub(crate) fn here(&self) -> PathBuf {
        self.folder.path().join("here")
    }

    /// The user's configuration folder.
    pub(crate) fn settings(&self) -> PathBuf {
        self.folder.path().join("settings")
    }

    /// The variables of a command in this place.
    pub(crate) fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("HOME", self.folder.path().to_owned()),
            ("XDG_CONFIG_HOME", self.settings()),
            ("PATH", std::env::var_os("PATH").unwrap_or_default().into()),
            ("COLUMNS", "100".into()),
        ]
    }

    /// A command that is yet to run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(arguments)
            .env_clear()
            .envs(self.variables())
            .current_dir(self.here());
        command
    }

    /// Runs the binary to its end, with stdin closed.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self
            .command(arguments)
            .stdin(std::process::Stdio::null())
            .output();
        Ran::new(&output.expect("it ran"))
    }

    /// The names of the files in the working folder.
    pub(crate) fn files(&self) -> Vec<String> {
        names(&self.here())
    }
}

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_fluxhop");

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder");
    let name = |entry: io::Result<std::fs::DirEntry>| {
        let name = entry.expect("an entry").file_name();
        name.into_string().expect("UTF-8")
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

impl Ran {
    pub(crate) fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Self {
            code: output.status.code().expect("an exit code"),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

/// A server that accepts connections and never responds.
pub(crate) struct Silent {
    listener: TcpListener,
}

impl Silent {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        Self { listener }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().expect("an address"))
    }

    /// Waits for a connection; it stays open for as long as what is returned.
    pub(crate) fn accept(&self) -> TcpStream {
        self.listener.accept().expect("a connection").0
    }

    /// Whether no client has connected.
    pub(crate) fn had_no_clients(&self) -> bool {
        self.listener.set_nonblocking(true).expect("set");
        let accepted = self.listener.accept();
        accepted.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }
}

/// An address that refuses connections. The port stays bound, so that no other process can use it.
pub(crate) struct Refusing {
    socket: tokio::net::TcpSocket,
}

impl Refusing {
    pub(crate) fn new() -> Self {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        let any_port = "127.0.0.1:0".parse().expect("an address");
        socket.bind(any_port).expect("a port");
        Self { socket }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.socket.local_addr().expect("an address"))
    }
}
