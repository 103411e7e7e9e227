//! Who signs in: the person at this terminal in their own browser, or the built-in robot.

use std::env;
use std::io::{self, IsTerminal};

use doorkey_agent::browser::BrowserChoice;
use serde::Serialize;

use crate::args::Demo;
use crate::browser::Opening;
use crate::output::Output;

/// Who signs in.
#[derive(Clone, Debug)]
pub(super) enum SignsIn {
    /// The robot, and why it is the robot.
    Robot(&'static str),
    Person(Opening),
}

/// The same for machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SignedInBy {
    Robot,
    Person,
}

impl SignsIn {
    /// A person where there are one and a browser, or where a browser was named.
    pub(super) fn of(args: Demo, out: &Output) -> Self {
        let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let watched = io::stdin().is_terminal() && out.answers().terminal;
        if args.robot {
            Self::Robot("you said --robot")
        } else if args.browser.is_some() {
            Self::Person(Opening::With(BrowserChoice::from_env(args.browser)))
        } else if !watched {
            Self::Robot("nobody watches at a terminal")
        } else if set("DISPLAY") || set("WAYLAND_DISPLAY") || set("BROWSER") {
            Self::Person(Opening::With(BrowserChoice::from_env(None)))
        } else {
            Self::Robot("there is no display and no $BROWSER")
        }
    }
}
