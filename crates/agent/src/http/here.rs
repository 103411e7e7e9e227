//! The name of this machine, without asking anybody for it.

use std::future::ready;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// `localhost` is this machine, whatever a resolver says, and no other name is (RFC 6761 section 6.3): what is allowed on
/// this machine only does not leave it.
pub(super) struct Here;

impl Resolve for Here {
    fn resolve(&self, name: Name) -> Resolving {
        // The port is that of the URL.
        let here = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
        let found = if name.as_str() == "localhost" { Ok(Box::new(here.into_iter()) as Addrs) } else { Err(Elsewhere) };
        Box::pin(ready(found.map_err(Into::into)))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the name is not this machine's")]
struct Elsewhere;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn localhost_is_this_machine_and_nobody_is_asked_for_any_name() {
        let found = async |name: &str| {
            let name: Name = name.parse().expect("a name");
            Here.resolve(name).await.map(|addresses| addresses.map(|address| address.ip()).collect::<Vec<_>>())
        };
        let here = found("localhost").await.expect("it is known");
        assert!(here.len() == 2 && here.iter().all(std::net::IpAddr::is_loopback), "{here:?}");
        for elsewhere in ["localhost.example", "op.example", "ip6-localhost"] {
            assert!(found(elsewhere).await.is_err(), "{elsewhere}");
        }
    }
}
