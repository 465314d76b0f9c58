//! Drawing through real forward proxies with a password: API and downloads alike.

use fluxhop::providers::space::Space;
use fluxhop::{ErrorKind, ProviderExt, Request, Result, Seed};
use fluxhop_http::{Client, ClientOptions, Proxy};
use fluxhop_tests::{peer, picture};

use crate::support::{options, spaces};

/// The proxies' addresses with this password: HTTP, then SOCKS5.
fn proxies(password: &str) -> Vec<(&'static str, String)> {
    let shared = peer::shared("proxies");
    let with_login = |url: &str| url.replacen("://", &format!("://me:{password}@"), 1);
    ["http", "socks5"]
        .into_iter()
        .zip(shared.split_whitespace().map(with_login))
        .collect()
}

/// How many connections to `base` the proxy of this kind has opened.
fn connections(kind: &str, base: &str) -> usize {
    let path = peer::shared("proxy_log");
    let log = std::fs::read_to_string(path).expect("the proxies' log");
    let line = format!("{kind} {}", base.trim_start_matches("http://"));
    log.lines().filter(|own| *own == line).count()
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
async fn pictures_are_drawn_through_an_http_and_a_socks5_proxy_with_a_password() {
    for (gradio, base) in spaces() {
        for (kind, proxy) in proxies("hunter2") {
            let before = connections(kind, &base);
            let images = draw(&proxy, &base).await.expect(gradio);
            picture::assert_drawn(images[0].picture.as_ref().expect("fetched"), "a red fox", 3);
            assert!(
                connections(kind, &base) > before,
                "{gradio} was not reached through {kind}"
            );
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_said_to_be_wrong_and_never_shown() {
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
