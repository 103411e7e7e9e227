//! Binding: both loopback families on one port, listening before anyone hears of the port.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::task::{Context, Poll};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};

use super::{BindError, RedirectHost, farewell};

/// Long enough that a flood of connections does not make the kernel drop the browser's.
const BACKLOG: i32 = 1024;
/// How often another port is drawn when the other family's is taken.
const DRAWS: usize = 20;
/// Ports that browsers refuse to open (WHATWG Fetch, "bad port"), as far as they are above 1023 (L-08).
const BROWSERS_BLOCK: [u16; 18] =
    [1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 10080];

/// The listening sockets; at least one family is there.
pub(super) struct Sockets {
    v4: Option<TcpListener>,
    v6: Option<TcpListener>,
    port: u16,
    v6_first: bool,
}

/// Binds both families on the first free port of `ports`, or on any when there are none. A family that this machine does
/// not have is left out: nobody else can hold it either.
pub(super) fn bind(ports: &[u16]) -> Result<Sockets, BindError> {
    if let Some(port) = ports.iter().find(|port| !allowed(**port)) {
        return Err(BindError::PortNotAllowed { port: *port });
    }
    if ports.is_empty() { on_any_port() } else { on_first_free(ports) }
}

impl Sockets {
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The host part of the redirect URI: the wanted literal where that family exists (NAT-04).
    pub(super) fn host(&self, wanted: RedirectHost) -> &'static str {
        match wanted {
            RedirectHost::Localhost => "localhost",
            RedirectHost::V4 if self.v4.is_some() => "127.0.0.1",
            RedirectHost::V6 if self.v6.is_none() => "127.0.0.1",
            RedirectHost::V4 | RedirectHost::V6 => "[::1]",
        }
    }

    /// The next connection of either family; they take turns, so neither starves the other.
    pub(super) fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        self.v6_first = !self.v6_first;
        let turns = if self.v6_first { [&self.v6, &self.v4] } else { [&self.v4, &self.v6] };
        for listener in turns.into_iter().flatten() {
            if let Poll::Ready(accepted) = listener.poll_accept(cx) {
                return Poll::Ready(accepted);
            }
        }
        Poll::Pending
    }
}

fn allowed(port: u16) -> bool {
    port >= 1024 && !BROWSERS_BLOCK.contains(&port)
}

fn on_any_port() -> Result<Sockets, BindError> {
    for _ in 0..DRAWS {
        match pair(0, Reuse::Never) {
            Ok(sockets) if allowed(sockets.port) => return Ok(sockets),
            Ok(_) | Err(Obstacle::Taken { .. }) => {}
            Err(Obstacle::System(source)) => return Err(BindError::Blocked { source }),
            Err(Obstacle::NoFamily) => return Err(BindError::NoLoopback),
        }
    }
    Err(BindError::NoPort { ports: Vec::new() })
}

fn on_first_free(ports: &[u16]) -> Result<Sockets, BindError> {
    let mut only_v6 = None;
    let mut v4_too = false;
    let mut refused = None;
    for &port in ports {
        // Our own last attempt may still be serving its page there.
        farewell::make_room(port);
        match pair(port, Reuse::FixedPort) {
            Ok(sockets) => return Ok(sockets),
            Err(Obstacle::Taken { v6: true }) => only_v6 = only_v6.or(Some(port)),
            Err(Obstacle::Taken { v6: false }) => v4_too = true,
            Err(Obstacle::System(source)) => refused = refused.or(Some(source)),
            Err(Obstacle::NoFamily) => return Err(BindError::NoLoopback),
        }
    }
    Err(match (refused, only_v6) {
        (Some(source), _) => BindError::Blocked { source },
        (None, Some(port)) if !v4_too => BindError::PortTakenV6 { port },
        (None, _) => BindError::NoPort { ports: ports.to_vec() },
    })
}

/// Whether SO_REUSEADDR is set. On Linux it does not let two sockets listen on one port, and without it
/// a fixed port is blocked for a minute after each sign-in; an ephemeral port goes without (NAT-06, L-04).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reuse {
    Never,
    FixedPort,
}

enum Obstacle {
    Taken { v6: bool },
    System(io::Error),
    NoFamily,
}

/// Both families on `port`; 0 draws one for IPv4 and takes the same for IPv6. A family the host does not
/// have is left out.
fn pair(port: u16, reuse: Reuse) -> Result<Sockets, Obstacle> {
    let v4 = listen(Ipv4Addr::LOCALHOST.into(), port, reuse)?;
    let drawn = v4.as_ref().map_or(port, |(_, port)| *port);
    let v6 = listen(Ipv6Addr::LOCALHOST.into(), drawn, reuse)?;
    let port = v4.as_ref().or(v6.as_ref()).map(|(_, port)| *port).ok_or(Obstacle::NoFamily)?;
    let [v4, v6] = [v4, v6].map(|held| held.map(|(listener, _)| listener));
    Ok(Sockets { v4, v6, port, v6_first: false })
}

/// A listening socket and its port; `None` where the host has no such address.
fn listen(ip: IpAddr, port: u16, reuse: Reuse) -> Result<Option<(TcpListener, u16)>, Obstacle> {
    let listening = || -> io::Result<(TcpListener, u16)> {
        let wanted = SocketAddr::new(ip, port);
        let socket = Socket::new(Domain::for_address(wanted), Type::STREAM, Some(Protocol::TCP))?;
        if ip.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        // On Windows SO_REUSEADDR would let others share the port.
        if cfg!(unix) && reuse == Reuse::FixedPort {
            socket.set_reuse_address(true)?;
        }
        socket.set_nonblocking(true)?;
        socket.bind(&wanted.into())?;
        socket.listen(BACKLOG)?;
        let listener = TcpListener::from_std(socket.into())?;
        let held = listener.local_addr()?;
        assert!(held.ip().is_loopback(), "a redirect listener is on loopback only (L-01)");
        Ok((listener, held.port()))
    };
    match listening() {
        Ok(held) => Ok(Some(held)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(Obstacle::Taken { v6: ip.is_ipv6() }),
        Err(error) if family_is_absent(&error) => Ok(None),
        Err(error) => Err(Obstacle::System(error)),
    }
}

fn family_is_absent(error: &io::Error) -> bool {
    #[cfg(unix)]
    let unsupported = error.raw_os_error() == Some(rustix::io::Errno::AFNOSUPPORT.raw_os_error());
    #[cfg(windows)]
    let unsupported = error.raw_os_error() == Some(10047); // WSAEAFNOSUPPORT
    unsupported || error.kind() == io::ErrorKind::AddrNotAvailable
}
