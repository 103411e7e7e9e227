//! A server that wants a token, and remembers what it was sent.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

/// One request: its `Authorization` and its body.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) authorization: Option<String>,
    pub(crate) body: String,
}

/// What it answers to whom.
type Answer = fn(&Request) -> Response;

#[derive(Clone)]
pub(crate) struct Server {
    /// Address and port.
    pub(crate) authority: String,
    seen: Arc<Mutex<Vec<Request>>>,
    answer: Answer,
}

impl Server {
    pub(crate) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let authority = listener.local_addr().expect("its address").to_string();
        let server = Self { authority, seen: Arc::default(), answer };
        let app = Router::new().fallback(serve).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        server
    }

    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().expect("nobody panicked").clone()
    }
}

async fn serve(State(server): State<Server>, headers: HeaderMap, body: String) -> Response {
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let request = Request { authorization, body };
    let answer = (server.answer)(&request);
    server.seen.lock().expect("nobody panicked").push(request);
    answer
}

/// Wants a user name and a password.
pub(crate) fn wants_basic() -> Response {
    (StatusCode::UNAUTHORIZED, [("www-authenticate", "Basic realm=\"here\"")]).into_response()
}
