//! Real Gradio servers and proxies, installed by `tests/peers/setup`.
//!
//! `tests/run` starts one reference Space per Gradio version and the proxies, and passes their
//! addresses in `TEST_PEER_*` environment variables; most tests share these. A test that needs a
//! Space with its own flags, such as a short queue or a login, starts it with [`Space::start`].
//! A missing peer fails the test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fluxhop_http::{BodyLimits, Client, ClientOptions, RequestBuilder, Url};
use serde_json::Value;

/// The Gradio versions under test, as named in `.venvs`.
pub const GRADIOS: [&str; 3] = ["gradio4", "gradio5", "gradio6"];

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The value of `TEST_PEER_{NAME}`, set by `tests/run`: the address of `gradio4`, `gradio5` or
/// `gradio6`, the two addresses of `proxies`, or the path of `proxy_log`.
///
/// # Panics
///
/// If the variable is not set.
pub fn shared(name: &str) -> String {
    let variable = format!("TEST_PEER_{}", name.to_uppercase());
    std::env::var(&variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run the tests with `tests/run`, which starts the peers")
    })
}

/// The call statistics of the Space at `base` for `prompt`.
pub async fn stats(base: &str, prompt: &str) -> Value {
    send(Client::get, base, "stats", prompt).await
}

/// Waits until the Space's statistics count a call with `prompt` as `stat`.
///
/// # Panics
///
/// If that takes more than 20 seconds.
pub async fn wait_for_stat(base: &str, prompt: &str, stat: &str) {
    let poll = async {
        loop {
            if stats(base, prompt).await[stat].as_u64().unwrap_or_default() > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let limit = Duration::from_secs(20);
    let result = tokio::time::timeout(limit, poll).await;
    result.unwrap_or_else(|_| panic!("no call with prompt `{prompt}` was {stat} within 20 s"));
}

/// Releases the calls held for `prompt`.
pub async fn release(base: &str, prompt: &str) {
    send(Client::post, base, "release", prompt).await;
}

async fn send(
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
    let response = method(&client, &url).send().await.expect("a response");
    assert!(
        response.is_success(),
        "{path} returned status {}",
        response.status()
    );
    response.json(BodyLimits::default()).await.expect("JSON")
}

/// A reference Space started by one test and killed on drop.
pub struct Space {
    /// Its address, such as `http://127.0.0.1:41234`.
    pub url: String,
    child: Child,
}

impl Space {
    /// Starts the reference Space on this version of Gradio with these flags.
    ///
    /// # Panics
    ///
    /// If the version is not installed or the Space does not start.
    pub fn start(gradio: &str, flags: &[&str]) -> Self {
        let python = root().join(format!(".venvs/{gradio}/bin/python"));
        assert!(
            python.exists(),
            "{} is missing: install it with `tests/peers/setup {gradio}`",
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
            .expect("failed to start the reference Space");
        let mut line = String::new();
        let output = child.stdout.take().expect("stdout is piped");
        BufReader::new(output)
            .read_line(&mut line)
            .expect("failed to read stdout");
        let url = line
            .trim()
            .strip_prefix("READY ")
            .expect("the Space did not print READY");
        Self {
            url: url.to_owned(),
            child,
        }
    }

    /// Kills the process immediately, without a clean shutdown.
    pub fn kill(&mut self) {
        // Fails only if the process has already exited.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        self.kill();
    }
}
