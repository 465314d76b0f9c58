//! Real Gradio servers and proxies, from the folders that `tests/peers/setup` makes.
//!
//! The three reference Spaces and the proxies that most tests share are started once, by
//! `tests/run`, which tells their addresses in the environment; a test that needs a Space of its
//! own, with a short queue or a login, starts it with [`Space::start`]. Whatever is missing fails
//! the test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use fluxhop_http::{BodyLimits, Client, ClientOptions, RequestBuilder, Url};
use serde_json::Value;

/// The versions of Gradio, by the names of their folders.
pub const GRADIOS: [&str; 3] = ["gradio4", "gradio5", "gradio6"];

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The address of a server that `tests/run` started: `gradio4`, `gradio5`, `gradio6`,
/// `http_proxy` or `socks_proxy`.
///
/// # Panics
///
/// Where the tests were not started by `tests/run`.
pub fn shared(name: &str) -> String {
    let variable = format!("TEST_PEER_{}", name.to_uppercase());
    std::env::var(&variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run the tests with tests/run"))
}

/// What the Space at `base` saw of the calls with `prompt`.
pub async fn stats(base: &str, prompt: &str) -> Value {
    ask(Client::get, base, "stats", prompt).await
}

/// Lets the calls that are held for `prompt` go on.
pub async fn release(base: &str, prompt: &str) {
    ask(Client::post, base, "release", prompt).await;
}

async fn ask(
    method: fn(&Client, &Url) -> RequestBuilder,
    base: &str,
    path: &str,
    prompt: &str,
) -> Value {
    let client = Client::new(ClientOptions::default()).expect("a client");
    let mut url = Url::parse(base)
        .and_then(|base| base.join(path))
        .expect("a URL");
    url.query_pairs_mut().append_pair("prompt", prompt);
    let response = method(&client, &url).send().await.expect("an answer");
    assert!(
        response.is_success(),
        "{path} answered {}",
        response.status()
    );
    response.json(BodyLimits::default()).await.expect("JSON")
}

/// A reference Space of a test's own; it ends when this is dropped.
pub struct Space {
    /// Where it answers, such as `http://127.0.0.1:41234`.
    pub url: String,
    child: Child,
}

impl Space {
    /// Starts the reference Space on a version of Gradio, with flags of its own.
    ///
    /// # Panics
    ///
    /// Where the version is not installed or the Space does not come up.
    pub fn start(gradio: &str, flags: &[&str]) -> Self {
        let python = root().join(format!(".venvs/{gradio}/bin/python"));
        assert!(
            python.exists(),
            "{} is missing: run tests/peers/setup",
            python.display()
        );
        let mut child = Command::new(python)
            .arg(root().join("tests/peers/reference_space.py"))
            .arg("--exit-with-stdin")
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the reference Space starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("piped");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let url = line
            .trim()
            .strip_prefix("READY ")
            .expect("the Space says that it is ready");
        Self {
            url: url.to_owned(),
            child,
        }
    }

    /// Kills it at once, as a machine that loses power does.
    pub fn kill(&mut self) {
        // It may have ended by itself, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        self.kill();
    }
}
