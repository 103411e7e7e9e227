//! What is done on the provider's pages.

use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::{Client, Locator};
use tokio::time::{Instant, sleep, timeout_at};

use crate::scenario::{Do, Secrets, Step};

/// How often a page is looked at again: WebDriver tells nobody when a page changes.
const LOOKS_AGAIN: Duration = Duration::from_millis(50);
/// Longer texts of a page are no help to a reader.
const LONGEST_SHOWN: usize = 200;

/// Nor are longer ones searched: pages are as long as their makers like.
const LONGEST_READ: usize = 16 * 1024;

const NOT_THERE: &str = "nothing like that is there";

/// Why a step on a page did not work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageFault {
    /// The element was not there, or not as it had to be.
    #[error("step {number}, {told}: {why} (the page was \"{title}\" at {address})")]
    Step { number: usize, told: String, expected: bool, why: String, title: String, address: String },
    /// A password stands in the file.
    #[error("step {number}, {told}: this field is a password, which does not stand in a scenario: use `secret`")]
    Password { number: usize, told: String },
    /// The browser does not answer.
    #[error("the browser does not answer: {0}")]
    Gone(String),
}

/// Opens the address, and does the steps one after the other. Once `is_over` says that the sign-in has ended, pages are
/// looked at and not touched any more.
pub(crate) async fn do_steps(
    page: &Client,
    address: &str,
    steps: &[Step],
    secrets: &Secrets,
    is_over: impl Fn() -> bool,
) -> Result<(), PageFault> {
    do_steps_told(page, address, steps, secrets, is_over, |_, _| {}).await
}

/// The same; `began` hears the number of each step and what it is.
pub(crate) async fn do_steps_told(
    page: &Client,
    address: &str,
    steps: &[Step],
    secrets: &Secrets,
    is_over: impl Fn() -> bool,
    began: impl Fn(usize, String),
) -> Result<(), PageFault> {
    page.goto(address).await.map_err(|error| PageFault::Gone(told(&error)))?;
    for (index, step) in steps.iter().enumerate() {
        let touches = !matches!(step.what, Do::Expect(_));
        if touches && is_over() {
            continue;
        }
        began(index + 1, described(step));
        one(page, index + 1, step, secrets, &is_over).await?;
    }
    Ok(())
}

async fn one(
    page: &Client,
    number: usize,
    step: &Step,
    secrets: &Secrets,
    is_over: &impl Fn() -> bool,
) -> Result<(), PageFault> {
    let until = Instant::now() + step.within;
    let touches = !matches!(step.what, Do::Expect(_));
    let told_step = || described(step);
    let mut why = NOT_THERE.to_owned();
    loop {
        let tried = timeout_at(until, attempt(page, step, secrets)).await;
        match tried {
            Ok(Ok(Outcome::Done)) => return Ok(()),
            Ok(Ok(Outcome::Password)) => return Err(PageFault::Password { number, told: told_step() }),
            Ok(Ok(Outcome::OtherText(text))) => why = format!("it says \"{}\"", shown(&secrets.scrubbed(&text))),
            Ok(Err(error)) if passes(&error) => why = NOT_THERE.to_owned(),
            Ok(Err(error)) => why = told(&error),
            // What the attempt before has seen still holds.
            Err(_) => {}
        }
        if touches && is_over() {
            return Ok(());
        }
        if Instant::now() >= until {
            if step.optional {
                return Ok(());
            }
            let title = page.title().await.map_err(|error| PageFault::Gone(told(&error)))?;
            let title = shown(&secrets.scrubbed(&beginning(title)));
            let address = page.current_url().await.map_or_else(
                |_| String::new(),
                |mut url| {
                    // Codes and states are in there.
                    url.set_query(None);
                    url.set_fragment(None);
                    // None of those can be said of an address that has no host.
                    let _ = url.set_username("");
                    let _ = url.set_password(None);
                    secrets.scrubbed(url.as_str())
                },
            );
            return Err(PageFault::Step {
                number,
                told: told_step(),
                expected: !touches,
                why: secrets.scrubbed(&why),
                title,
                address,
            });
        }
        sleep(LOOKS_AGAIN).await;
    }
}

enum Outcome {
    Done,
    Password,
    OtherText(String),
}

async fn attempt(page: &Client, step: &Step, secrets: &Secrets) -> Result<Outcome, CmdError> {
    let element = page.find(Locator::Css(&step.selector)).await?;
    match &step.what {
        Do::Fill(value) => {
            if is_password(&element).await? {
                return Ok(Outcome::Password);
            }
            element.clear().await?;
            element.send_keys(value).await?;
        }
        Do::FillSecret(name) => {
            element.clear().await?;
            secrets.type_into(name, &element).await?;
        }
        Do::Click => element.click().await?,
        Do::Wait | Do::Expect(None) => {}
        Do::Expect(Some(part)) => {
            let text = element.text().await?;
            if !text.contains(part.as_str()) {
                return Ok(Outcome::OtherText(beginning(text)));
            }
        }
    }
    Ok(Outcome::Done)
}

async fn is_password(element: &Element) -> Result<bool, CmdError> {
    Ok(element.attr("type").await?.is_some_and(|kind| kind.eq_ignore_ascii_case("password")))
}

/// Whether it may be another way in a moment: pages are built while they are looked at.
fn passes(error: &CmdError) -> bool {
    match error {
        CmdError::Standard(error) => matches!(
            error.error,
            ErrorStatus::NoSuchElement
                | ErrorStatus::StaleElementReference
                | ErrorStatus::ElementNotInteractable
                | ErrorStatus::ElementClickIntercepted
                | ErrorStatus::InvalidElementState
        ),
        _ => false,
    }
}

/// What is done with what: never what is typed.
fn described(step: &Step) -> String {
    format!("{} \"{}\"", verb(&step.what), step.selector)
}

fn verb(what: &Do) -> &'static str {
    match what {
        Do::Fill(_) | Do::FillSecret(_) => "fill",
        Do::Click => "click",
        Do::Wait => "wait",
        Do::Expect(_) => "expect",
    }
}

fn told(error: &CmdError) -> String {
    let text = match error {
        CmdError::Standard(error) => error.message.to_string(),
        other => other.to_string(),
    };
    super::first_line(&text)
}

/// As much of a page's text as is read for its first words: secrets are looked for in it.
fn beginning(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(LONGEST_READ));
    text
}

fn shown(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > LONGEST_SHOWN { text.chars().take(LONGEST_SHOWN).chain(['…']).collect() } else { text }
}
