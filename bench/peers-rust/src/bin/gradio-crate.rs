//! A driver of the crate `gradio`: connects once, then predicts, downloads and writes each image.

use std::{fs, path::PathBuf};

use gradio::{Client, ClientOptions, PredictionInput};
use peers_rust::{Arguments, Failure, drive};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::read()?;
    let client = Client::new(&arguments.url, ClientOptions::default()).await?;
    drive(&arguments, async |path| fetch(&client, path).await).await;
    Ok(())
}

async fn fetch(client: &Client, path: PathBuf) -> Result<(), Failure> {
    let inputs = vec![
        PredictionInput::from_value("a cat wearing a hat"),
        PredictionInput::from_value(7),
        PredictionInput::from_value(false),
        PredictionInput::from_value(256),
        PredictionInput::from_value(256),
        PredictionInput::from_value(4),
    ];
    let outputs = client.predict("/infer", inputs).await?;
    let file = outputs.into_iter().next().ok_or("no output")?.as_file()?;
    let image = file.download(Some(client.http_client.clone())).await?;
    fs::write(path, image)?;
    Ok(())
}
