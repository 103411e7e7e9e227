//! Where one request is worked on: what is known, what is remembered, and what time it is.

use std::time::Duration;

use crate::answer::Answer;
use crate::flow::BrowserSession;
use crate::request::Request;
use crate::state::State;
use crate::{
    Client, Endpoint, Kind, Person, Settings, authorize, consent, device, introspect, login, logout, metadata,
    misbehaviour, oauth_only, pages, pushed, random, registration, revoke, token, userinfo,
};

/// What does not change while the provider runs.
pub(crate) struct Facts {
    pub(crate) settings: Settings,
    /// `127.0.0.1:PORT`.
    pub(crate) authority: String,
    pub(crate) issuer: String,
    /// The issuer's path without a slash at its end.
    pub(crate) base: String,
}

impl Facts {
    pub(crate) fn url(&self, endpoint: Endpoint) -> String {
        format!("http://{}{}", self.authority, endpoint.path(&self.base))
    }

    fn client(&self, id: &str) -> Option<&Client> {
        self.settings.clients.iter().find(|client| client.id == id)
    }

    pub(crate) fn person(&self, sub: &str) -> Option<&Person> {
        self.settings.people.iter().find(|person| person.sub == sub)
    }

    /// Cookies of one host are shared by all its ports: the port in the name keeps providers apart.
    fn cookie_name(&self, what: &str) -> String {
        let port = self.authority.rsplit(':').next().unwrap_or_default();
        format!("demo_idp_{port}_{what}")
    }
}

pub(crate) struct Desk<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) state: &'a mut State,
    /// Since the Unix epoch, by the provider's own clock.
    pub(crate) now: Duration,
}

impl Desk<'_> {
    /// The answer to a request, every endpoint's.
    pub(crate) fn answer(&mut self, request: &Request) -> Answer {
        if let Some(status) = request.unreadable {
            return Answer::empty(status).because("the body is too long, or took too long");
        }
        if !request.endpoint.methods().contains(&request.method) {
            return Answer::wrong_method(request.endpoint);
        }
        if oauth_only::is_gone(self.facts.settings.kind, request.endpoint) {
            return self.nothing_here();
        }
        match request.endpoint {
            Endpoint::Home => self.home(request),
            Endpoint::Discovery | Endpoint::OauthMetadata => metadata::answer(self),
            Endpoint::Jwks => {
                let good = Answer::json(&self.state.keys.jwks());
                match self.state.behaviour.misbehaviour {
                    Some(chosen) => misbehaviour::change_keys(chosen, self, good),
                    None => good,
                }
            }
            Endpoint::Authorize => authorize::answer(self, request),
            Endpoint::Login => login::answer(self, request),
            Endpoint::Consent => consent::answer(self, request),
            Endpoint::Token => self.in_its_shape(request, token::answer),
            Endpoint::Userinfo => userinfo::answer(self, request),
            Endpoint::Revoke => revoke::answer(self, request),
            Endpoint::Logout => logout::answer(self, request),
            Endpoint::LogoutConfirmed => logout::confirmed(self, request),
            Endpoint::Introspect => introspect::answer(self, request),
            Endpoint::DeviceAuthorization => self.in_its_shape(request, device::begin),
            Endpoint::Device => device::verify(self, request),
            Endpoint::Register => registration::answer(self, request),
            Endpoint::User => oauth_only::user(self, request),
            Endpoint::Pushed => pushed::answer(self, request),
            Endpoint::SignedOut => Answer::page(http::StatusCode::OK, &pages::signed_out(self.facts)),
            Endpoint::Other => misbehaviour::canary(self.facts, &request.path).unwrap_or_else(|| self.nothing_here()),
        }
    }

    fn nothing_here(&self) -> Answer {
        let page = pages::error(self.facts, "There is no such page", "The address may be mistyped.", None);
        Answer::page(http::StatusCode::NOT_FOUND, &page).because("there is nothing at this address")
    }

    fn in_its_shape(&mut self, request: &Request, work: impl FnOnce(&mut Self, &Request) -> Answer) -> Answer {
        let answer = work(self, request);
        match self.facts.settings.kind {
            Kind::OpenId => answer,
            Kind::OauthOnly => oauth_only::reshape(request, &answer),
        }
    }

    /// A client that is set up or has registered itself.
    pub(crate) fn client(&self, id: &str) -> Option<&Client> {
        self.facts.client(id).or_else(|| self.state.registered.iter().find(|client| client.id == id))
    }

    fn home(&self, request: &Request) -> Answer {
        let person = self.session(request).and_then(|session| self.facts.person(&session.signed_in.sub));
        Answer::page(http::StatusCode::OK, &pages::home(self.facts, person))
    }

    /// Who is signed in in this browser.
    pub(crate) fn session(&self, request: &Request) -> Option<&BrowserSession> {
        self.state.browsers.find(request.cookie(&self.facts.cookie_name("session"))?)
    }

    /// Signs a person in in this browser, in place of whoever was; the second value is the cookie to set.
    pub(crate) fn begin_session(&mut self, request: &Request, sub: &str) -> (crate::flow::SignedIn, String) {
        let mut session = BrowserSession::begin(sub, self.now);
        let before = request.cookie(&self.facts.cookie_name("session")).and_then(|old| self.state.browsers.remove(old));
        if let Some(before) = before.filter(|before| before.signed_in.sub == sub) {
            session.signed_in.sid = before.signed_in.sid;
            session.consents = before.consents;
        }
        let signed_in = session.signed_in.clone();
        self.state.browsers.insert(&signed_in.cookie, session);
        let cookie = self.cookie("session", &signed_in.cookie);
        (signed_in, cookie)
    }

    /// The browser's own name, and the cookie to set when it has none yet.
    pub(crate) fn browser(&self, request: &Request) -> (String, Option<String>) {
        match request.cookie(&self.facts.cookie_name("browser")).filter(|name| name.len() == 43) {
            Some(name) => (name.to_owned(), None),
            None => {
                let name = random::token();
                let cookie = self.cookie("browser", &name);
                (name, Some(cookie))
            }
        }
    }

    /// Whether the request comes from the browser that something was begun in.
    pub(crate) fn is_from(&self, request: &Request, browser: &str) -> bool {
        request.cookie(&self.facts.cookie_name("browser")).is_some_and(|name| random::same(name, browser))
    }

    fn cookie(&self, what: &str, value: &str) -> String {
        // No `Secure`: the provider speaks plain HTTP and is on loopback only.
        format!("{}={value}; Path={}/; HttpOnly; SameSite=Lax", self.facts.cookie_name(what), self.facts.base)
    }
}
