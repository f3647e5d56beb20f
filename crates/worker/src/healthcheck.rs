//! `cldsync-worker --healthcheck`: asks the worker in the same container whether it lives.
//!
//! An image without a shell has no other program that could ask. One request of a fixed form to
//! the loopback interface needs neither a runtime nor an HTTP client, and so starts in
//! milliseconds. What *alive* means is decided by the one that answers `/livez`.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// As much of an answer as says whether it is a yes: `HTTP/1.1 200`.
const STATUS: usize = 12;

/// Why the worker does not count as alive.
#[derive(Debug, thiserror::Error)]
pub enum Unhealthy {
    /// Any free port was asked for, and only the worker knows which it got.
    #[error("the port of CLDSYNC_ADMIN_ADDR is 0, so there is nothing to ask")]
    PortUnknown,
    /// Nobody listens, or nobody answers in time.
    #[error("no answer from {0}")]
    Silent(SocketAddr, #[source] io::Error),
    /// An answer that is not 200.
    #[error("{address} answered `{status}`")]
    Refused {
        /// Who.
        address: SocketAddr,
        /// What.
        status: String,
    },
}

/// Asks the worker that serves on `admin_addr`; each step may take as long as `patience`.
pub fn ask(admin_addr: SocketAddr, patience: Duration) -> Result<(), Unhealthy> {
    let address = reachable(admin_addr);
    if address.port() == 0 {
        return Err(Unhealthy::PortUnknown);
    }
    let status = exchange(address, patience).map_err(|error| Unhealthy::Silent(address, error))?;
    if status.starts_with("HTTP/1.") && status.ends_with(" 200") {
        Ok(())
    } else {
        Err(Unhealthy::Refused { address, status })
    }
}

/// Where one connects to who listens on every address.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

fn exchange(address: SocketAddr, patience: Duration) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_write_timeout(Some(patience))?;
    stream.set_read_timeout(Some(patience))?;
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut status = [0; STATUS];
    stream.read_exact(&mut status)?;
    Ok(String::from_utf8_lossy(&status).into_owned())
}

#[cfg(test)]
mod tests {
    use std::io::BufRead;
    use std::net::TcpListener;
    use std::thread::{self, JoinHandle};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    /// A server that reads one request, gives one answer and tells what it was asked.
    fn server(answer: &'static str) -> (SocketAddr, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let served = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = io::BufReader::new(stream.try_clone().unwrap()).lines();
            let head = lines.map_while(Result::ok).take_while(|l| !l.is_empty());
            let request = head.collect::<Vec<_>>().join("\n");
            stream.write_all(answer.as_bytes()).unwrap();
            request
        });
        (address, served)
    }

    #[test]
    fn a_worker_that_answers_200_is_alive() {
        let (address, served) = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        ask(address, PATIENCE).unwrap();
        assert!(served.join().unwrap().starts_with("GET /livez HTTP/1.1\n"));
    }

    #[test]
    fn another_answer_is_told() {
        let (address, served) = server("HTTP/1.1 503 Service Unavailable\r\n\r\n");
        let error = ask(address, PATIENCE).unwrap_err().to_string();
        assert_eq!(error, format!("{address} answered `HTTP/1.1 503`"));
        served.join().unwrap();
    }

    #[test]
    fn an_end_without_an_answer_is_unhealthy() {
        let (address, served) = server("HTTP");
        let error = ask(address, PATIENCE).unwrap_err();
        assert!(matches!(error, Unhealthy::Silent(..)), "{error}");
        served.join().unwrap();
    }

    #[test]
    fn patience_ends_when_nothing_is_answered() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let error = ask(address, Duration::from_millis(20)).unwrap_err();
        assert!(matches!(error, Unhealthy::Silent(..)), "{error}");
    }

    #[test]
    fn a_port_that_only_the_worker_knows_cannot_be_asked() {
        let error = ask("0.0.0.0:0".parse().unwrap(), PATIENCE).unwrap_err();
        assert!(matches!(error, Unhealthy::PortUnknown), "{error}");
    }

    #[test]
    fn a_worker_that_listens_everywhere_is_asked_on_the_loopback_address() {
        let asked = |address: &str| reachable(address.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:9090"), "127.0.0.1:9090");
        assert_eq!(asked("[::]:9090"), "[::1]:9090");
        assert_eq!(asked("10.0.0.7:9090"), "10.0.0.7:9090");
    }
}
