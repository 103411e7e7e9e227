//! As much of a browser as the robot needs: one request at a time, with cookies, on loopback.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::body::Body;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE, USER_AGENT};
use http::{Method, Request};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::{Host, Url};

use super::RobotError;

const MOST_PAGE_BYTES: usize = 1024 * 1024;

/// Cookies by authority. Browsers share them between ports; the provider does not count on that.
#[derive(Default)]
pub(super) struct Browser {
    cookies: Vec<(String, String, String)>,
}

pub(super) struct Seen {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) page: String,
}

impl Browser {
    pub(super) async fn request(&mut self, method: Method, url: &Url, form: String) -> Result<Seen, RobotError> {
        let authority = authority(url);
        let addresses = loopback_addresses(url)?;
        let unreachable = |error| RobotError::Unreachable(authority.clone(), error);
        let stream = TcpStream::connect(&addresses[..]).await.map_err(unreachable)?;
        let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let mut request = Request::builder()
            .method(method.clone())
            .uri(target)
            .header(HOST, &authority)
            .header(USER_AGENT, "Doorkey-robot")
            .header(ACCEPT, "text/html");
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|(at, ..)| *at == authority)
            .map(|(_, name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        if method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request.body(Body::from(form)).map_err(|error| unreachable(io::Error::other(error)))?;
        let (parts, page) = exchange(stream, request).await.map_err(unreachable)?;
        for cookie in parts.headers.get_all(SET_COOKIE) {
            self.keep(&authority, cookie.to_str().unwrap_or_default());
        }
        let is_redirect = parts.status.is_redirection();
        let location = parts.headers.get(LOCATION).filter(|_| is_redirect).and_then(|value| value.to_str().ok());
        Ok(Seen { status: parts.status.as_u16(), location: location.map(Into::into), page })
    }

    fn keep(&mut self, authority: &str, cookie: &str) {
        let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) else { return };
        self.cookies.retain(|(at, known, _)| at != authority || known != name);
        self.cookies.push((authority.into(), name.into(), value.into()));
    }
}

async fn exchange(stream: TcpStream, request: Request<Body>) -> io::Result<(http::response::Parts, String)> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let answer = async {
        let (parts, body) = sender.send_request(request).await.map_err(io::Error::other)?.into_parts();
        let page = axum::body::to_bytes(Body::new(body), MOST_PAGE_BYTES).await.map_err(io::Error::other)?;
        Ok((parts, String::from_utf8_lossy(&page).into_owned()))
    };
    // The connection ends by itself only when the peer closes it: the answer is what counts.
    tokio::pin!(answer, connection);
    tokio::select! {
        answer = &mut answer => answer,
        ended = &mut connection => match ended {
            Ok(()) => answer.await,
            Err(error) => Err(io::Error::other(error)),
        },
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn loopback_addresses(url: &Url) -> Result<Vec<SocketAddr>, RobotError> {
    let port = url.port_or_known_default().unwrap_or(80);
    let elsewhere = || RobotError::NotLoopback(format!("{}://{}", url.scheme(), authority(url)));
    match url.host() {
        _ if url.scheme() != "http" => Err(elsewhere()),
        // Both families, without asking any name server.
        Some(Host::Domain("localhost")) => {
            Ok(vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()])
        }
        Some(Host::Ipv4(address)) if address.is_loopback() => Ok(vec![(address, port).into()]),
        Some(Host::Ipv6(address)) if address.is_loopback() => Ok(vec![(address, port).into()]),
        Some(Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_)) | None => Err(elsewhere()),
    }
}
