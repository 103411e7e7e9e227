//! Who is at the other end of a loopback connection, as far as the kernel tells (L-12).

use std::net::SocketAddr;

/// Whose process connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    /// This user's, or root's: forwarders of containers run as root.
    Ours,
    /// Another user's.
    Foreign,
    /// Not told: another system, or another network namespace.
    Unknown,
}

/// Looks the client's end of the connection up in the kernel's tables.
#[cfg(target_os = "linux")]
pub(super) fn who(client: SocketAddr, server: SocketAddr) -> Peer {
    let owner = ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .find_map(|table| owner(&table, client, server));
    match owner {
        None => Peer::Unknown,
        Some(uid) if uid == 0 || uid == rustix::process::geteuid().as_raw() => Peer::Ours,
        Some(_) => Peer::Foreign,
    }
}

/// Elsewhere the system does not tell.
#[cfg(not(target_os = "linux"))]
pub(super) fn who(_: SocketAddr, _: SocketAddr) -> Peer {
    Peer::Unknown
}

/// The uid in the row of `client` towards `server`; both families' tables have the same columns.
#[cfg(target_os = "linux")]
fn owner(table: &str, client: SocketAddr, server: SocketAddr) -> Option<u32> {
    let ends = [(in_table(client), in_table(server)), (in_table(mapped(client)), in_table(mapped(server)))];
    table.lines().skip(1).find_map(|line| {
        let mut columns = line.split_ascii_whitespace().skip(1);
        let row = (columns.next()?, columns.next()?);
        let uid = columns.nth(4)?;
        ends.iter().any(|(client, server)| row == (client, server)).then(|| uid.parse().ok())?
    })
}

/// An address as these tables print it: 32-bit groups of network bytes, read as the machine reads numbers.
#[cfg(target_os = "linux")]
fn in_table(address: SocketAddr) -> String {
    use std::net::IpAddr;

    let octets = match address.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let groups = octets.chunks_exact(4).map(|group| u32::from_ne_bytes([group[0], group[1], group[2], group[3]]));
    groups.map(|group| format!("{group:08X}")).collect::<String>() + &format!(":{:04X}", address.port())
}

/// How a client that uses an IPv6 socket for IPv4 appears.
#[cfg(target_os = "linux")]
fn mapped(address: SocketAddr) -> SocketAddr {
    use std::net::IpAddr;

    match address.ip() {
        IpAddr::V4(ip) => SocketAddr::new(ip.to_ipv6_mapped().into(), address.port()),
        IpAddr::V6(_) => address,
    }
}

#[cfg(all(test, target_os = "linux", target_endian = "little"))]
mod tests {
    use super::*;

    const TCP: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11111 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 22222 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 33333 1 0000000000000000 20 4 30 10 -1
";
    const TCP6: &str = "\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:C351 00000000000000000000000001000000:1F90 01 00000000:00000000 00:00000000 00000000  1002        0 44444 1 0000000000000000 20 4 30 10 -1
   1: 0000000000000000FFFF00000100007F:C352 0000000000000000FFFF00000100007F:1F90 01 00000000:00000000 00:00000000 00000000  1003        0 55555 1 0000000000000000 20 4 30 10 -1
";

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test] // L-12
    fn the_owner_is_read_from_the_clients_row_and_not_from_ours() {
        assert_eq!(owner(TCP, address("127.0.0.1:50000"), address("127.0.0.1:8080")), Some(1001));
        assert_eq!(owner(TCP6, address("[::1]:50001"), address("[::1]:8080")), Some(1002));
        assert_eq!(owner(TCP6, address("127.0.0.1:50002"), address("127.0.0.1:8080")), Some(1003));
        assert_eq!(owner(TCP, address("127.0.0.1:50009"), address("127.0.0.1:8080")), None);
    }

    #[test] // L-12
    fn a_connection_of_this_very_process_is_ours() {
        let server = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
        let client = std::net::TcpStream::connect(server.local_addr().expect("its address")).expect("a connection");
        let (_accepted, peer) = server.accept().expect("the connection");
        assert_eq!(who(peer, client.peer_addr().expect("the server's end")), Peer::Ours);
    }
}
