//! One sign-in under way, as the program that opens the browser sees it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use doorkey_client::Client;
use doorkey_client::words::{Refusal, Session, SignIn, SignInRequest, SignInStep};
use doorkey_demo_idp::{Arrived, Person, Robot, robot_sign_in};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use url::Url;

use crate::PATIENCE;
use crate::stranger::{self, Answer};
use crate::watch;

/// Longer than any listener keeps a silent connection after its answer.
const NOBODY_THERE: Duration = Duration::from_secs(5);

/// A sign-in that waits for its browser.
#[derive(Debug)]
pub struct Attempt {
    client: Arc<Client>,
    /// Its id.
    pub id: String,
    /// Where the browser must go.
    pub url: Url,
    /// Where the provider will send the browser.
    pub redirect_uri: Url,
}

impl Attempt {
    /// Starts one and waits until it listens.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn begin(client: &Arc<Client>, request: &SignInRequest) -> Self {
        let id = client.start_sign_in(request).await.expect("the sign-in starts").sign_in.id;
        Self::waiting(client, &id).await
    }

    /// One that somebody else has started.
    ///
    /// # Panics
    /// When it ends before it listens.
    pub async fn waiting(client: &Arc<Client>, id: &str) -> Self {
        let sign_in = watch::until_sign_in(client, id, "the sign-in waits for the browser", |sign_in| {
            sign_in.step == SignInStep::Waiting || sign_in.step.is_final()
        })
        .await;
        assert_eq!(sign_in.step, SignInStep::Waiting, "{:?}", sign_in.error);
        let url = client.sign_in(id).await.expect("the sign-in is known").authorization_url.expect("it has an address");
        let redirect_uri = sign_in.redirect_uri.expect("it listens");
        Self {
            client: Arc::clone(client),
            id: id.to_owned(),
            url: url.parse().expect("the address is a URL"),
            redirect_uri: redirect_uri.parse().expect("the redirect URI is a URL"),
        }
    }

    /// A person signs in at the provider and says yes.
    ///
    /// # Panics
    /// When the browser does not come back to the listener.
    pub async fn allow(&self, person: &Person) -> Arrived {
        robot_sign_in(self.url.as_str(), &Robot::allow(person)).await.expect("the browser comes back")
    }

    /// A person signs in at the provider and says no.
    ///
    /// # Panics
    /// As [`Attempt::allow`].
    pub async fn deny(&self, person: &Person) -> Arrived {
        robot_sign_in(self.url.as_str(), &Robot::deny(person)).await.expect("the browser comes back")
    }

    /// One parameter of the authorization request.
    ///
    /// # Panics
    /// When it has none of that name.
    #[must_use]
    pub fn asked(&self, name: &str) -> String {
        let value = self.url.query_pairs().find(|(key, _)| key == name);
        value.unwrap_or_else(|| panic!("the request has no `{name}`")).1.into_owned()
    }

    /// The port that is listened on.
    ///
    /// # Panics
    /// Never for an attempt that listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.redirect_uri.port().expect("a loopback redirect URI has a port")
    }

    /// The redirect URI with these parameters, as some browser might be sent there.
    #[must_use]
    pub fn callback(&self, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.redirect_uri.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        url
    }

    /// A browser arrives there.
    pub async fn visit(&self, parameters: &[(&str, &str)]) -> Answer {
        stranger::visit(&self.callback(parameters)).await
    }

    /// How it is now.
    ///
    /// # Panics
    /// When the agent does not know it.
    pub async fn now(&self) -> SignIn {
        self.client.sign_in(&self.id).await.expect("the sign-in is known").sign_in
    }

    /// Waits until so many requests had no effect.
    pub async fn until_ignored(&self, n: u32) -> SignIn {
        watch::until_sign_in(&self.client, &self.id, "strangers were ignored", |sign_in| sign_in.ignored >= n).await
    }

    /// Waits for its end.
    pub async fn ended(&self) -> SignIn {
        watch::until_sign_in(&self.client, &self.id, "the sign-in ends", |sign_in| sign_in.step.is_final()).await
    }

    /// Waits for its good end.
    ///
    /// # Panics
    /// When it has another.
    pub async fn done(&self) -> Session {
        let sign_in = self.ended().await;
        assert_eq!(sign_in.step, SignInStep::Done, "{:?}", sign_in.error);
        sign_in.session.expect("who is signed in")
    }

    /// Waits for its bad end.
    ///
    /// # Panics
    /// When it has another.
    pub async fn failed(&self) -> Refusal {
        let sign_in = self.ended().await;
        assert_eq!(sign_in.step, SignInStep::Failed);
        assert_eq!(sign_in.session, None);
        sign_in.error.expect("why it failed")
    }

    /// Asks the agent to stop it.
    ///
    /// # Panics
    /// When the agent refuses.
    pub async fn cancel(&self) {
        self.client.cancel_sign_in(&self.id).await.expect("a sign-in can be stopped");
    }

    /// Waits until the listener is gone: after an answer it serves its last page for a few seconds more (L-28).
    ///
    /// # Panics
    /// When it stays.
    pub async fn until_deserted(&self) {
        Self::until_port_is_free(self.port()).await;
    }

    /// The same for any port that one listened on.
    ///
    /// # Panics
    /// As [`Attempt::until_deserted`].
    pub async fn until_port_is_free(port: u16) {
        let deserted = async {
            // A connection that is taken ends with the listener, or before it: then another is tried. One that was made in the
            // moment of closing may be known to this side alone, which nobody tells of it: so no wait is for ever.
            for host in [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()] {
                while let Ok(mut silent) = TcpStream::connect((host, port)).await {
                    let _ = tokio::time::timeout(NOBODY_THERE, silent.read_to_end(&mut Vec::new())).await;
                }
            }
        };
        tokio::time::timeout(PATIENCE, deserted).await.expect("the listener closes");
        assert!(is_free(port), "the listener is still there");
    }

    /// Whether nobody listens there any more, on both families, long before a last page would be over. It may take a
    /// moment to see: a program that another test is starting holds a copy of the listener until it has begun.
    pub async fn is_deserted(&self) -> bool {
        for _ in 0..50 {
            if is_free(self.port()) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    }
}

fn is_free(port: u16) -> bool {
    let refused = |host: IpAddr| {
        let connected = std::net::TcpStream::connect((host, port));
        connected.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    };
    refused(Ipv4Addr::LOCALHOST.into()) && refused(Ipv6Addr::LOCALHOST.into())
}
