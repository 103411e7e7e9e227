//! A browser with a person in front of it, for programs that start one: `robot URL`.
//!
//! `ROBOT_AS` is the person's first name (Ada), `ROBOT_SAYS` is `yes` or `no`.

use std::env;
use std::process::ExitCode;

use doorkey_demo_idp::{Robot, robot_sign_in};
use doorkey_tests::stage::person;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(url) = env::args().nth(1) else { return ExitCode::from(64) };
    let person = person(&env::var("ROBOT_AS").unwrap_or_else(|_| "Ada".to_owned()));
    let robot = match env::var("ROBOT_SAYS").as_deref() {
        Ok("no") => Robot::deny(&person),
        _ => Robot::allow(&person),
    };
    match robot_sign_in(&url, &robot).await {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
