use serde_json::{Value, json};

use super::{Change, Part, of_every_type};
use crate::draft::{ACCESS_TOKEN, CLIENT, Draft, Grant, ISSUER, base64url, half_hash, whole_hash};

pub(super) fn changes() -> Vec<Change> {
    [types(), issuer(), subject(), audience(), nonce(), at_hash()].into_iter().flatten().collect()
}

/// Every claim in every type, and left out.
fn types() -> Vec<Change> {
    let good = |claim: &str, draft: &Draft| match claim {
        "azp" => json!(CLIENT),
        "at_hash" => json!(half_hash(draft.alg, ACCESS_TOKEN)),
        "nbf" | "auth_time" => json!(draft.terms.now),
        "acr" => json!("urn:example:strong"),
        _ => draft.claims.get(claim).cloned().expect("every token has it"),
    };
    let mut changes = Vec::new();
    for (claim, part) in [
        ("iss", Part::Iss),
        ("sub", Part::Sub),
        ("aud", Part::Audience),
        ("azp", Part::Audience),
        ("nonce", Part::Nonce),
        ("exp", Part::Lifetime),
        ("nbf", Part::NotBefore),
        ("iat", Part::IssuedAt),
        ("auth_time", Part::LogIn),
        ("acr", Part::LogIn),
        ("at_hash", Part::AccessToken),
    ] {
        for (index, (name, _)) in of_every_type(&Value::Null).into_iter().enumerate() {
            changes.push(Change::new(part, format!("{claim}: {name}"), move |draft| {
                // `aud` may be a list already.
                let one = match good(claim, draft) {
                    Value::Array(mut list) => list.remove(0),
                    other => other,
                };
                draft.claim(claim, of_every_type(&one).swap_remove(index).1);
            }));
        }
        changes.push(Change::new(part, format!("{claim}: left out"), move |draft| {
            draft.claims.remove(claim);
        }));
        changes.push(Change::new(part, format!("{claim}: good"), move |draft| draft.claim(claim, good(claim, draft))));
    }
    changes
}

fn issuer() -> Vec<Change> {
    let values = [
        ("with a slash", format!("{ISSUER}/")),
        ("with a 1", format!("{ISSUER}1")),
        ("cut", ISSUER[..ISSUER.len() - 1].to_owned()),
        ("in capitals", ISSUER.to_uppercase()),
        ("with a space", format!("{ISSUER} ")),
        ("without TLS", ISSUER.replace("https", "http")),
        ("with a look-alike letter", ISSUER.replace('o', "\u{43e}")),
        ("with a port", format!("{ISSUER}:443")),
        ("with a tenant", format!("{ISSUER}/tenant")),
    ];
    let one = |(name, value): (&str, String)| {
        Change::new(Part::Iss, format!("iss {name}"), move |draft| draft.claim("iss", value.clone()))
    };
    values.into_iter().map(one).collect()
}

fn subject() -> Vec<Change> {
    let values = [
        ("of 255 characters", "s".repeat(255)),
        ("of 256 characters", "s".repeat(256)),
        ("of 10000 characters", "s".repeat(10_000)),
        ("with a line break", "a\nb".to_owned()),
        ("with a null character", "a\0b".to_owned()),
        ("with an escape", "a\u{1b}[2Jb".to_owned()),
        ("with an accent", "zo\u{eb}".to_owned()),
        ("with spaces", "Ada Lovelace".to_owned()),
    ];
    let one = |(name, value): (&str, String)| {
        Change::new(Part::Sub, format!("sub {name}"), move |draft| draft.claim("sub", value.clone()))
    };
    values.into_iter().map(one).collect()
}

fn audience() -> Vec<Change> {
    let other = "client-2";
    let api = "https://api.example";
    let mut changes = Vec::new();
    for (name, aud, azp) in [
        ("of a longer name", json!(format!("{CLIENT}1")), None),
        ("of a shorter name", json!(&CLIENT[..CLIENT.len() - 1]), None),
        ("in capitals", json!(CLIENT.to_uppercase()), None),
        ("with a space", json!(format!("{CLIENT} ")), None),
        ("two in one text", json!(format!("{CLIENT} {other}")), None),
        ("another", json!([other]), None),
        ("another, azp ours", json!([other]), Some(CLIENT)),
        ("ours twice", json!([CLIENT, CLIENT]), None),
        ("ours twice, azp ours", json!([CLIENT, CLIENT]), Some(CLIENT)),
        ("ours and another", json!([CLIENT, other]), None),
        ("ours and another, azp ours", json!([CLIENT, other]), Some(CLIENT)),
        ("ours and another, azp another", json!([other, CLIENT]), Some(other)),
        ("ours and a number, azp ours", json!([CLIENT, 7]), Some(CLIENT)),
        ("ours and null, azp ours", json!([CLIENT, null]), Some(CLIENT)),
        ("ours in a list in a list", json!([[CLIENT]]), None),
        ("ours, azp another", json!([CLIENT]), Some(other)),
        ("ours as text, azp another", json!(CLIENT), Some(other)),
        ("ours, azp ours", json!(CLIENT), Some(CLIENT)),
    ] {
        changes.push(Change::new(Part::Audience, format!("aud {name}"), move |draft| {
            draft.claim("aud", aud.clone());
            if let Some(azp) = azp {
                draft.claim("azp", azp);
            }
        }));
    }
    for (name, azp) in [("trusted beside ours", None), ("trusted beside ours, azp ours", Some(CLIENT))] {
        changes.push(Change::new(Part::Audience, format!("aud {name}"), move |draft| {
            draft.terms.trusted_audiences = vec![api.to_owned()];
            draft.claim("aud", json!([CLIENT, api]));
            if let Some(azp) = azp {
                draft.claim("azp", azp);
            }
        }));
    }
    changes.push(Change::new(Part::Audience, "aud ours and 999 others, azp ours", |draft| {
        let many = (0..999).map(|n| format!("client-of-many-{n}")).chain([CLIENT.to_owned()]);
        draft.claim("aud", many.collect::<Vec<_>>());
        draft.claim("azp", CLIENT);
    }));
    changes
}

fn nonce() -> Vec<Change> {
    let sent = |draft: &Draft| draft.terms.nonce.clone().expect("one was sent");
    let change = |name: &str, apply: fn(&mut Draft)| Change::new(Part::Nonce, name, apply);
    vec![
        Change::new(Part::Nonce, "nonce with a 1", move |draft| draft.claim("nonce", format!("{}1", sent(draft)))),
        Change::new(Part::Nonce, "nonce cut", move |draft| draft.claim("nonce", &sent(draft)[1..])),
        Change::new(Part::Nonce, "nonce in capitals", move |draft| draft.claim("nonce", sent(draft).to_uppercase())),
        change("no nonce, none sent", |draft| {
            draft.terms.nonce = None;
            draft.claims.remove("nonce");
        }),
        change("a nonce, none sent", |draft| draft.terms.nonce = None),
        Change::new(Part::Whole, "renewal without a nonce", |draft| {
            draft.terms.grant = Grant::RefreshToken;
            draft.terms.nonce = None;
            draft.claims.remove("nonce");
        }),
        Change::new(Part::Whole, "renewal with the nonce of the sign-in", |draft| {
            draft.terms.grant = Grant::RefreshToken;
            draft.terms.nonce = None;
        }),
    ]
}

fn at_hash() -> Vec<Change> {
    let change = |name: &str, make: fn(&str) -> String| {
        Change::new(Part::AccessToken, name, move |draft| draft.claim("at_hash", make(draft.alg)))
    };
    vec![
        change("at_hash of another token", |alg| half_hash(alg, "another-access-token")),
        change("at_hash not halved", |alg| base64url(whole_hash(alg, ACCESS_TOKEN))),
        change("at_hash with a 1", |alg| format!("{}1", half_hash(alg, ACCESS_TOKEN))),
        change("at_hash cut", |alg| half_hash(alg, ACCESS_TOKEN)[1..].to_owned()),
        change("at_hash padded", |alg| format!("{}=", half_hash(alg, ACCESS_TOKEN))),
        change("at_hash with the hash of another algorithm", |alg| {
            half_hash(if alg.ends_with("384") { "RS256" } else { "RS384" }, ACCESS_TOKEN)
        }),
    ]
}
