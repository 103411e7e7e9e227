//! WebDriver (W3C), as far as the stories need it. Waiting is done in the page, by watching it change: nothing here
//! asks again and again whether something is there yet, but for the driver's own start.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::Instant;

use crate::PATIENCE;

/// How an element is named in an answer.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Between two looks whether the driver listens: it does not say when it does.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A page under WebDriver.
pub struct Driver {
    http: reqwest::Client,
    session: String,
    process: Child,
}

/// What the driver answers when it cannot do something.
#[derive(Debug)]
pub struct Refused {
    /// WebDriver's name for it, such as `no such element`.
    pub error: String,
    /// In its words.
    pub message: String,
}

impl Driver {
    pub(super) async fn start(mut command: Command, program: &Path) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the driver on loopback, not a provider")]
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE * 2).build().expect("an HTTP client");
        let port = free_port();
        let process = command.arg(format!("--port={port}")).spawn().expect("the driver starts");
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
            assert!(Instant::now() < until, "the driver does not listen");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        let mut driver = Self { http, session: format!("http://127.0.0.1:{port}/session"), process };
        let options = json!({ "webkitgtk:browserOptions": { "binary": program, "args": [] } });
        let wanted = json!({ "capabilities": { "alwaysMatch": options } });
        let session = tokio::time::timeout(PATIENCE, driver.ask(Method::POST, "", &wanted)).await;
        let session = session.unwrap_or_else(|_| {
            panic!("{} does not let itself be driven: is it built with the feature `automation`?", program.display())
        });
        let session = session.expect("the window opens");
        let id = session["sessionId"].as_str().expect("a session has an id");
        driver.session = format!("{}/{id}", driver.session);
        let patience = u64::try_from(PATIENCE.as_millis()).expect("it is short");
        driver.ask(Method::POST, "/timeouts", &json!({ "script": patience })).await.expect("time-outs can be set");
        driver
    }

    /// Waits until a condition on the page holds; its value. `condition` is a JavaScript expression: what it throws
    /// counts as no.
    ///
    /// # Panics
    /// When that takes longer than [`PATIENCE`], with what the page showed instead.
    pub async fn until(&self, what: &str, condition: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             const holds = () => {{ try {{ return {condition} }} catch {{ return false }} }};
             let observer;
             const look = () => {{ const found = holds(); if (found) {{ observer.disconnect(); done(found); }} }};
             observer = new MutationObserver(look);
             observer.observe(document, {{ subtree: true, childList: true, attributes: true, characterData: true }});
             look();"
        );
        match self.run_async(&script).await {
            Ok(found) => found,
            Err(refused) => {
                let page = self.run("return document.body.innerText").await;
                panic!("waited in vain until {what}: {refused:?}; the page shows:\n{page:?}")
            }
        }
    }

    /// Waits until some element of this test id has a text with these words in it.
    pub async fn reads(&self, testid: &str, words: &str) {
        let (selector, quoted) = (marked(testid), json!(words));
        let condition = format!(
            "[...document.querySelectorAll({selector})].some((one) => one.innerText.includes({quoted}))",
            selector = json!(selector)
        );
        self.until(&format!("`{testid}` reads “{words}”"), &condition).await;
    }

    /// Waits until there is an element of this test id.
    pub async fn shows(&self, testid: &str) {
        let condition = format!("document.querySelector({}) !== null", json!(marked(testid)));
        self.until(&format!("there is a `{testid}`"), &condition).await;
    }

    /// Waits until there is none.
    pub async fn hides(&self, testid: &str) {
        let condition = format!("document.querySelector({}) === null", json!(marked(testid)));
        self.until(&format!("there is no `{testid}`"), &condition).await;
    }

    /// Waits until nothing moves; what moves for ever does not count.
    ///
    /// # Panics
    /// When it does not come to rest.
    pub async fn rests(&self) {
        let script = "const done = arguments[arguments.length - 1];
            const ends = (one) => one.effect?.getComputedTiming().endTime !== Infinity;
            const rest = () => {
              const moving = document.getAnimations().filter((one) => ends(one) && one.playState !== 'finished');
              if (moving.length === 0) requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
              else Promise.allSettled(moving.map((one) => one.finished)).then(rest);
            };
            rest();";
        self.run_async(script).await.expect("the page comes to rest");
    }

    /// Stops what moves for ever, where it is seen best.
    pub(super) async fn hold_still(&self) {
        self.rests().await;
        let script = "for (const one of document.getAnimations()) {
              one.pause();
              one.currentTime = one.effect.getComputedTiming().duration;
            }";
        self.run(script).await.expect("it holds still");
    }

    /// After [`Driver::hold_still`].
    pub(super) async fn move_on(&self) {
        self.run("for (const one of document.getAnimations()) one.play()").await.expect("it moves");
    }

    /// Follows the link of this test id, once it is there and at rest.
    pub async fn follow(&self, testid: &str) {
        let there = marked(testid);
        self.press_when(&there, &format!("document.querySelector({}) !== null", json!(there))).await;
    }

    /// Presses the button of this test id, once it is there, ready and at rest.
    pub async fn press(&self, testid: &str) {
        self.press_the(&marked(testid)).await;
    }

    /// The same with any selector.
    ///
    /// # Panics
    /// When it cannot be pressed.
    pub async fn press_the(&self, selector: &str) {
        self.press_when(selector, &format!("document.querySelector({})?.matches(':enabled')", json!(selector))).await;
    }

    async fn press_when(&self, selector: &str, ready: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            self.until(&format!("{selector} can be pressed"), ready).await;
            self.rests().await;
            match self.click(selector).await {
                Ok(()) => return,
                // It was drawn anew, or something still lies over it.
                Err(refused) => assert!(Instant::now() < until, "{selector} cannot be pressed: {refused:?}"),
            }
        }
    }

    async fn click(&self, selector: &str) -> Result<(), Refused> {
        // WebKit's driver scrolls too little where the page keeps room free for its head (`scroll-padding`).
        let script = format!("document.querySelector({})?.scrollIntoView({{ block: 'center' }})", json!(selector));
        self.run(&script).await?;
        let element = self.find(selector).await?;
        self.ask(Method::POST, &format!("/element/{element}/click"), &json!({})).await.map(drop)
    }

    /// Types into the field of this test id.
    ///
    /// # Panics
    /// When it takes no text.
    pub async fn fill(&self, testid: &str, text: &str) {
        self.shows(testid).await;
        self.rests().await;
        let element = self.find(&marked(testid)).await.expect("it was just there");
        let typed = self.ask(Method::POST, &format!("/element/{element}/value"), &json!({ "text": text })).await;
        typed.expect("it takes text");
    }

    /// Chooses one of a list, as a person does.
    ///
    /// # Panics
    /// When there is no such list.
    pub async fn choose(&self, testid: &str, value: &str) {
        self.shows(testid).await;
        self.rests().await;
        let option = format!("{} option[value=\"{value}\"]", marked(testid));
        self.click(&option).await.expect("it can be chosen");
        let chosen = format!("document.querySelector({})?.value === {}", json!(marked(testid)), json!(value));
        self.until(&format!("{value} is chosen"), &chosen).await;
    }

    async fn find(&self, selector: &str) -> Result<String, Refused> {
        let query = json!({ "using": "css selector", "value": selector });
        let found = self.ask(Method::POST, "/element", &query).await?;
        Ok(found[ELEMENT].as_str().expect("an element has a name").to_owned())
    }

    /// What is on the page.
    ///
    /// # Panics
    /// When there is no page.
    pub async fn html(&self) -> String {
        let html = self.run("return document.documentElement.outerHTML").await.expect("a page");
        html.as_str().expect("text").to_owned()
    }

    /// Runs a script in the page.
    ///
    /// # Errors
    /// What it throws.
    pub async fn run(&self, script: &str) -> Result<Value, Refused> {
        self.ask(Method::POST, "/execute/sync", &json!({ "script": script, "args": [] })).await
    }

    /// The same; the script calls its last argument with the answer.
    ///
    /// # Errors
    /// As [`Driver::run`], and when it never answers.
    pub async fn run_async(&self, script: &str) -> Result<Value, Refused> {
        self.ask(Method::POST, "/execute/async", &json!({ "script": script, "args": [] })).await
    }

    /// Makes the window so large, in pixels.
    ///
    /// # Panics
    /// When the window does not follow.
    pub async fn resize(&self, width: u32, height: u32) {
        let wanted = json!({ "x": 0, "y": 0, "width": width, "height": height });
        self.ask(Method::POST, "/window/rect", &wanted).await.expect("it can be resized");
        let script = format!(
            "const done = arguments[arguments.length - 1];
             const look = () => innerWidth === {width} && innerHeight === {height} ? done(true) : requestAnimationFrame(look);
             look();"
        );
        self.run_async(&script).await.expect("the page follows");
    }

    /// Ends the driver, and the program with it if it still runs.
    pub(super) async fn stop(mut self) {
        // It may have noticed the end of the program itself.
        let _ = self.ask(Method::DELETE, "", &Value::Null).await;
        self.process.kill().await.expect("the driver ends");
    }

    async fn ask(&self, method: Method, path: &str, body: &Value) -> Result<Value, Refused> {
        let broken = |error: reqwest::Error| Refused { error: "no answer".to_owned(), message: error.to_string() };
        let mut request = self.http.request(method, format!("{}{path}", self.session));
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.map_err(broken)?;
        let good = answer.status().is_success();
        let bytes = answer.bytes().await.map_err(broken)?;
        let mut answer: Value = serde_json::from_slice(&bytes).expect("the driver speaks JSON");
        let value = answer["value"].take();
        if good {
            return Ok(value);
        }
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Err(Refused { error: text("error"), message: text("message") })
    }
}

fn marked(testid: &str) -> String {
    format!("[data-testid=\"{testid}\"]")
}

/// The driver takes a port and does not tell one it has found itself.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("its address").port()
}
