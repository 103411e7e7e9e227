//! Notices that this machine's network has changed, as the kernel tells it: an address or a route came or went. Nothing
//! is polled, and nothing is asked of anybody on the network.

#[cfg(target_os = "linux")]
pub(crate) use self::linux::Network;
#[cfg(not(target_os = "linux"))]
pub(crate) use self::nowhere::Network;

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::os::fd::OwnedFd;

    use rustix::io::Errno;
    use rustix::net::netlink::SocketAddrNetlink;
    use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recv, socket_with};
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// `RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE` of rtnetlink(7). A link that
    /// comes up brings routes with it, and one that only looks for a better radio cell brings none.
    const GROUPS: u32 = 0x10 | 0x40 | 0x100 | 0x400;
    /// Messages are not looked into: that there is one is the news.
    const ENOUGH: usize = 64;

    pub(crate) struct Network(Option<AsyncFd<OwnedFd>>);

    impl Network {
        /// Within a runtime. Where the system does not allow it, nothing is ever noticed.
        pub(crate) fn new() -> Self {
            let told =
                listener().inspect_err(|error| tracing::debug!(%error, "changes of the network are not noticed"));
            Self(told.ok())
        }

        /// Resolves when something has changed since the last call; many changes at once are one.
        pub(crate) async fn changed(&self) {
            if let Some(socket) = &self.0
                && socket.async_io(Interest::READABLE, |socket| Ok(all_read(socket)?)).await.is_ok()
            {
                return;
            }
            std::future::pending::<()>().await;
        }
    }

    #[expect(
        deprecated,
        reason = "what replaces it is unsafe for types that change their descriptor; this one keeps it"
    )]
    fn listener() -> io::Result<AsyncFd<OwnedFd>> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        // No protocol is protocol 0, which is NETLINK_ROUTE.
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
        bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
        AsyncFd::try_with_interest(socket, Interest::READABLE).map_err(io::Error::from)
    }

    /// An error when there was nothing.
    fn all_read(socket: &OwnedFd) -> Result<(), Errno> {
        let mut read_any = false;
        loop {
            match recv(socket, &mut [0_u8; ENOUGH], RecvFlags::TRUNC) {
                // More than could be kept for us: something has changed for sure.
                Ok(_) | Err(Errno::NOBUFS) => read_any = true,
                Err(Errno::AGAIN) if read_any => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod nowhere {
    /// Nothing is noticed: a session that waits for the network is tried again after its pause, or when it is asked for.
    pub(crate) struct Network;

    impl Network {
        pub(crate) fn new() -> Self {
            Self
        }

        pub(crate) async fn changed(&self) {
            std::future::pending::<()>().await;
        }
    }
}
