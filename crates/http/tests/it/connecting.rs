//! Connecting: refused connections, proxies, the address guard, and the redaction of errors.

use std::time::Duration;

use crate::support::{RawResponse, Server, client, printed, redirect, response};
use fluxhop_http::{Client, ClientOptions, ErrorKind, Phase, Proxy, Secret, Url};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket};

fn client_with_proxy(proxy: &str) -> Client {
    Client::new(ClientOptions::default().with_proxy(Proxy::parse(proxy).unwrap())).unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// Binds a port without listening, so that it refuses connections while the socket is held.
fn refusing_socket() -> (TcpSocket, u16) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

#[tokio::test]
async fn a_refused_connection_is_reported_without_credentials() {
    let (_socket, port) = refusing_socket();
    for scheme in ["http", "https"] {
        let target = url(&format!(
            "{scheme}://user:hunter2@127.0.0.1:{port}/a?key=hunter2"
        ));
        let error = client()
            .get(&target)
            .header("x-api-key", "hunter2")
            .bearer(&Secret::from("hunter2"))
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        let printed = printed(&error);
        assert!(
            !printed.contains("hunter2") && !printed.contains("user"),
            "{printed}"
        );
        assert!(
            error
                .to_string()
                .contains(&format!("({scheme}://127.0.0.1:{port}/a?…)")),
            "{error}"
        );
        assert!(printed.to_lowercase().contains("refused"), "{printed}");
    }
}

#[tokio::test]
async fn unknown_hosts_and_failed_handshakes_are_connect_errors() {
    let error = client()
        .get(&url("http://no-such-host.invalid/"))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let error = client()
        .get(&url(&format!("https://127.0.0.1:{port}/")))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
}

#[tokio::test]
async fn a_stalled_tls_handshake_is_a_connect_timeout() {
    // The kernel accepts the connection into the backlog; nothing responds.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let options = ClientOptions::default().with_connect_timeout(Duration::from_millis(200));
    let error = Client::new(options)
        .unwrap()
        .get(&url(&format!("https://127.0.0.1:{port}/")))
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Timeout(Phase::Connect),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_http_proxy_receives_the_full_url_and_the_credentials() {
    let proxy = Server::start(|_| response("200 OK", "", "")).await;
    let client = client_with_proxy(&format!("http://user:p%20w@127.0.0.1:{}", proxy.port));
    client
        .get(&url("http://space.example/config"))
        .send()
        .await
        .unwrap();
    let request = proxy.requests().pop().unwrap();
    assert!(
        request.starts_with("GET http://space.example/config "),
        "{request}"
    );
    assert!(
        request.contains("proxy-authorization: Basic dXNlcjpwIHc="),
        "{request}"
    );
}

#[tokio::test]
async fn a_407_is_an_error_only_from_a_proxy() {
    let server = Server::start(|_| response("407 Proxy Authentication Required", "", "")).await;
    assert_eq!(
        client()
            .get(&server.url("/"))
            .send()
            .await
            .unwrap()
            .status(),
        407
    );
    for scheme in ["http", "https"] {
        for (user, expected) in [
            ("", "requires a username"),
            ("user:hunter2@", "rejected the username"),
        ] {
            let client = client_with_proxy(&format!("http://{user}127.0.0.1:{}", server.port));
            let error = client
                .get(&url(&format!("{scheme}://space.example/")))
                .send()
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ProxyAuth, "{error:?}");
            let printed = printed(&error);
            assert!(
                printed.contains(expected) && !printed.contains("hunter2"),
                "{printed}"
            );
            assert!(!format!("{client:?}").contains("hunter2"));
        }
    }
}

#[tokio::test]
async fn a_failed_tunnel_or_unreachable_proxy_is_a_connect_error() {
    let proxy = Server::start(|_| response("502 Bad Gateway", "", "")).await;
    let error = client_with_proxy(&format!("http://127.0.0.1:{}", proxy.port))
        .get(&url("https://space.example/"))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
    let (_socket, port) = refusing_socket();
    for proxy in ["http", "https", "socks5h"] {
        let client = client_with_proxy(&format!("{proxy}://user:hunter2@127.0.0.1:{port}"));
        let error = client
            .get(&url("http://space.example/"))
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{proxy}: {error:?}");
        assert!(
            error
                .to_string()
                .starts_with("cannot connect through the proxy (http://space.example/)"),
            "{error}"
        );
        assert!(!printed(&error).contains("hunter2"));
    }
}

/// A SOCKS5 server (RFC 1928, RFC 1929) that sends the next of `replies` after each message.
async fn socks(replies: &'static [&'static [u8]]) -> (u16, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let received = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let (mut received, mut buffer) = (Vec::new(), [0; 512]);
        for reply in replies {
            let count = socket.read(&mut buffer).await.unwrap();
            received.extend_from_slice(&buffer[..count]);
            socket.write_all(reply).await.unwrap();
        }
        let _ = socket.read(&mut buffer).await;
        received
    });
    (port, received)
}

#[tokio::test]
async fn a_socks_proxy_that_rejects_the_credentials_is_a_proxy_auth_error() {
    const WRONG_PASSWORD: &[&[u8]] = &[b"\x05\x02", b"\x01\x01"];
    const NO_ACCEPTABLE_METHODS: &[&[u8]] = &[b"\x05\xff"];
    for (replies, user) in [
        (WRONG_PASSWORD, "user:hunter2@"),
        (NO_ACCEPTABLE_METHODS, ""),
    ] {
        let (port, _) = socks(replies).await;
        let error = client_with_proxy(&format!("socks5h://{user}127.0.0.1:{port}"))
            .get(&url("http://space.example/"))
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProxyAuth, "{error:?}");
        assert!(!printed(&error).contains("hunter2"));
    }
}

#[tokio::test]
async fn socks5h_sends_the_host_name_and_reports_a_failed_connect() {
    // A general failure in response to CONNECT.
    let (port, received) = socks(&[b"\x05\x00", b"\x05\x01\x00\x01\0\0\0\0\0\0"]).await;
    let error = client_with_proxy(&format!("socks5h://127.0.0.1:{port}"))
        .get(&url("http://space.example/"))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
    let received = received.await.unwrap();
    assert!(
        received
            .windows(13)
            .any(|window| window == b"space.example"),
        "{received:?}"
    );
}

#[tokio::test]
async fn the_guard_blocks_loopback_without_connecting() {
    let server = Server::start(|_| response("200 OK", "", "secret")).await;
    for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"] {
        let error = client()
            .get(&server.url_at(host, "/"))
            .guarded()
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Blocked, "{host}: {error:?}");
    }
    assert_eq!(server.connections(), 0);
    assert!(
        client()
            .get(&server.url("/"))
            .send()
            .await
            .unwrap()
            .is_success(),
        "without the guard"
    );
}

#[tokio::test]
async fn the_guard_blocks_a_redirect_to_loopback() {
    let internal = Server::start(|_| response("200 OK", "", "secret")).await;
    for location in [
        internal.url("/").to_string(),
        "http://169.254.169.254/".to_owned(),
    ] {
        // The proxy stands in for a public host, and is itself not subject to the guard.
        let proxy = Server::start(move |_| redirect(302, &location)).await;
        let client = client_with_proxy(&format!("http://127.0.0.1:{}", proxy.port));
        let error = client
            .get(&url("http://space.example/"))
            .guarded()
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Blocked, "{error:?}");
        assert_eq!(proxy.requests().len(), 1);
    }
    assert_eq!(internal.connections(), 0);
}

#[tokio::test]
async fn a_redirect_from_a_public_to_a_private_host_is_blocked() {
    let internal = Server::start(|_| response("200 OK", "", "internal")).await;
    let location = internal.url("/").to_string();
    let proxy = Server::start(move |_| redirect(302, &location)).await;
    let client = client_with_proxy(&format!("http://127.0.0.1:{}", proxy.port));
    let public = client.get(&url("http://space.example/"));
    let error = public.guarded_on_redirect().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Blocked, "{error:?}");
    assert_eq!(internal.connections(), 0);
}

#[tokio::test]
async fn a_redirect_within_a_private_network_is_followed() {
    let internal = Server::start(|_| response("200 OK", "", "internal")).await;
    let location = internal.url_at("localhost", "/").to_string();
    let server = Server::start(move |_| redirect(302, &location)).await;
    let request = client().get(&server.url("/")).guarded_on_redirect();
    assert!(request.send().await.unwrap().is_success());
    assert_eq!(internal.connections(), 1);
}

#[tokio::test]
async fn debug_output_of_requests_and_responses_omits_credentials() {
    let server = Server::start(|_| response("200 OK", "", "")).await;
    let mut target = server.url("/a?key=hunter2");
    target.set_password(Some("hunter2")).unwrap();
    let request = client().get(&target).bearer(&Secret::from("hunter2"));
    assert_eq!(
        format!("{request:?}"),
        format!("RequestBuilder(GET {}?…)", server.url("/a"))
    );
    let response = request.send().await.unwrap();
    assert_eq!(
        format!("{response:?}"),
        format!("Response(200 {}?…)", server.url("/a"))
    );
    let error = response
        .json::<u8>(fluxhop_http::BodyLimits::default())
        .await
        .unwrap_err();
    assert!(!printed(&error).contains("hunter2"));
}

#[tokio::test]
async fn finish_background_waits_up_to_the_limit() {
    let client = client();
    let server = Server::start(|_| response("200 OK", "", "")).await;
    let (request, hanging) = (
        client.post(&server.url("/cancel")),
        Server::start(|_| RawResponse::new("").then_hang()).await,
    );
    client.spawn_background(async move { drop(request.send().await) });
    client.finish_background(Duration::from_secs(5)).await;
    assert_eq!(server.requests().len(), 1);
    let request = client.get(&hanging.url("/"));
    client.spawn_background(async move { drop(request.send().await) });
    client.finish_background(Duration::from_millis(50)).await;
}

#[test]
fn background_tasks_outside_a_runtime_are_dropped() {
    client().spawn_background(async { unreachable!() });
}

#[test]
fn public_types_and_futures_are_send() {
    fn assert_send<T: Send>(_: &T) {}
    fn assert_send_sync<T: Send + Sync>() {}
    fn assert_stream<T: futures_util::Stream + Unpin + Send>() {}
    assert_send_sync::<Client>();
    assert_send_sync::<fluxhop_http::Error>();
    assert_stream::<fluxhop_http::EventStream>();
    let request = client().get(&url("http://space.example/"));
    assert_send(&async {
        request
            .send()
            .await?
            .text(fluxhop_http::BodyLimits::default())
            .await
    });
}
