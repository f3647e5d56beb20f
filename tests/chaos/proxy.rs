//! The network to one service: a TCP proxy that passes on, holds back, cuts and refuses.
//!
//! It knows nothing of HTTP. What is held back is passed on later, even when the one who sent it
//! is gone, as packets on their way would be.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

const BACKLOG: u32 = 1024;
const PIECE: usize = 16 * 1024;

/// A proxy in front of one service. Dropping it cuts everything.
pub(super) struct Proxy {
    address: SocketAddr,
    state: watch::Sender<State>,
    _acceptor: JoinSet<()>,
}

/// How the network is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    stalls: bool,
    refuses: bool,
    /// Rises with each cut.
    cuts: u64,
}

impl Proxy {
    /// Listens on a free port and passes everything on to `endpoint`.
    pub(super) async fn start(endpoint: &str) -> Self {
        let server = endpoint.trim_start_matches("http://");
        let server = server.parse().expect("an endpoint with a numeric address");
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("its number");
        let state = watch::Sender::new(State::default());
        let mut acceptor = JoinSet::new();
        acceptor.spawn(accept(listener, server, state.subscribe()));
        Self {
            address,
            state,
            _acceptor: acceptor,
        }
    }

    /// Base URL of the service, through the proxy.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Bytes are held back until further notice, or flow again.
    pub(super) fn set_stalled(&self, stalls: bool) {
        self.state.send_modify(|state| state.stalls = stalls);
    }

    /// Connections are refused, and those that exist are cut; or all is well again.
    pub(super) fn set_refusing(&self, refuses: bool) {
        self.state.send_modify(|state| state.refuses = refuses);
    }

    /// Cuts every connection that exists.
    pub(super) fn cut(&self) {
        self.state.send_modify(|state| state.cuts += 1);
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, mut state: watch::Receiver<State>) {
    let address = listener.local_addr().expect("a bound listener");
    let mut listener = listener;
    let mut links = JoinSet::new();
    let mut cuts = 0;
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((client, _)) = accepted {
                links.spawn(link(client, server, state.clone()));
            },
            Some(_) = links.join_next() => {}
            changed = state.changed() => {
                if changed.is_err() {
                    return;
                }
                let now = *state.borrow_and_update();
                if now.refuses || now.cuts > cuts {
                    cuts = now.cuts;
                    links.shutdown().await;
                }
                if now.refuses {
                    drop(listener);
                    listener = refuse(address, &mut state).await;
                }
            }
        }
    }
}

/// Keeps the port without listening on it, which refuses connections, until all is well again.
async fn refuse(address: SocketAddr, state: &mut watch::Receiver<State>) -> TcpListener {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("a port that was in use");
    socket.bind(address).expect("the same port");
    // Closed only when the test is over, and then nobody asks any more.
    let _ = state.wait_for(|state| !state.refuses).await;
    socket.listen(BACKLOG).expect("a listener on the same port")
}

async fn link(client: TcpStream, server: SocketAddr, state: watch::Receiver<State>) {
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // An error is the end of the connection, whichever side caused it.
    let _ = tokio::try_join!(
        pass_on(from_client, to_server, state.clone()),
        pass_on(from_server, to_client, state),
    );
}

async fn pass_on(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut state: watch::Receiver<State>,
) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let length = from.read(&mut piece).await?;
        let flows = state.wait_for(|state| !state.stalls).await;
        flows.map_err(io::Error::other)?;
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(&piece[..length]).await?;
    }
}
