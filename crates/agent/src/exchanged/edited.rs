//! What was changed of a request, told like the request itself: by names, and the values that may be shown.

use doorkey_client::words::{EditPlace, Edited, Pair};
use url::{Position, Url, form_urlencoded};
use zeroize::Zeroizing;

use super::request::{form, headers, is_json};
use super::secrets::Secrets;

type Request = http::Request<Vec<u8>>;

/// One value under one name in one place: as it is, and as it is told.
struct Part {
    place: EditPlace,
    name: String,
    value: Zeroizing<String>,
    told: Pair,
}

/// What differs, name by name, in the order in which the names first appear.
pub(crate) fn differences(before: &Request, after: &Request) -> Vec<Edited> {
    let mut secrets = Secrets::default();
    // What is a secret in one of them is one in the other.
    for request in [before, after] {
        drop(parts(request, &mut secrets));
    }
    let (before, after) = (parts(before, &mut secrets), parts(after, &mut secrets));
    let mut names: Vec<(EditPlace, &str)> = Vec::new();
    for part in before.iter().chain(&after) {
        if !names.contains(&(part.place, &part.name)) {
            names.push((part.place, &part.name));
        }
    }
    let of = |parts: &[Part], (place, name): (EditPlace, &str)| -> (Vec<Zeroizing<String>>, Vec<Pair>) {
        let these = parts.iter().filter(|part| (part.place, part.name.as_str()) == (place, name));
        these.map(|part| (part.value.clone(), part.told.clone())).unzip()
    };
    let differing = names.into_iter().filter_map(|named| {
        let ((was, told_before), (is, told_after)) = (of(&before, named), of(&after, named));
        let name = told_before.iter().chain(&told_after).next().map(|pair| pair.name.clone())?;
        let secret = told_before.iter().chain(&told_after).any(|pair| pair.secret);
        let values = |pairs: Vec<Pair>| pairs.into_iter().map(|pair| pair.value).collect();
        (was != is).then(|| Edited {
            place: named.0,
            name,
            before: values(told_before),
            after: values(told_after),
            secret,
        })
    });
    differing.collect()
}

fn parts(request: &Request, secrets: &mut Secrets) -> Vec<Part> {
    let mut parts = Vec::new();
    let address = request.uri().to_string();
    if let Ok(url) = Url::parse(&address) {
        let bare = &url[..Position::AfterPath];
        secrets.add_public(bare);
        let told = secrets.replaced(bare);
        let told = Pair { name: String::new(), altered: told != bare, value: told, secret: false };
        let (place, value) = (EditPlace::Address, Zeroizing::new(bare.to_owned()));
        parts.push(Part { place, name: String::new(), value, told });
        encoded(EditPlace::Query, url.query().unwrap_or_default().as_bytes(), secrets, &mut parts);
    }
    if !is_json(request) {
        encoded(EditPlace::Form, request.body(), secrets, &mut parts);
    }
    let values = request.headers().iter().zip(headers(request.headers(), secrets)).map(|((name, value), told)| Part {
        place: EditPlace::Header,
        name: name.as_str().to_owned(),
        value: Zeroizing::new(String::from_utf8_lossy(value.as_bytes()).into_owned()),
        told,
    });
    parts.extend(values);
    parts
}

/// A form or a query.
fn encoded(place: EditPlace, text: &[u8], secrets: &mut Secrets, parts: &mut Vec<Part>) {
    let told = form(text, secrets);
    let pairs = form_urlencoded::parse(text).zip(told).map(|((name, value), told)| Part {
        place,
        name: name.into_owned(),
        value: Zeroizing::new(value.into_owned()),
        told,
    });
    parts.extend(pairs);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(address: &str, scope: &str, body: &str) -> Request {
        let request = http::Request::post(address).header("content-type", "application/x-www-form-urlencoded");
        request.header("x-scope", scope).body(body.as_bytes().to_vec()).expect("a request")
    }

    #[test]
    fn each_name_that_differs_is_told_once_with_all_its_values() {
        let before = request("https://op.example/token", "a", "scope=openid&resource=a&state=CANARY-of-this-sign-in");
        let after = request("https://op.example/t2?x=1", "b", "scope=openid&resource=a&resource=b&code=CANARY-code");
        let told = differences(&before, &after);
        let names: Vec<(EditPlace, &str)> = told.iter().map(|it| (it.place, it.name.as_str())).collect();
        assert_eq!(
            names,
            [
                (EditPlace::Address, ""),
                (EditPlace::Form, "resource"),
                (EditPlace::Form, "state"),
                (EditPlace::Header, "x-scope"),
                (EditPlace::Query, "x"),
                (EditPlace::Form, "code"),
            ]
        );
        assert_eq!(
            (told[0].before.join(""), told[0].after.join("")),
            ("https://op.example/token".to_owned(), "https://op.example/t2".to_owned())
        );
        assert_eq!((told[1].before.len(), told[1].after.len()), (1, 2));
        assert!(told[2].secret && told[2].after.is_empty() && told[5].secret && told[5].before.is_empty());
        assert!(!format!("{told:?}").contains("CANARY"), "{told:?}");
    }

    #[test]
    fn the_same_request_does_not_differ() {
        let it = request("https://op.example/token?a=1", "a", "scope=openid");
        assert_eq!(differences(&it, &it.clone()), []);
    }
}
