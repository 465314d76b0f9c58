//! API calls and downloads through real forward proxies that require a password.

use fluxhop::providers::space::Space;
use fluxhop::{ErrorKind, ProviderExt, Request, Result, Seed};
use fluxhop_http::{Client, ClientOptions, Proxy};
use fluxhop_tests::{peer, picture};

use crate::support::{options, spaces};

/// The kinds and URLs of the HTTP and the SOCKS5 proxy, with `password` in the URL.
fn proxies(password: &str) -> Vec<(&'static str, String)> {
    let shared = peer::shared("proxies");
    let with_login = |url: &str| url.replacen("://", &format!("://me:{password}@"), 1);
    ["http", "socks5"]
        .into_iter()
        .zip(shared.split_whitespace().map(with_login))
        .collect()
}

/// The number of connections to `base` opened by the proxy of this kind.
fn connections(kind: &str, base: &str) -> usize {
    let path = peer::shared("proxy_log");
    let log = std::fs::read_to_string(path).expect("the proxies' log");
    let line = format!("{kind} {}", base.trim_start_matches("http://"));
    log.lines().filter(|logged| *logged == line).count()
}

async fn draw(proxy: &str, base: &str) -> Result<Vec<fluxhop::GeneratedImage>> {
    let mut client = ClientOptions::default();
    client.proxy = Some(Proxy::parse(proxy).expect("a proxy"));
    let space = Space::new(Client::new(client).expect("a client"), options(base, None))?;
    let request = Request::new("a red fox")
        .with_size(64, 64)
        .with_seed(Seed::Fixed(3));
    space.draw(request).await
}

#[tokio::test]
async fn images_are_drawn_through_authenticated_http_and_socks5_proxies() {
    for (gradio, base) in spaces() {
        for (kind, proxy) in proxies("hunter2") {
            let before = connections(kind, &base);
            let images = draw(&proxy, &base).await.expect(gradio);
            picture::assert_drawn(
                images[0].picture.as_ref().expect("not downloaded"),
                "a red fox",
                3,
            );
            assert!(
                connections(kind, &base) > before,
                "no connection to {gradio} through the {kind} proxy"
            );
        }
    }
}

#[tokio::test]
async fn wrong_proxy_password_is_unauthorized_and_not_printed() {
    let (_, base) = spaces().next().expect("a Space");
    for (kind, proxy) in proxies("sesame") {
        let error = draw(&proxy, &base).await.expect_err(kind);
        assert_eq!(error.kind(), &ErrorKind::Unauthorized, "{kind}: {error:?}");
        assert!(
            !format!("{error} {error:?}").contains("sesame"),
            "{error:?}"
        );
    }
}
