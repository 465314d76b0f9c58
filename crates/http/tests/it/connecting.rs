//! Connecting: refused connections, proxies, the address guard, and errors without credentials.

use std::time::Duration;

use crate::support::{Answer, Server, client, printed, redirect, response};
use fluxhop_http::{Client, ClientOptions, ErrorKind, Phase, Proxy, Secret, Url};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket};

fn through(proxy: &str) -> Client {
    Client::new(ClientOptions::default().with_proxy(Proxy::parse(proxy).unwrap())).unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// Reserves a port that refuses connections for as long as the socket is held: it is bound but does
/// not listen.
fn refusing_socket() -> (TcpSocket, u16) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

#[tokio::test]
async fn a_refused_connection_is_reported_with_its_cause_and_without_credentials() {
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
    let client = through(&format!("http://user:p%20w@127.0.0.1:{}", proxy.port));
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
async fn a_407_from_a_proxy_is_an_error_but_from_a_server_a_response() {
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
        for (user, says) in [
            ("", "requires a user"),
            ("user:hunter2@", "rejected the user"),
        ] {
            let client = through(&format!("http://{user}127.0.0.1:{}", server.port));
            let error = client
                .get(&url(&format!("{scheme}://space.example/")))
                .send()
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ProxyAuth, "{error:?}");
            let printed = printed(&error);
            assert!(
                printed.contains(says) && !printed.contains("hunter2"),
                "{printed}"
            );
            assert!(!format!("{client:?}").contains("hunter2"));
        }
    }
}

#[tokio::test]
async fn a_proxy_that_rejects_the_tunnel_or_is_unreachable_is_a_connect_error() {
    let proxy = Server::start(|_| response("502 Bad Gateway", "", "")).await;
    let error = through(&format!("http://127.0.0.1:{}", proxy.port))
        .get(&url("https://space.example/"))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
    let (_socket, port) = refusing_socket();
    for proxy in ["http", "https", "socks5h"] {
        let client = through(&format!("{proxy}://user:hunter2@127.0.0.1:{port}"));
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

/// A SOCKS5 server (RFC 1928, RFC 1929) that sends one of these replies to each message.
async fn socks(answers: &'static [&'static [u8]]) -> (u16, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let received = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let (mut received, mut buffer) = (Vec::new(), [0; 512]);
        for answer in answers {
            let count = socket.read(&mut buffer).await.unwrap();
            received.extend_from_slice(&buffer[..count]);
            socket.write_all(answer).await.unwrap();
        }
        let _ = socket.read(&mut buffer).await;
        received
    });
    (port, received)
}

#[tokio::test]
async fn a_socks_proxy_that_rejects_the_user_is_a_proxy_auth_error() {
    const WRONG_PASSWORD: &[&[u8]] = &[b"\x05\x02", b"\x01\x01"];
    const NO_METHOD_IN_COMMON: &[&[u8]] = &[b"\x05\xff"];
    for (answers, user) in [(WRONG_PASSWORD, "user:hunter2@"), (NO_METHOD_IN_COMMON, "")] {
        let (port, _) = socks(answers).await;
        let error = through(&format!("socks5h://{user}127.0.0.1:{port}"))
            .get(&url("http://space.example/"))
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProxyAuth, "{error:?}");
        assert!(!printed(&error).contains("hunter2"));
    }
}

#[tokio::test]
async fn a_failed_socks_connect_is_a_connect_error_and_socks5h_sends_the_name() {
    // General failure of the CONNECT.
    let (port, received) = socks(&[b"\x05\x00", b"\x05\x01\x00\x01\0\0\0\0\0\0"]).await;
    let error = through(&format!("socks5h://127.0.0.1:{port}"))
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
    let inside = Server::start(|_| response("200 OK", "", "secret")).await;
    for location in [
        inside.url("/").to_string(),
        "http://169.254.169.254/".to_owned(),
    ] {
        // The proxy stands in for a public host, and is itself not subject to the guard.
        let proxy = Server::start(move |_| redirect(302, &location)).await;
        let client = through(&format!("http://127.0.0.1:{}", proxy.port));
        let error = client
            .get(&url("http://space.example/"))
            .guarded()
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Blocked, "{error:?}");
        assert_eq!(proxy.requests().len(), 1);
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn a_redirect_from_a_public_host_is_guarded() {
    let inside = Server::start(|_| response("200 OK", "", "inside")).await;
    let location = inside.url("/").to_string();
    let proxy = Server::start(move |_| redirect(302, &location)).await;
    let client = through(&format!("http://127.0.0.1:{}", proxy.port));
    let public = client.get(&url("http://space.example/"));
    let error = public.guarded_on_redirect().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Blocked, "{error:?}");
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn a_redirect_is_not_guarded_within_a_private_network() {
    let inside = Server::start(|_| response("200 OK", "", "inside")).await;
    let location = inside.url_at("localhost", "/").to_string();
    let server = Server::start(move |_| redirect(302, &location)).await;
    let request = client().get(&server.url("/")).guarded_on_redirect();
    assert!(request.send().await.unwrap().is_success());
    assert_eq!(inside.connections(), 1);
}

#[tokio::test]
async fn debug_output_of_requests_and_responses_has_no_credentials() {
    let server = Server::start(|_| response("200 OK", "", "")).await;
    let mut target = server.url("/a?key=hunter2");
    target.set_password(Some("hunter2")).unwrap();
    let request = client().get(&target).bearer(&Secret::from("hunter2"));
    assert_eq!(
        format!("{request:?}"),
        format!("RequestBuilder(GET {}?…)", server.url("/a"))
    );
    let answer = request.send().await.unwrap();
    assert_eq!(
        format!("{answer:?}"),
        format!("Response(200 {}?…)", server.url("/a"))
    );
    let error = answer
        .json::<u8>(fluxhop_http::BodyLimits::default())
        .await
        .unwrap_err();
    assert!(!printed(&error).contains("hunter2"));
}

#[tokio::test]
async fn background_tasks_are_awaited_up_to_the_limit() {
    let client = client();
    let server = Server::start(|_| response("200 OK", "", "")).await;
    let (request, hanging) = (
        client.post(&server.url("/cancel")),
        Server::start(|_| Answer::new("").then_hang()).await,
    );
    client.spawn_background(async move { drop(request.send().await) });
    client.finish_background(Duration::from_secs(5)).await;
    assert_eq!(server.requests().len(), 1);
    let request = client.get(&hanging.url("/"));
    client.spawn_background(async move { drop(request.send().await) });
    client.finish_background(Duration::from_millis(50)).await;
}

#[test]
fn background_tasks_outside_a_runtime_are_dropped_without_a_panic() {
    client().spawn_background(async { unreachable!() });
}

#[test]
fn the_public_types_and_futures_are_send() {
    fn send<T: Send>(_: &T) {}
    fn send_and_sync<T: Send + Sync>() {}
    fn stream<T: futures_util::Stream + Unpin + Send>() {}
    send_and_sync::<Client>();
    send_and_sync::<fluxhop_http::Error>();
    stream::<fluxhop_http::EventStream>();
    let request = client().get(&url("http://space.example/"));
    send(&async {
        request
            .send()
            .await?
            .text(fluxhop_http::BodyLimits::default())
            .await
    });
}
