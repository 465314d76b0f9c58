//! The Gradio client on its own.

use fluxhop_gradio::{Address, Client, ErrorKind, FileRef, Options, Update};
use fluxhop_tests::peer;
use futures_util::StreamExt;
use serde_json::json;

use crate::support::spaces;

async fn connect(base: &str) -> Client {
    let http = fluxhop_http::Client::new(fluxhop_http::ClientOptions::default()).expect("a client");
    let address = Address::parse(base).expect("an address");
    Client::connect(http, &address, Options::default())
        .await
        .expect("a connection")
}

#[tokio::test]
async fn endpoint_is_called_by_name_and_its_file_downloaded() {
    for (gradio, base) in spaces() {
        let client = connect(&base).await;
        let endpoint = client
            .api()
            .await
            .expect(gradio)
            .endpoint("infer")
            .expect(gradio);
        let named = [
            ("prompt", json!("a cat")),
            ("width", json!(64)),
            ("height", json!(64)),
        ];
        let values = endpoint.arguments(named).expect("arguments");
        let mut call = client.call("/infer", values);
        let mut last = None;
        while let Some(update) = call.next().await {
            last = Some(update.expect("an update"));
        }
        let Some(Update::Completed { data, .. }) = last else {
            panic!("{gradio}: {last:?}")
        };
        let file = FileRef::from_value(&data[0]).expect("a file");
        let bytes = client.download(&file).await.expect("the file");
        assert_eq!(fluxhop_http::sniff(&bytes), Some("image/webp"), "{gradio}");
    }
}

#[tokio::test]
async fn app_with_a_root_path_is_reachable() {
    for gradio in peer::GRADIOS {
        let space = peer::Space::start(gradio, &["--root-path", "/proxied"]);
        let client = connect(&space.url).await;
        assert!(
            client.api().await.expect(gradio).endpoint("/infer").is_ok(),
            "{gradio}"
        );
    }
}

#[tokio::test]
async fn non_gradio_server_is_rejected() {
    let (_, base) = spaces().next().expect("a Space");
    let http = fluxhop_http::Client::new(fluxhop_http::ClientOptions::default()).expect("a client");
    let address = Address::parse(&format!("{base}/no/such/app")).expect("an address");
    let error = Client::connect(http, &address, Options::default())
        .await
        .expect_err("no app");
    let kind = error.kind();
    assert!(
        matches!(kind, ErrorKind::NoEndpoint | ErrorKind::NotGradio { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn thirty_two_concurrent_calls_all_succeed() {
    for (gradio, base) in spaces() {
        let client = connect(&base).await;
        let calls = (0..32).map(|seed| {
            let mut call = client.call(
                "/infer",
                vec![
                    json!("many"),
                    json!(seed),
                    json!(false),
                    json!(64),
                    json!(64),
                    json!(1),
                ],
            );
            async move {
                while let Some(update) = call.next().await {
                    if let Update::Completed { data, .. } = update.expect("an update") {
                        return data[1].as_u64();
                    }
                }
                None
            }
        });
        let seeds = futures_util::future::join_all(calls).await;
        let expected: Vec<Option<u64>> = (0..32).map(Some).collect();
        assert_eq!(seeds, expected, "{gradio}");
    }
}
