//! The one way to a provider: time limits, size limits, no redirects, no cookies, TLS judged by the
//! platform, and failures told apart.
//!
//! What is deliberately absent: retries, decompression, caching, logging. A caller that may ask again
//! knows so from [`HttpError`].

mod certificate;
mod classify;
mod errors;
mod here;
mod network_file;
mod proxy;
#[cfg(test)]
mod tests;
mod trust;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use doorkey_client::words::NetworkSettings;
use http::Request;
use reqwest::{Client, redirect};
use tokio::time::{Instant, timeout};
use url::{Host, Url};

use classify::{classify, innermost};
pub(crate) use errors::HttpError;
use errors::Target;
use here::Here;
pub(crate) use network_file::NetworkFile;
pub use network_file::network_settings;
pub use proxy::proxy_in_effect;
use proxy::{Proxy, Way};
pub use trust::{CaFile, CaFileError, CaFiles};

/// Idle connections are worth little between renewals, and cost memory.
const POOL_IDLE: Duration = Duration::from_secs(15);

/// What may differ between a person's machine and a test.
#[derive(Clone)]
pub(crate) struct HttpSettings {
    /// Until the connection, TLS included, is there.
    pub(crate) connect: Duration,
    /// Until the last byte of the answer is there.
    pub(crate) total: Duration,
    /// Whom to trust beside those whom the platform trusts.
    pub(crate) ca_files: CaFiles,
    /// What a person has set.
    pub(crate) network: Arc<NetworkFile>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(30),
            ca_files: CaFiles::default(),
            network: Arc::default(),
        }
    }
}

/// Sends requests to providers. Its clients are built when first needed.
pub(crate) struct Http {
    settings: HttpSettings,
    clients: Mutex<Clients>,
}

/// One client per road; a client that was never needed holds no trust roots in memory.
#[derive(Default)]
struct Clients {
    /// What was set when they were built.
    network: NetworkSettings,
    loopback: Option<Client>,
    loopback_tls: Option<Client>,
    away: Option<Client>,
}

#[derive(Clone, Copy)]
enum Road {
    /// Plain HTTP on this machine.
    Loopback,
    /// HTTPS on this machine.
    LoopbackTls,
    /// Everywhere else, through the proxy of the environment or the system if there is one.
    Away,
}

/// A whole answer, whatever its status; redirects are answers too.
#[derive(Debug)]
pub(crate) struct Answer {
    /// As it came, headers included.
    pub(crate) response: http::Response<Vec<u8>>,
    /// From the call to the last byte.
    pub(crate) took: Duration,
}

impl Http {
    /// Nothing is built or loaded yet.
    pub(crate) fn new(settings: HttpSettings) -> Self {
        Self { settings, clients: Mutex::default() }
    }

    /// Sends a request and reads its answer, of which the body may have `cap` bytes.
    ///
    /// # Errors
    /// [`HttpError`]; it tells whether the request may have reached the provider.
    pub(crate) async fn send(&self, request: Request<Vec<u8>>, cap: usize) -> Result<Answer, HttpError> {
        let started = Instant::now();
        let url = Url::parse(&request.uri().to_string()).map_err(|_| HttpError::InsecureUrl)?;
        let target = Target::of(&url);
        let road = road(&url)?;
        let network = self.network(road)?;
        let proxy = match road {
            Road::Away => proxy::towards(&url, &network)?,
            Road::Loopback | Road::LoopbackTls => None,
        };
        let exchange = async {
            let sorted = |error: reqwest::Error| classify(&error, &target, proxy.as_ref());
            let request = request.try_into().map_err(sorted)?;
            let answer = self.client(road, &network)?.execute(request).await.map_err(sorted)?;
            whole(answer, cap, &target).await
        };
        let answer = timeout(self.settings.total, exchange).await.unwrap_or(Err(HttpError::TimedOut { target }));
        if answer.as_ref().is_err_and(HttpError::may_lie_with_this_machine) {
            self.forget_clients();
        }
        Ok(Answer { response: answer?, took: started.elapsed() })
    }

    /// The proxy that requests to this URL go through now, for people; without user and password.
    pub(crate) fn proxy_towards(&self, url: &Url) -> Option<String> {
        match road(url) {
            Ok(Road::Away) => {
                proxy::towards(url, &self.network(Road::Away).ok()?).ok().flatten().as_ref().map(Proxy::to_string)
            }
            Ok(Road::Loopback | Road::LoopbackTls) | Err(_) => None,
        }
    }

    /// How providers are reached, as a person has set it; plain HTTP on this machine has nothing to do with it.
    fn network(&self, road: Road) -> Result<NetworkSettings, HttpError> {
        match road {
            Road::Loopback => Ok(NetworkSettings::default()),
            Road::LoopbackTls | Road::Away => {
                self.settings.network.settings().map_err(|refusal| HttpError::Network(Box::new(refusal)))
            }
        }
    }

    /// The file with what a person has set.
    pub(crate) fn network_file(&self) -> &NetworkFile {
        &self.settings.network
    }

    /// The files of certificates in force, settings' and environment's.
    pub(crate) fn ca_files(&self, network: &NetworkSettings) -> CaFiles {
        self.settings.ca_files.clone().beside(network)
    }

    /// Certificates and proxies are read once per client: the next request sees the machine as it is then.
    pub(crate) fn forget_clients(&self) {
        *self.clients.lock().unwrap_or_else(PoisonError::into_inner) = Clients::default();
    }

    fn client(&self, road: Road, network: &NetworkSettings) -> Result<Client, HttpError> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(road, Road::Loopback) && clients.network != *network {
            *clients = Clients { network: network.clone(), ..Clients::default() };
        }
        let kept = match road {
            Road::Loopback => &mut clients.loopback,
            Road::LoopbackTls => &mut clients.loopback_tls,
            Road::Away => &mut clients.away,
        };
        match kept {
            Some(client) => Ok(client.clone()),
            None => Ok(kept.insert(build(&self.settings, road, network)?).clone()),
        }
    }
}

/// Whether the URL's host is this machine by its very name: 127.0.0.0/8, `[::1]` or `localhost`.
pub(crate) fn names_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn road(url: &Url) -> Result<Road, HttpError> {
    match (url.scheme(), names_loopback(url)) {
        ("http", true) => Ok(Road::Loopback),
        ("https", true) => Ok(Road::LoopbackTls),
        ("https", false) => Ok(Road::Away),
        _ => Err(HttpError::InsecureUrl),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one HTTP struct")]
fn build(settings: &HttpSettings, road: Road, network: &NetworkSettings) -> Result<Client, HttpError> {
    // Whoever comes second finds the same provider installed.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = Client::builder()
        .user_agent(concat!("Doorkey/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(settings.connect)
        .pool_idle_timeout(POOL_IDLE);
    let client = match road {
        Road::Loopback | Road::LoopbackTls => client.dns_resolver(Here),
        Road::Away => client,
    };
    let tls = || trust::client_config(&settings.ca_files.clone().beside(network));
    let client = match road {
        // Without TLS there is nothing to trust, and machines without any certificate store can still try the demo.
        Road::Loopback => client.no_proxy().tls_certs_only([]),
        // HTTP_PROXY applies to 127.0.0.1 too if it is let.
        Road::LoopbackTls => client.no_proxy().tls_backend_preconfigured(tls()?),
        Road::Away => {
            let client = client.https_only(true).tls_backend_preconfigured(tls()?);
            match proxy::way(network)? {
                Way::Systems => client,
                Way::Set { proxy, no_proxy } => {
                    let proxy = reqwest::Proxy::all(proxy.as_str())
                        .map_err(|error| HttpError::NoClient { why: innermost(&error) })?;
                    client.no_proxy().proxy(proxy.no_proxy(reqwest::NoProxy::from_string(&no_proxy)))
                }
            }
        }
    };
    client.build().map_err(|error| HttpError::NoClient { why: innermost(&error) })
}

async fn whole(
    mut answer: reqwest::Response,
    cap: usize,
    target: &Target,
) -> Result<http::Response<Vec<u8>>, HttpError> {
    let too_large = || HttpError::TooLarge { target: target.clone(), cap };
    if answer.content_length().is_some_and(|length| length > cap as u64) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    // With the head already here, whatever happens to the body happens after the request was sent.
    while let Some(chunk) = answer.chunk().await.map_err(|_| HttpError::NoAnswer { target: target.clone() })? {
        if body.len() + chunk.len() > cap {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = http::Response::new(body);
    *response.status_mut() = answer.status();
    *response.version_mut() = answer.version();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(response)
}
