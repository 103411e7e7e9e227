//! Everything that happens with tokens after a sign-in: for other APIs, for the application itself, bound to a key,
//! looked at, asked about, and ended.

mod application;
mod connection;
mod details;
mod leaving;
mod looked_at;
mod narrowed;
mod proofs;
mod written;

use doorkey_client::words::TokenRequest;
use doorkey_demo_idp::{Endpoint, Entry};
use doorkey_tests::{PROFILE, Stage};

/// What a crowd is.
const CROWD: usize = 50;
const NOTES: &str = "https://notes.example.test";
const BILLS: &str = "https://bills.example.test";

/// Ada, signed in for two APIs.
async fn for_two_apis(stage: &Stage) {
    stage.put(|profile| profile.resources = vec![NOTES.to_owned(), BILLS.to_owned()]).await;
    stage.sign_in().await;
}

/// A token for these resources.
fn at(resources: &[&str]) -> TokenRequest {
    let resource = resources.iter().map(|resource| (*resource).to_owned()).collect();
    TokenRequest { resource, ..TokenRequest::for_profile(PROFILE) }
}

/// Requests to the token endpoint with this grant type, oldest first.
fn granted_by(stage: &Stage, grant_type: &str) -> Vec<Entry> {
    let mut entries = stage.log().of(Endpoint::Token);
    entries.retain(|entry| entry.params.get("grant_type") == Some(grant_type));
    entries
}

/// What a JWT says, nothing verified: the resource server of a story reads its own tokens.
fn claims(token: &str) -> serde_json::Value {
    let body = token.split('.').nth(1).expect("three parts");
    let mut bits: Vec<u8> = Vec::new();
    let (mut kept, mut count) = (0_u32, 0);
    for letter in body.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            _ => 63,
        };
        kept = (kept << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bits.push(u8::try_from((kept >> count) & 0xff).expect("one byte"));
        }
    }
    serde_json::from_slice(&bits).expect("claims")
}
