use serde_json::Value;

use super::discovery::safe;
use super::{
    METADATA, NONCE, NOW, Outcome, REDIRECT, STATE, VERIFIER, answer, client, entropy, exchange, issuer, keeps,
    lenient, redirect, shown_safely,
};
use crate::{
    AccessToken, Ask, ClientMetadata, ClientSettings, DeviceAnswer, DeviceSignIn, DeviceStart, DeviceStep, DpopKey,
    Introspected, Introspection, KeySet, Metadata, Prepared, Push, RefreshToken, Registration, Renewal, Response,
    RevocableToken, Revocation, SignIn, TokenType, Tokens, finish_userinfo, finish_userinfo_signed,
};

const SUB: &str = "user-1";
const SECRET: &str = "CANARY_SECRET";
/// The longest token, and the longest life in seconds.
const MAX_TOKEN: usize = 64 * 1024;
const MAX_LIFE: u64 = 10 * 365 * 24 * 60 * 60;

/// What was asked, a space, and an answer to it (see `answer`): every answer a provider gives to a request that
/// is not the browser's.
pub fn token_answer(bytes: &[u8]) -> Outcome {
    let Some(space) = bytes.iter().position(|byte| *byte == b' ') else { return Outcome::Refused };
    let (asked, rest) = bytes.split_at(space);
    let Some(response) = answer(rest.trim_ascii_start()) else { return Outcome::Refused };
    let metadata: &Metadata = &METADATA;
    match asked {
        b"exchange" => exchanged(metadata, client(), &response),
        b"exchange-bound" => {
            exchanged(metadata, ClientSettings { dpop: DpopKey::of_random([7; 32]), ..client() }, &response)
        }
        b"exchange-form" => exchanged(metadata, ClientSettings { form_answers: true, ..client() }, &response),
        b"renewal" => renewed(metadata, &response),
        b"pushed" => pushed(metadata, &response),
        b"device-start" => device_start(metadata, &response),
        b"device" => device(metadata, &response),
        b"introspection" => introspected(metadata, &response),
        b"revocation" => revoked(metadata, &response),
        b"registration" => registered(metadata, &response),
        b"userinfo" => userinfo(metadata, &response),
        _ => Outcome::Refused,
    }
}

fn exchanged(metadata: &Metadata, client: ClientSettings, response: &Response) -> Outcome {
    let is_bound = client.dpop.is_some();
    let reads_forms = client.form_answers;
    match exchange(metadata, client).1.finish(response) {
        Ok(tokens) => {
            assert!(tokens.id_token.is_some(), "idtoken.missing");
            assert_eq!(tokens.token_type == TokenType::Dpop, is_bound, "DPOP-05");
            good(&tokens, response, reads_forms)
        }
        Err(error) => keeps(&[VERIFIER, "CANARY_CODE", SECRET], &error),
    }
}

fn renewed(metadata: &Metadata, response: &Response) -> Outcome {
    let token = RefreshToken::new("CANARY_REFRESH".to_owned());
    let renewal = Renewal::begin(metadata, &client(), token, None).expect("begins");
    match renewal.finish(response) {
        Ok(tokens) => good(&tokens, response, false),
        Err(error) => keeps(&["CANARY_REFRESH", SECRET], &error),
    }
}

/// RFC 6749 section 5.1, read a second time.
fn good(tokens: &Tokens, response: &Response, reads_forms: bool) -> Outcome {
    assert!(response.status().is_success());
    assert!(tokens.expires_in.is_none_or(|seconds| seconds <= MAX_LIFE));
    assert!(tokens.scope.iter().flatten().all(|scope| !scope.is_empty() && !scope.contains(' ')));
    let media = response.headers()["content-type"].as_bytes().trim_ascii_start().to_ascii_lowercase();
    let is_form = media.starts_with(b"application/x-www-form-urlencoded");
    let told: Value = if is_form {
        assert!(reads_forms, "IDT-23");
        url::form_urlencoded::parse(response.body())
            .into_owned()
            .collect::<std::collections::HashMap<_, _>>()
            .into_iter()
            .collect()
    } else {
        lenient(response.body())
    };
    assert!(told["error"].as_str().unwrap_or_default().is_empty(), "HP-TK-02");
    let same = |name: &str, got: Option<&[u8]>| {
        let told = told[name].as_str().filter(|text| !text.is_empty());
        assert_eq!(told.map(str::as_bytes), got, "{name}");
        assert!(
            got.is_none_or(|text| text.len() <= MAX_TOKEN && text.iter().all(|b| (0x20..=0x7e).contains(b))),
            "{name}"
        );
    };
    #[expect(clippy::disallowed_methods, reason = "held against the bytes it came from")]
    {
        same("access_token", Some(tokens.access_token.expose().as_bytes()));
        same("refresh_token", tokens.refresh_token.as_ref().map(|token| token.expose().as_bytes()));
        same("id_token", tokens.id_token.as_ref().map(|token| token.expose().as_bytes()));
    }
    let debug = format!("{:?}", Tokens { scope: None, authorization_details: None, ..tokens.clone() });
    assert!(debug.len() < 300, "only lengths: {debug}");
    Outcome::Taken
}

/// A pushed request, whose answer makes the address to open (PAR-03, A-11).
fn pushed(metadata: &Metadata, response: &Response) -> Outcome {
    let client = ClientSettings { push: Push::Always, ..client() };
    let prepared = SignIn::prepare(metadata, client, redirect(), entropy(), &Ask::default());
    let Ok(Prepared::Push(pushing)) = prepared else { panic!("it is to be pushed") };
    match pushing.finish(response) {
        Ok((_, url)) => {
            assert_eq!(response.status().as_u16(), 201);
            let request_uri = lenient(response.body())["request_uri"].as_str().expect("text").to_owned();
            let pairs: Vec<_> = url.query_pairs().into_owned().collect();
            let named = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            assert_eq!(pairs, [named("client_id", super::CLIENT), named("request_uri", &request_uri)]);
            assert_eq!((url.origin(), url.path()), (metadata.authorization_endpoint.origin(), "/authorize"));
            Outcome::Taken
        }
        Err(error) => keeps(&[STATE, NONCE, SECRET], &error),
    }
}

/// RFC 8628 section 3.2: what a person is shown and opens.
fn device_start(metadata: &Metadata, response: &Response) -> Outcome {
    match DeviceStart::begin(metadata, &client(), &Ask::default()).expect("offered").finish(response, NOW) {
        Ok((prompt, sign_in)) => {
            assert!(prompt.user_code.len() <= 64 && prompt.user_code.bytes().all(|b| (0x20..=0x7e).contains(&b)));
            for url in std::iter::once(&prompt.verification_uri).chain(&prompt.verification_uri_complete) {
                safe(url, &issuer());
            }
            assert!(prompt.expires_at > NOW && prompt.expires_at <= NOW + 24 * 60 * 60);
            in_time(&sign_in, NOW);
            Outcome::Taken
        }
        Err(error) => keeps(&[SECRET], &error),
    }
}

/// RFC 8628 section 3.5: what a question comes to.
fn device(metadata: &Metadata, response: &Response) -> Outcome {
    let codes = serde_json::json!({"device_code": "CANARY_DEVICE", "user_code": "WDJB-MJHT",
        "verification_uri": "https://op.example/device", "expires_in": 1800, "interval": 5});
    let codes = Response::new(codes.to_string().into_bytes());
    let (_, sign_in) =
        DeviceStart::begin(metadata, &client(), &Ask::default()).expect("offered").finish(&codes, NOW).expect("good");
    match sign_in.finish(response, NOW) {
        Ok(DeviceAnswer::SignedIn(tokens)) => {
            assert!(tokens.id_token.is_some());
            good(&tokens, response, false)
        }
        Ok(DeviceAnswer::Waiting(sign_in)) => {
            in_time(&sign_in, NOW);
            Outcome::Taken
        }
        Err(error) => keeps(&["CANARY_DEVICE", SECRET], &error),
    }
}

/// DEV-01: the next question is not now, and there is a moment at which it ends.
fn in_time(sign_in: &DeviceSignIn, now: i64) {
    match sign_in.step(now) {
        DeviceStep::WaitUntil(next) => assert!(next > now),
        DeviceStep::Ask(_) | DeviceStep::Expired => panic!("asked at once"),
    }
    assert!(matches!(sign_in.step(now + 24 * 60 * 60 + 1), DeviceStep::Expired));
}

fn access() -> RevocableToken {
    RevocableToken::Access(AccessToken::new("CANARY_ACCESS".to_owned()))
}

fn introspected(metadata: &Metadata, response: &Response) -> Outcome {
    match Introspection::begin(metadata, &client(), access()).expect("offered").finish(response) {
        Ok(Introspected::Active(members)) => {
            let told = lenient(response.body());
            assert!(response.status().as_u16() == 200 && told["active"] == true && told == Value::Object(members));
            Outcome::Taken
        }
        Ok(Introspected::Inactive) => {
            assert!(response.status().as_u16() == 200 && lenient(response.body())["active"] == false);
            Outcome::Taken
        }
        Err(error) => keeps(&["CANARY_ACCESS", SECRET], &error),
    }
}

fn revoked(metadata: &Metadata, response: &Response) -> Outcome {
    match Revocation::begin(metadata, &client(), access()).expect("offered").finish(response) {
        Ok(()) => Outcome::Taken,
        Err(error) => keeps(&["CANARY_ACCESS", SECRET], &error),
    }
}

/// RFC 7591 section 3.2.1: what is registered counts, and can sign in.
fn registered(metadata: &Metadata, response: &Response) -> Outcome {
    let wanted = ClientMetadata {
        client_name: "Doorkey".to_owned(),
        redirect_uris: vec![redirect()],
        scopes: vec!["openid".to_owned()],
        device_grant: false,
        dpop: false,
    };
    let token = AccessToken::new("CANARY_ACCESS".to_owned());
    match Registration::begin(metadata, wanted, Some(token)).expect("offered").finish(metadata, response) {
        Ok(registered) => {
            let told = lenient(response.body());
            assert_eq!(told["client_id"], registered.settings.client_id.as_str());
            assert_eq!(registered.settings.check(), Ok(()));
            assert!(told["redirect_uris"].as_array().is_none_or(|all| all.iter().any(|uri| uri == REDIRECT)));
            if let Some((endpoint, _)) = &registered.management {
                safe(endpoint, &issuer());
            }
            Outcome::Taken
        }
        Err(error) => keeps(&["CANARY_ACCESS"], &error),
    }
}

/// IDT-19, IDT-20: details are about this person; signed ones have a signature, which no key here has made.
fn userinfo(metadata: &Metadata, response: &Response) -> Outcome {
    let report = finish_userinfo_signed(response, SUB, &KeySet::default(), metadata, super::CLIENT);
    let plain = finish_userinfo(response, SUB);
    match report.outcome {
        Ok(info) => {
            let told = lenient(response.body());
            assert!(response.status().as_u16() == 200 && told["sub"] == SUB && info.raw == told);
            assert_eq!(plain.outcome.map(|info| info.raw).ok(), Some(told), "one answer, read twice");
            Outcome::Taken
        }
        Err(error) => {
            assert!(plain.outcome.is_err(), "{error}");
            shown_safely(&error)
        }
    }
}
