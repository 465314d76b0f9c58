//! A port that refuses connections.

use tokio::net::TcpSocket;

/// A loopback port that refuses connections. It stays bound, so that no other process can use it.
pub struct RefusingServer {
    socket: TcpSocket,
}

impl RefusingServer {
    /// Binds a free port of 127.0.0.1 without listening on it.
    ///
    /// # Panics
    ///
    /// If no port can be bound.
    #[expect(clippy::new_without_default, reason = "it binds a port")]
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        let any_port = "127.0.0.1:0".parse().expect("an address");
        socket.bind(any_port).expect("a free port");
        Self { socket }
    }

    /// The base URL, such as `http://127.0.0.1:41234`.
    ///
    /// # Panics
    ///
    /// Never: the socket is bound.
    pub fn url(&self) -> String {
        format!("http://{}", self.socket.local_addr().expect("an address"))
    }
}
