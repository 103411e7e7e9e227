use clap::Args;
use doorkey_demo_idp::Redirect;
use url::{Host, Url};

use super::demo::LIST;

/// Run the strict demo provider for any client, and see what it sends
#[derive(Debug, Args)]
#[command(after_help = "\
An OpenID Provider on this computer only, for Doorkey or for any client that is
pointed at its issuer. Its page /seen tells every request with what was made of
it and by which rule; /seen.json is for machines. It runs until Ctrl-C and keeps
nothing.

With --misbehave it breaks one rule, and the page tells whether the client ended
as it must. A redirect URI of a loopback address without a port takes any port;
every other is compared letter by letter.

Examples:
  doorkey demo-idp
  doorkey demo-idp --port 9400 --client-id app \\
      --redirect-uri http://127.0.0.1/callback
  doorkey demo-idp --misbehave nonce-suffix
  doorkey demo-idp --misbehave list --row HP-ID
  doorkey demo-idp --json | jq -r --unbuffered .issuer")]
pub(crate) struct DemoIdp {
    /// Listen on this port [default: any free one]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// Misbehave in one way, by name; without a name, list them
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = LIST)]
    pub(crate) misbehave: Option<String>,
    /// List those only whose row begins like that
    #[arg(long, value_name = "ROW", requires = "misbehave")]
    pub(crate) row: Option<String>,
    /// The client that is known
    #[arg(long, value_name = "ID", default_value = "doorkey-demo", value_parser = client_id)]
    pub(crate) client_id: String,
    /// Where it may be sent back to; may be repeated [default: any loopback address]
    #[arg(long = "redirect-uri", value_name = "URI", value_parser = redirect)]
    pub(crate) redirects: Vec<Redirect>,
}

/// RFC 6749 appendix A.1, and not empty.
fn client_id(typed: &str) -> Result<String, String> {
    if typed.is_empty() || typed.len() > 200 || !typed.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Err("a client id has 1 to 200 visible ASCII characters".to_owned());
    }
    Ok(typed.to_owned())
}

/// RFC 6749 3.1.2, RFC 8252 7.
fn redirect(typed: &str) -> Result<Redirect, String> {
    let url = Url::parse(typed).map_err(|_| "write a whole address, such as http://127.0.0.1/callback".to_owned())?;
    if url.fragment().is_some() {
        return Err("a redirect URI has no `#` (RFC 6749 3.1.2)".to_owned());
    }
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match (url.scheme(), url.port()) {
        ("http", None) if is_loopback && url.query().is_none() => {
            Ok(Redirect::LoopbackPath { path: url.path().to_owned() })
        }
        ("http", _) if !is_loopback => Err("http leads to a loopback address only; use https".to_owned()),
        ("javascript" | "data" | "file", _) => Err("a browser must not be sent there".to_owned()),
        _ => Ok(Redirect::Exact(typed.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loopback_address_without_a_port_takes_any_and_others_are_compared() {
        let any = |path: &str| Ok(Redirect::LoopbackPath { path: path.to_owned() });
        assert_eq!(redirect("http://127.0.0.1/callback"), any("/callback"));
        assert_eq!(redirect("http://[::1]"), any("/"));
        for exact in ["http://localhost:8400/cb", "https://app.example/cb?a=b", "com.example.app:/cb"] {
            assert_eq!(redirect(exact), Ok(Redirect::Exact(exact.to_owned())));
        }
    }

    #[test]
    fn a_redirect_uri_that_no_client_may_have_is_refused() {
        for wrong in ["callback", "http://app.example/cb", "https://app.example/cb#f", "javascript:alert(1)"] {
            assert!(redirect(wrong).is_err(), "{wrong}");
        }
    }
}
