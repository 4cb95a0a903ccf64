//! The ports of the gateway: taken before anything is built, so that a stack that cannot serve says so at once, and opened
//! when everything behind them is ready, so that nobody waits at them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use crate::Error;
use crate::wire::Reserved;

/// The same port here and perhaps at another address of this machine.
#[derive(Debug)]
pub(super) struct Listeners {
    here: Reserved,
    there: Option<Reserved>,
}

impl Listeners {
    /// Takes the first of these ports that is free, here and at another address of this machine, if any.
    pub(super) fn take(ports: &[u16], other: Option<IpAddr>) -> Result<Self, Error> {
        for port in ports {
            match reserve(*port, other) {
                Ok(taken) => return Ok(taken),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => {
                    let at = other.map(|other| format!(" here and on {other}")).unwrap_or_default();
                    return Err(Error::doing(format!("listening on port {port}{at}"))(error));
                }
            }
        }
        Err(in_use(ports))
    }

    /// Where the gateway will answer.
    pub(super) fn address(&self) -> SocketAddr {
        self.here.address
    }

    /// Accepts connections from now on.
    pub(super) fn open(self) -> Result<Vec<TcpListener>, Error> {
        let port = self.address().port();
        let open = |reserved: Reserved| reserved.listen().map_err(|_| in_use(&[port]));
        [Some(self.here), self.there].into_iter().flatten().map(open).collect()
    }
}

fn reserve(port: u16, other: Option<IpAddr>) -> io::Result<Listeners> {
    let here = Reserved::take(Ipv4Addr::LOCALHOST.into(), port)?;
    let other = other.filter(|other| *other != here.address.ip());
    let there = other.map(|other| Reserved::take(other, here.address.port())).transpose()?;
    Ok(Listeners { here, there })
}

fn in_use(ports: &[u16]) -> Error {
    let mut ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    ports.dedup(); // several zeros, when a free one was wanted
    let ports = ports.join(", ");
    Error::new(format!("port {ports} is in use: give another with --port, or --port 0 for a free one"))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn nobody_waits_at_a_port_that_is_not_open_yet() {
        let taken = Listeners::take(&[0], None).expect("a port");
        let address = taken.address();
        let refused = TcpStream::connect(address).await.expect_err("it does not listen yet");
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        let _open = taken.open().expect("it listens");
        TcpStream::connect(address).await.expect("it listens");
        let error = Listeners::take(&[address.port()], None).expect_err("it is taken").to_string();
        assert!(error.contains("is in use") && error.contains("--port 0"), "{error}");
    }
}
