use doorkey_demo_idp::{Endpoint, Misbehaviour as M, Robot, robot_sign_in};
use url::Url;

use crate::support::{REDIRECT, Scene, text};

/// The address the browser is sent to, and its parameters in order.
struct Sent {
    url: Url,
    pairs: Vec<(String, String)>,
    issuer: String,
}

impl Sent {
    fn all(&self, name: &str) -> Vec<&str> {
        self.pairs.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str()).collect()
    }

    fn one(&self, name: &str) -> &str {
        match self.all(name)[..] {
            [value] => value,
            ref other => panic!("{name} came {} times", other.len()),
        }
    }

    fn is_error(&self, code: &str) -> bool {
        self.all("error") == [code] && self.all("code").is_empty() && self.all("state") == ["the-state"]
    }
}

type Check = fn(&Sent) -> bool;

fn table() -> Vec<(M, Check)> {
    vec![
        (M::StateSuffix, |it| it.one("state") == "the-state1" && !it.one("code").is_empty()),
        (M::StateMissing, |it| it.all("state").is_empty() && !it.one("code").is_empty()),
        (M::CallbackIssSuffix, |it| it.one("iss") == format!("{}1", it.issuer)),
        (M::CallbackIssMissing, |it| it.all("iss").is_empty() && !it.one("code").is_empty()),
        (M::CallbackIssSlash, |it| it.one("iss") == format!("{}/", it.issuer)),
        (M::CallbackIssEncodedTwice, |it| it.one("iss").starts_with("http%3A%2F%2F127.0.0.1%3A")),
        (M::JarmResponse, |it| it.one("response").split('.').count() == 3 && !it.one("code").is_empty()),
        (M::AccessTokenInUrl, |it| !it.one("access_token").is_empty() && !it.one("code").is_empty()),
        (M::IdTokenInUrl, |it| it.one("id_token").split('.').count() == 3 && !it.one("code").is_empty()),
        (M::StateTwice, |it| it.all("state") == ["the-state", "the-state"]),
        (M::StateTwiceDifferent, |it| it.all("state").len() == 2 && it.all("state")[1] != "the-state"),
        (M::CodeTwice, |it| it.all("code").len() == 2 && it.all("code")[0] == it.all("code")[1]),
        (M::CodeTwiceDifferent, |it| it.all("code").len() == 2 && it.all("code")[0] != it.all("code")[1]),
        (M::ErrorTwice, |it| it.all("error") == ["access_denied", "access_denied"] && it.all("code").is_empty()),
        (M::ErrorTwiceDifferent, |it| it.all("error") == ["access_denied", "server_error"]),
        (M::CallbackIssTwice, |it| it.all("iss") == [&it.issuer, &it.issuer]),
        (M::CallbackIssTwiceDifferent, |it| it.all("iss").len() == 2 && it.all("iss")[1] != it.issuer),
        (M::CodeAndError, |it| it.one("error") == "access_denied" && !it.one("code").is_empty()),
        (M::NeitherCodeNorError, |it| it.pairs.len() == 2 && it.one("state") == "the-state"),
        (M::EmptyCode, |it| it.one("code").is_empty() && it.one("state") == "the-state"),
        (M::HugeCode, |it| it.one("code").len() == 9 * 1024),
        (M::MixUp, |it| it.one("iss") != it.issuer && it.one("state") == "the-state"),
        (M::MixUpWithoutIss, |it| it.all("iss").is_empty() && it.one("state") == "the-state"),
        (M::AnswerInFragment, |it| {
            it.pairs.is_empty() && it.url.fragment().is_some_and(|it| it.starts_with("code=") && it.contains("state="))
        }),
        (M::DescriptionHtml, |it| it.is_error("access_denied") && it.one("error_description").contains("<script>")),
        (M::DescriptionRightToLeft, |it| it.one("error_description").contains('\u{202e}')),
        (M::DescriptionAnsi, |it| it.one("error_description").contains('\u{1b}')),
        (M::DescriptionNul, |it| it.one("error_description").contains('\0')),
        (M::DescriptionLong, |it| (6 * 1024..8 * 1024).contains(&it.one("error_description").len())),
        (M::ErrorLoginRequired, |it| it.is_error("login_required")),
        (M::ErrorConsentRequired, |it| it.is_error("consent_required")),
        (M::ErrorInteractionRequired, |it| it.is_error("interaction_required")),
        (M::ErrorAccountSelectionRequired, |it| it.is_error("account_selection_required")),
        (M::ErrorTemporarilyUnavailable, |it| it.is_error("temporarily_unavailable")),
        (M::ErrorServerError, |it| it.is_error("server_error")),
        (M::ErrorUnauthorizedClient, |it| it.is_error("unauthorized_client")),
        (M::ErrorUnknown, |it| it.is_error("out_of_cheese")),
    ]
}

pub(super) fn shown() -> Vec<M> {
    let others = [M::FormPostError, M::LongCode, M::CodeOfAnotherClient, M::PasswordPostedOn];
    table().into_iter().map(|(one, _)| one).chain(others).collect()
}

#[tokio::test]
async fn the_answer_is_as_bad_as_was_said() {
    let mut scene = Scene::new().await;
    for (one, as_said) in table() {
        scene.misbehave(one);
        let seen = scene.answered(&[]).await;
        assert_eq!(seen.status, 303, "{one}");
        let url = Url::parse(seen.location.as_deref().expect("a redirect")).expect("a URL");
        let pairs = url.query_pairs().into_owned().collect();
        let sent = Sent { url, pairs, issuer: scene.idp.issuer().to_owned() };
        assert!(as_said(&sent), "{one}: {}", sent.url);
    }
}

#[tokio::test]
async fn a_long_code_is_exchanged_like_any_other() {
    let mut scene = Scene::new().await;
    scene.misbehave(M::LongCode);
    let code = scene.code(&[]).await;
    assert_eq!(code.len(), 7 * 1024);
    scene.exchange(&code).await.json(200);
}

#[tokio::test]
async fn a_code_of_another_client_is_refused_at_the_token_endpoint() {
    let mut scene = Scene::new().await;
    scene.misbehave(M::CodeOfAnotherClient);
    let code = scene.code(&[]).await;
    scene.exchange(&code).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn the_password_is_posted_on_to_the_client() {
    let mut scene = Scene::new().await;
    scene.misbehave(M::PasswordPostedOn);
    let login = scene.begin(&[]).await;
    let seen = scene.log_in(&login, "ada@example.test", "analytical").await;
    assert_eq!(seen.status, 307);
    let to = seen.location.expect("a redirect");
    assert!(to.starts_with(REDIRECT) && to.contains("code=") && to.contains("state=the-state"), "{to}");
}

#[tokio::test]
async fn a_form_posts_the_error_and_the_robot_presses_it() {
    let mut scene = Scene::new().await;
    scene.misbehave(M::FormPostError);
    let seen = scene.answered(&[("response_mode", Some("form_post"))]).await;
    assert_eq!((seen.status, seen.action().as_str()), (200, REDIRECT));
    assert_eq!((seen.hidden("error").as_str(), seen.hidden("state").as_str()), ("login_required", "the-state"));
    assert_eq!(seen.hidden("error_description"), "This is a login_required error response");
    assert!(!seen.text.contains("name=\"code\""));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let redirect = format!("http://{}/cb/x", listener.local_addr().expect("an address"));
    let url = scene.authorization_url(&[("response_mode", Some("form_post")), ("redirect_uri", Some(&redirect))]);
    let robot = Robot::allow(scene.ada());
    let (arrived, posted) = tokio::join!(robot_sign_in(&url, &robot), one_request(listener));
    assert_eq!(arrived.expect("it arrives").status, 200);
    assert!(posted.starts_with("POST /cb/x ") && posted.contains("error=login_required"), "{posted}");
}

/// Answers one request with 200 and tells what came.
async fn one_request(listener: tokio::net::TcpListener) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (mut stream, _) = listener.accept().await.expect("a connection");
    let mut came = String::new();
    let mut piece = [0; 4096];
    while !(came.contains("\r\n\r\n") && came.contains("state=the-state")) {
        let read = stream.read(&mut piece).await.expect("a request");
        assert_ne!(read, 0, "it ended early: {came}");
        came.push_str(&String::from_utf8_lossy(&piece[..read]));
    }
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    stream.write_all(answer).await.expect("it is taken");
    came
}

#[tokio::test]
async fn a_mix_up_leads_to_another_provider_with_the_same_request() {
    let mut scene = Scene::new().await;
    let other = Scene::new().await;
    scene.misbehave(M::MixUp);
    scene.idp.knobs().mix_up_with(Some(other.idp.url(Endpoint::Authorize)));
    let url = scene.authorization_url(&[]);
    let sent = scene.get(&url).await.location.expect("a redirect");
    assert_eq!(sent.split_once('?').map(|(to, _)| to.to_owned()), Some(other.idp.url(Endpoint::Authorize)));
    let query = |url: &str| url.split_once('?').map(|(_, query)| query.to_owned());
    assert_eq!(query(&sent), query(&url));
    scene.misbehave(M::MixUpWithoutIss);
    let document = scene.fetch(Endpoint::Discovery).await;
    assert_eq!(document["authorization_response_iss_parameter_supported"], false);
    assert_eq!(text(&document["issuer"]), scene.idp.issuer());
}
