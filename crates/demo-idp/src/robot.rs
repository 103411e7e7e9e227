//! A person for machines without a browser: it reads the pages, fills in the forms and follows where they
//! lead, on loopback and nowhere else.

mod form;
mod http;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::http::Method;
use tokio::sync::Mutex;
use url::Url;

use crate::Person;
use form::Form;
use http::Browser;

const MOST_STEPS: usize = 20;
const LONGEST_VISIT: Duration = Duration::from_secs(30);

/// Who signs in and what they say to the consent page.
#[derive(Clone)]
pub struct Robot {
    /// Typed into the login page.
    pub email: String,
    /// Typed into the login page.
    pub password: String,
    /// Clicked on the consent page.
    pub choice: Choice,
}

/// The answer to the consent page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Allow.
    Allow,
    /// Deny.
    Deny,
}

/// The last page: what the client's loopback listener told the person.
#[derive(Clone)]
pub struct Arrived {
    /// Its HTTP status.
    pub status: u16,
    /// Its HTML.
    pub page: String,
}

/// A robot whose browser stays open: who signed in there is signed in at the next visit.
#[derive(Clone)]
pub struct RobotBrowser {
    robot: Robot,
    browser: Arc<Mutex<Browser>>,
}

impl RobotBrowser {
    /// A fresh browser in the hands of that robot.
    #[must_use]
    pub fn new(robot: Robot) -> Self {
        Self { robot, browser: Arc::default() }
    }

    /// [`robot_sign_in`] in this browser. A page after sign-out is an end too.
    ///
    /// # Errors
    /// [`RobotError`].
    pub async fn visit(&self, url: &str) -> Result<Arrived, RobotError> {
        let mut browser = self.browser.lock().await;
        let visit = visit(&mut browser, url, &self.robot, Leaving::Follows);
        match tokio::time::timeout(LONGEST_VISIT, visit).await.unwrap_or(Err(RobotError::TooSlow))? {
            End::Page(arrived) => Ok(arrived),
            End::Address(address) => Err(RobotError::NotLoopback(address)),
        }
    }
}

/// Why the robot did not get to the end.
#[derive(Debug, thiserror::Error)]
pub enum RobotError {
    /// It goes nowhere else.
    #[error("the robot goes to addresses on this computer only, not to {0:?}")]
    NotLoopback(String),
    /// No answer.
    #[error("{0} could not be reached")]
    Unreachable(String, #[source] std::io::Error),
    /// The provider showed a page without a form the robot knows.
    #[error("the provider shows a page that leads nowhere (HTTP status {status}): {title}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The title of the page.
        title: String,
    },
    /// The provider does not take the person's password.
    #[error("the provider does not take this email and password")]
    WrongPassword,
    /// Round and round.
    #[error("the sign-in leads round in circles")]
    TooManySteps,
    /// The whole visit took too long.
    #[error("the sign-in took longer than {} seconds", LONGEST_VISIT.as_secs())]
    TooSlow,
}

impl Robot {
    /// Signs in as that person and allows.
    #[must_use]
    pub fn allow(person: &Person) -> Self {
        Self { email: person.email.clone(), password: person.password.clone(), choice: Choice::Allow }
    }

    /// Signs in as that person and denies.
    #[must_use]
    pub fn deny(person: &Person) -> Self {
        Self { choice: Choice::Deny, ..Self::allow(person) }
    }
}

/// Does what a person with a fresh browser would do at that authorization URL of a demo provider, up to the
/// page that the client's loopback listener shows. At a `verification_uri_complete` (RFC 8628 3.3.1) it types the
/// code in, and the last page is the provider's own.
///
/// # Errors
/// [`RobotError`], also when any step would lead to another computer.
pub async fn robot_sign_in(authorization_url: &str, robot: &Robot) -> Result<Arrived, RobotError> {
    let mut browser = Browser::default();
    let visit = visit(&mut browser, authorization_url, robot, Leaving::Follows);
    match tokio::time::timeout(LONGEST_VISIT, visit).await.unwrap_or(Err(RobotError::TooSlow))? {
        End::Page(arrived) => Ok(arrived),
        End::Address(address) => Err(RobotError::NotLoopback(address)),
    }
}

/// The same with a browser on another computer, which cannot reach the client's listener: the address that stands
/// in its address bar in the end. It holds the code.
///
/// # Errors
/// As [`robot_sign_in`].
pub async fn robot_sent_to(authorization_url: &str, robot: &Robot) -> Result<String, RobotError> {
    let mut browser = Browser::default();
    let visit = visit(&mut browser, authorization_url, robot, Leaving::Stays);
    match tokio::time::timeout(LONGEST_VISIT, visit).await.unwrap_or(Err(RobotError::TooSlow))? {
        End::Address(address) => Ok(address),
        End::Page(arrived) => Err(RobotError::Refused { status: arrived.status, title: form::title(&arrived.page) }),
    }
}

/// What the robot does when the provider sends it elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaving {
    Follows,
    Stays,
}

enum End {
    Page(Arrived),
    Address(String),
}

async fn visit(
    browser: &mut Browser,
    authorization_url: &str,
    robot: &Robot,
    leaving: Leaving,
) -> Result<End, RobotError> {
    let start =
        Url::parse(authorization_url).map_err(|_| RobotError::NotLoopback("an address that is no URL".into()))?;
    let provider = start.origin();
    let mut signed_in_once = false;
    let mut step = (Method::GET, start, String::new());
    for _ in 0..MOST_STEPS {
        let (method, url, body) = step;
        let seen = browser.request(method.clone(), &url, body.clone()).await?;
        if let Some(location) = seen.location {
            let next = url.join(&location).map_err(|_| RobotError::NotLoopback("a redirect that is no URL".into()))?;
            if leaving == Leaving::Stays && next.origin() != provider {
                return Ok(End::Address(next.into()));
            }
            // RFC 9110 15.4: 307 and 308 keep method and body.
            step = match seen.status {
                307 | 308 => (method, next, body),
                _ => (Method::GET, next, String::new()),
            };
            continue;
        }
        if url.origin() != provider {
            return Ok(End::Page(Arrived { status: seen.status, page: seen.page }));
        }
        if seen.page.contains(r#"id="device-done""#) {
            return Ok(End::Page(Arrived { status: seen.status, page: seen.page }));
        }
        let refused = || RobotError::Refused { status: seen.status, title: form::title(&seen.page) };
        let form = Form::first(&seen.page).ok_or_else(refused)?;
        let action = url.join(&form.action).map_err(|_| refused())?;
        let filled = if form.has_field("user_code") {
            let code = url.query_pairs().find(|(name, _)| name == "user_code").map(|(_, code)| code.into_owned());
            form.filled(&[("user_code", &code.ok_or_else(refused)?)])
        } else if form.has_field("password") {
            if std::mem::replace(&mut signed_in_once, true) {
                return Err(RobotError::WrongPassword);
            }
            form.filled(&[("email", &robot.email), ("password", &robot.password)])
        } else if form.has_button("decision") {
            let decision = match robot.choice {
                Choice::Allow => "allow",
                Choice::Deny => "deny",
            };
            form.filled(&[("decision", decision)])
        } else if action.origin() != provider {
            // The answer itself, as a form.
            form.filled(&[])
        } else {
            return Err(refused());
        };
        step = (Method::POST, action, filled);
    }
    Err(RobotError::TooManySteps)
}

impl fmt::Debug for Robot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Robot").field("email", &self.email).field("choice", &self.choice).finish_non_exhaustive()
    }
}

impl fmt::Debug for RobotBrowser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RobotBrowser").field("robot", &self.robot).finish_non_exhaustive()
    }
}

impl fmt::Debug for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrived").field("status", &self.status).field("length", &self.page.len()).finish()
    }
}
