//! Headless Chromium, driven over WebDriver through ChromeDriver: a fresh profile and a free port for each run.

mod driver;
mod page;

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;

use self::driver::Driver;
pub(super) use self::page::{PageFault, do_steps, do_steps_told};

/// Chromium is closed within this time, or killed.
const CLOSES_WITHIN: Duration = Duration::from_secs(5);
/// Longer than a cold start takes on a busy machine.
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// What is installed of Chromium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    chromium: PathBuf,
    driver: PathBuf,
}

/// Why there is no Chromium to fill in a page.
#[derive(Debug, thiserror::Error)]
pub enum NoBrowser {
    /// The browser is missing.
    #[error("there is no Chromium: neither chromium, chromium-browser nor google-chrome is in PATH")]
    Chromium,
    /// What drives it is missing.
    #[error("there is no ChromeDriver: chromedriver is not in PATH")]
    Driver,
    /// A variable names a file that is not there.
    #[error("{variable} is set to {}, where no program is", .path.display())]
    Named {
        /// CHROMIUM or CHROMEDRIVER.
        variable: &'static str,
        /// What it is set to.
        path: PathBuf,
    },
    /// It does not start.
    #[error("ChromeDriver does not start: {0}")]
    NotStarted(String),
    /// The browser does not start.
    #[error("Chromium does not start: {0}")]
    Session(String),
}

impl NoBrowser {
    /// What helps.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Chromium | Self::Driver => {
                "Install both: `apt-get install chromium chromium-driver` on Debian, `dnf install chromium chromedriver` on \
                 Fedora, Google Chrome and its ChromeDriver on Ubuntu. Where they are elsewhere, set CHROMIUM and CHROMEDRIVER \
                 to their paths."
            }
            Self::Named { .. } => "Set it to the path of the program, or unset it to have the one in PATH.",
            Self::NotStarted(_) | Self::Session(_) => {
                "Run `chromedriver --version` and `chromium --version`: both must be of the same version. Where another browser \
                 is meant, such as /usr/bin/google-chrome, set CHROMIUM to its path."
            }
        }
    }
}

impl Installed {
    /// What CHROMIUM and CHROMEDRIVER name, or what is in PATH.
    ///
    /// # Errors
    /// Which of the two is missing. What a variable names is taken, or nothing.
    pub fn find() -> Result<Self, NoBrowser> {
        let chromium = named("CHROMIUM")?
            .or_else(|| in_path(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]))
            .ok_or(NoBrowser::Chromium)?;
        let driver = named("CHROMEDRIVER")?
            .or_else(|| in_path(&["chromedriver", "chromium.chromedriver"]))
            .ok_or(NoBrowser::Driver)?;
        Ok(Self { chromium, driver })
    }
}

fn named(variable: &'static str) -> Result<Option<PathBuf>, NoBrowser> {
    match env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from) {
        Some(path) if path.is_file() => Ok(Some(path)),
        Some(path) => Err(NoBrowser::Named { variable, path }),
        None => Ok(None),
    }
}

fn in_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file()))
}

/// A browser that runs. What ends it in order is [`close`](Self::close); dropped, it is killed.
pub(super) struct Browser {
    client: Client,
    driver: Driver,
    _profile: TempDir,
}

impl Browser {
    pub(super) async fn start(installed: &Installed, visible: bool) -> Result<Self, NoBrowser> {
        let profile = tempfile::Builder::new().prefix("doorkey-chromium-").tempdir();
        let profile = profile.map_err(|error| NoBrowser::NotStarted(error.to_string()))?;
        let driver = Driver::start(&installed.driver, profile.path()).await?;
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let serde_json::Value::Object(capabilities) = capabilities(&installed.chromium, profile.path(), visible) else {
            return Err(NoBrowser::NotStarted("its settings are no table".to_owned()));
        };
        let address = format!("http://127.0.0.1:{}", driver.port());
        let started = tokio::time::timeout(STARTS_WITHIN, builder.capabilities(capabilities).connect(&address)).await;
        match started {
            Ok(Ok(client)) => Ok(Self { client, driver, _profile: profile }),
            Ok(Err(error)) => Err(NoBrowser::Session(first_line(&error.to_string()))),
            Err(_) => Err(NoBrowser::Session(format!("it did not within {} s", STARTS_WITHIN.as_secs()))),
        }
    }

    pub(super) fn page(&self) -> &Client {
        &self.client
    }

    /// The last page closes, the driver ends, and with it all that it started.
    pub(super) async fn close(self) {
        let _ = tokio::time::timeout(CLOSES_WITHIN, self.client.close()).await;
        self.driver.end().await;
    }
}

fn capabilities(chromium: &Path, profile: &Path, visible: bool) -> serde_json::Value {
    let mut arguments = vec![
        format!("--user-data-dir={}", profile.display()),
        // A container's /dev/shm is small.
        "--disable-dev-shm-usage".to_owned(),
        "--disable-gpu".to_owned(),
        "--no-first-run".to_owned(),
        "--no-default-browser-check".to_owned(),
        // Nothing goes to anybody but the provider.
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--disable-quic".to_owned(),
        "--window-size=1280,900".to_owned(),
    ];
    if !visible {
        arguments.push("--headless=new".to_owned());
    }
    // Chromium refuses to run as root with its sandbox, and containers run everything as root.
    if rustix::process::geteuid().is_root() {
        arguments.push("--no-sandbox".to_owned());
    }
    json!({
        "browserName": "chrome",
        "pageLoadStrategy": "normal",
        "goog:chromeOptions": { "binary": chromium, "args": arguments },
    })
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_end_matches('.').to_owned()
}
