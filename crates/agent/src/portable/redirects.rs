//! Redirect URIs of other programs, and for them.

use doorkey_client::words::{Profile, RedirectHost};
use url::Url;

use crate::preset::SUGGESTED_PORTS;

/// Takes host, ports and path of the addresses over, where Doorkey can wait there; or says why not.
pub(super) fn take(profile: &mut Profile, addresses: &[String]) -> Option<String> {
    if addresses.is_empty() {
        return None;
    }
    let parts: Option<Vec<_>> = addresses.iter().map(|address| parts(address)).collect();
    let fits = parts.filter(|parts| parts.iter().all(|part| (part.0, &part.2) == (parts[0].0, &parts[0].2)));
    let Some(parts) = fits else {
        return Some(
            "It waits for the provider's answer where Doorkey cannot, so register Doorkey's own redirect URI: `doorkey \
             profile show` tells it."
                .to_owned(),
        );
    };
    let mut ports: Vec<u16> = Vec::new();
    for port in parts.iter().filter_map(|part| part.1) {
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    profile.redirect_host = parts[0].0;
    profile.redirect_path = Some(parts[0].2.clone());
    profile.ports = ports;
    None
}

fn parts(address: &str) -> Option<(RedirectHost, Option<u16>, String)> {
    let url = Url::parse(address).ok()?;
    let host = match url.host_str()? {
        "127.0.0.1" => RedirectHost::V4,
        "[::1]" => RedirectHost::V6,
        "localhost" => RedirectHost::Localhost,
        _ => return None,
    };
    let path = url.path();
    // What is left out of a URL is that port, and no other will do.
    let is_port_80 = address.contains(":80/");
    let is_plain = url.scheme() == "http" && !is_port_80 && url.query().is_none() && url.fragment().is_none();
    let port = url.port().filter(|port| *port >= 1024);
    (is_plain && path.len() > 1 && port.is_some() == url.port().is_some()).then(|| (host, port, path.to_owned()))
}

/// The addresses with a port in each: other programs do not choose one for each sign-in.
pub(super) fn with_ports(addresses: &[String]) -> Vec<String> {
    let one = |address: &String| match address.contains(":PORT/") {
        true => SUGGESTED_PORTS.iter().map(|port| address.replace(":PORT/", &format!(":{port}/"))).collect(),
        false => vec![address.clone()],
    };
    addresses.iter().flat_map(one).collect()
}
