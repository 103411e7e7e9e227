//! Lies of the wire: whole answers that come in another way, or with headers nobody asked for.

use http::header::{CONTENT_ENCODING, HeaderName, SET_COOKIE, STRICT_TRANSPORT_SECURITY};

use super::Misbehaviour as M;
use crate::answer::Answer;
use crate::{Endpoint, Fault, gzip};

const UNPACKED: usize = 16 * 1024 * 1024;

/// The answer of that endpoint, and what happens to it on its way.
pub(crate) fn change(chosen: M, endpoint: Endpoint, answer: Answer) -> (Answer, Option<Fault>) {
    let gave_tokens = endpoint == Endpoint::Token && answer.status.is_success();
    let on_the_way = |fault: Fault, here: bool| here.then_some(fault);
    let fault = match chosen {
        M::TokenCut => on_the_way(Fault::Cut, gave_tokens),
        M::TokenCutInChunk => on_the_way(Fault::CutChunk, gave_tokens),
        M::TokenReset => on_the_way(Fault::Reset, gave_tokens),
        M::TokenHuge => on_the_way(Fault::Huge, gave_tokens),
        M::TokenSlow => on_the_way(Fault::SlowBody, gave_tokens),
        M::JwksSlow => on_the_way(Fault::SlowBody, endpoint == Endpoint::Jwks),
        M::TokenGzipBomb if gave_tokens => {
            let packed = Answer { body: gzip::of_letters(UNPACKED), ..answer };
            return (packed.with_header(CONTENT_ENCODING, "gzip"), None);
        }
        M::CookiesAndHints => {
            let answer = answer
                .with_header(SET_COOKIE, "tracker=CANARY_COOKIE; Path=/")
                .with_header(STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains; preload")
                .with_header(HeaderName::from_static("alt-svc"), r#"h3=":443"; ma=86400"#);
            return (answer, None);
        }
        _ => None,
    };
    (answer, fault)
}
