//! The floor: the three requests that an image needs, with only reqwest.
//!
//! With `--atomic` as the first argument it writes files atomically, as fluxhop does: temporary name,
//! fsync, rename.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use peers_rust::{Arguments, Failure, drive};
use reqwest::{Client, header::CONTENT_TYPE};
use serde_json::Value;

const CALL: &str = r#"{"data":["a cat wearing a hat",7,false,256,256,4]}"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::read()?;
    let client = Client::new();
    drive(&arguments, async |path: PathBuf| {
        let image = fetch(&client, &arguments.url).await?;
        if arguments.atomic {
            write_atomic(&path, &image)?;
        } else {
            fs::write(path, image)?;
        }
        Ok(())
    })
    .await;
    Ok(())
}

async fn fetch(client: &Client, url: &str) -> Result<Bytes, Failure> {
    let response = client
        .post(format!("{url}/gradio_api/call/infer"))
        .header(CONTENT_TYPE, "application/json")
        .body(CALL)
        .send()
        .await?
        .error_for_status()?
        .bytes()
        .await?;
    let response: Value = serde_json::from_slice(&response)?;
    let event = response["event_id"].as_str().ok_or("no event_id")?;
    let file = result(client, url, event).await?;
    let image = client
        .get(format!("{url}/gradio_api/file={file}"))
        .send()
        .await?
        .error_for_status()?
        .bytes()
        .await?;
    Ok(image)
}

fn write_atomic(path: &Path, image: &[u8]) -> Result<(), Failure> {
    let part = path.with_extension("part");
    let mut file = File::create_new(&part)?;
    file.write_all(image)?;
    file.sync_all()?;
    fs::rename(part, path)?;
    Ok(())
}

/// Reads the call's stream to its end and returns the image's path on the server.
async fn result(client: &Client, url: &str, event: &str) -> Result<String, Failure> {
    let mut stream = client
        .get(format!("{url}/gradio_api/queue/data?session_hash={event}"))
        .send()
        .await?
        .error_for_status()?;
    let mut text = Vec::new();
    while let Some(chunk) = stream.chunk().await? {
        text.extend_from_slice(&chunk);
    }
    let completed = text
        .split(|byte| *byte == b'\n')
        .filter_map(|line| line.strip_prefix(b"data: "))
        .map(serde_json::from_slice::<Value>)
        .find(|message| matches!(message, Ok(message) if message["msg"] == "process_completed"))
        .ok_or("no process_completed")??;
    let path = completed["output"]["data"][0]["path"].as_str();
    Ok(path.ok_or("no image")?.to_owned())
}
