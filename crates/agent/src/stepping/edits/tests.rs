use super::*;

const FORM: &str = "application/x-www-form-urlencoded";

fn posted(body: &str) -> Request {
    let request = http::Request::post("https://op.example/token").header("content-type", FORM);
    request.body(body.as_bytes().to_vec()).expect("a request")
}

fn asked(address: &str) -> Request {
    http::Request::get(address).body(Vec::new()).expect("a request")
}

fn set(place: EditPlace, name: &str, value: &str) -> Edit {
    Edit::Set { place, name: name.to_owned(), value: Secret::new(value.to_owned()) }
}

fn add(place: EditPlace, name: &str, value: &str) -> Edit {
    Edit::Add { place, name: name.to_owned(), value: Secret::new(value.to_owned()) }
}

fn remove(place: EditPlace, name: &str) -> Edit {
    Edit::Remove { place, name: name.to_owned() }
}

fn to(url: &str) -> Edit {
    Edit::Address { url: url.to_owned() }
}

fn body(request: &Request) -> &str {
    str::from_utf8(request.body()).expect("text")
}

#[test]
fn what_nobody_edits_is_sent_byte_for_byte() {
    let request = posted("a=1%2c2&b=x+y&b=%20");
    assert_eq!(edited(Kind::Other, &request, &[]).expect("nothing to refuse").body(), request.body());
}

#[test]
fn a_field_is_set_where_it_stood_added_at_the_end_and_removed_wherever_it_is() {
    let request = posted("code=c&scope=a&scope=b&client_id=me");
    let new = |edits: &[Edit]| edited(Kind::Other, &request, edits).expect("good edits");
    use EditPlace::Form;
    assert_eq!(body(&new(&[set(Form, "scope", "x y")])), "code=c&scope=x+y&client_id=me");
    assert_eq!(body(&new(&[set(Form, "resource", "r")])), "code=c&scope=a&scope=b&client_id=me&resource=r");
    assert_eq!(body(&new(&[add(Form, "code", "d")])), "code=c&scope=a&scope=b&client_id=me&code=d");
    assert_eq!(body(&new(&[remove(Form, "scope"), remove(Form, "nothing")])), "code=c&client_id=me");
}

#[test]
fn headers_and_the_address_change_and_the_server_does_not() {
    let request = posted("a=1");
    let new = |edits: &[Edit]| edited(Kind::Other, &request, edits);
    let changed = new(&[
        set(EditPlace::Header, "Accept", "text/html"),
        add(EditPlace::Header, "accept", "text/plain"),
        set(EditPlace::Header, "Authorization", "Basic CANARY"),
        to("/other?x=1"),
        add(EditPlace::Query, "y", "2"),
    ])
    .expect("good edits");
    assert_eq!(changed.headers().get_all("accept").iter().count(), 2);
    assert!(!format!("{changed:?}").contains("CANARY"), "{changed:?}");
    assert_eq!(changed.uri(), "https://op.example/other?x=1&y=2");
    assert_eq!(new(&[to("https://op.example:443/z")]).expect("the same").uri(), "https://op.example/z");
    for elsewhere in [
        "https://evil.example/token",
        "//evil.example/token",
        "\\\\evil.example\\token",
        "http://op.example/token",
        "https://op.example:8443/token",
        "https://op.example@evil.example/token",
        "https://user:pass@op.example/token",
        "https://op.example/token#f",
        "https://op.example./token",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ] {
        assert_eq!(new(&[to(elsewhere)]).expect_err(elsewhere), BadEdit::OtherServer, "{elsewhere}");
    }
}

#[test]
fn another_address_keeps_the_parameters_unless_it_has_its_own() {
    let request = asked("https://op.example/authorize?state=s&scope=openid");
    let new = |url: &str| edited(Kind::Authorization, &request, &[to(url)]).expect("a good edit");
    assert_eq!(new("/other").uri(), "https://op.example/other?state=s&scope=openid");
    assert_eq!(new("https://op.example/other?x=1").uri(), "https://op.example/other?x=1");
    assert_eq!(new("/other?").uri(), "https://op.example/other?");
}

#[test]
fn a_refused_edit_names_what_is_wrong_between_backticks_or_says_that_it_is_the_address() {
    let name = |bad: BadEdit| bad.refusal().message.split('`').nth(1).map(str::to_owned);
    let x = || "x".to_owned();
    for bad in [
        BadEdit::BadName { name: x() },
        BadEdit::BadValue { name: x() },
        BadEdit::FixedHeader { name: x() },
        BadEdit::LeadsElsewhere { name: "x" },
    ] {
        assert_eq!(name(bad).as_deref(), Some("x"));
    }
    for bad in [BadEdit::OtherServer, BadEdit::TooLong] {
        assert!(bad.refusal().message.starts_with("The address "), "{bad:?}");
    }
}

#[test]
fn what_belongs_to_the_connection_or_names_another_server_is_not_set() {
    for name in ["Host", "content-length", "Transfer-Encoding", "X-Forwarded-Host", "forwarded", "x-original-url"] {
        let refused =
            edited(Kind::Document, &asked("https://op.example/k"), &[set(EditPlace::Header, name, "evil.example")]);
        assert!(matches!(refused, Err(BadEdit::FixedHeader { .. })), "{name}: {refused:?}");
    }
    for (name, value) in [("a b", "x"), ("", "x"), ("x", "a\r\nEvil: 1"), ("x\n", "y")] {
        let refused = edited(Kind::Other, &posted(""), &[set(EditPlace::Header, name, value)]);
        assert!(matches!(refused, Err(BadEdit::BadName { .. } | BadEdit::BadValue { .. })), "{name}: {refused:?}");
    }
}

#[test]
fn what_a_provider_says_of_itself_is_read_from_where_it_is() {
    let request = asked("https://op.example/.well-known/openid-configuration");
    assert_eq!(editable(Kind::Document, &request), [EditPlace::Header]);
    for edit in [to("/evil"), add(EditPlace::Query, "a", "b"), add(EditPlace::Form, "a", "b")] {
        let refused = edited(Kind::Document, &request, &[edit]);
        assert!(matches!(refused, Err(BadEdit::NotHere { .. })), "{refused:?}");
    }
}

#[test]
fn nor_by_another_place_or_another_spelling() {
    let pushed = posted("redirect_uri=http://127.0.0.1:1234/cb&state=s");
    for edit in [
        add(EditPlace::Query, "redirect_uri", "https://evil.example/cb"),
        to("/par?redirect_uri=https://evil.example/cb"),
        to("/par?request=e30.e30."),
        add(EditPlace::Form, "Redirect_URI", "https://evil.example/cb"),
        add(EditPlace::Form, "redirect.uri", "https://evil.example/cb"),
        add(EditPlace::Form, "redirect_uri[]", "https://evil.example/cb"),
    ] {
        let refused = edited(Kind::Push, &pushed, &[edit]);
        assert!(matches!(refused, Err(BadEdit::LeadsElsewhere { .. })), "{refused:?}");
    }
}

#[test]
fn a_code_can_be_sent_to_nobody_else() {
    let mine = "http://127.0.0.1:1234/cb";
    let address = format!("https://op.example/authorize?redirect_uri={mine}&state=s");
    let pushed = posted(&format!("redirect_uri={mine}&state=s"));
    for (kind, request, place) in
        [(Kind::Authorization, asked(&address), EditPlace::Query), (Kind::Push, pushed, EditPlace::Form)]
    {
        let new = |edit: Edit| edited(kind, &request, &[edit]);
        for good in
            ["http://127.0.0.1:9/wrong", "http://[::1]/x", "http://localhost:1/", "https://nobody.invalid/cb", ""]
        {
            assert!(new(set(place, "redirect_uri", good)).is_ok(), "{good}");
        }
        for bad in [
            "https://evil.example/cb",
            "http://127.0.0.1.evil.example/",
            "http://127.0.0.1@evil.example/",
            "https://evil.example\\@x.invalid/",
            "https:evil.invalid",
            "com.evil.app:/cb",
            "//evil.example",
            "evil",
            "http://x.invalid.evil.example",
        ] {
            for edit in [set(place, "redirect_uri", bad), add(place, "redirect_uri", bad)] {
                let refused = new(edit);
                assert!(matches!(refused, Err(BadEdit::LeadsElsewhere { .. })), "{bad}: {refused:?}");
            }
        }
        assert!(new(set(place, "request", "eyJhbGciOiJub25lIn0.e30.")).is_err());
        assert!(new(set(place, "request_uri", "https://evil.example/request.jwt")).is_err());
        assert!(new(set(place, "request_uri", "urn:ietf:params:oauth:request_uri:other")).is_ok());
        assert!(new(remove(place, "redirect_uri")).is_ok() && new(set(place, "state", "other")).is_ok());
    }
    // The token endpoint only compares it.
    assert!(
        edited(Kind::Other, &posted("redirect_uri=x"), &[set(EditPlace::Form, "redirect_uri", "https://a.example")])
            .is_ok()
    );
}

#[test]
fn a_request_without_a_form_has_none_and_edits_are_bounded() {
    let json = http::Request::post("https://op.example/r").header("content-type", "application/json");
    let json = json.body(b"{}".to_vec()).expect("a request");
    assert!(edited(Kind::Other, &json, &[set(EditPlace::Form, "a", "b")]).is_err());
    let many: Vec<Edit> = (0..=MOST).map(|_| remove(EditPlace::Form, "a")).collect();
    assert_eq!(edited(Kind::Other, &posted("a=1"), &many).expect_err("too many"), BadEdit::TooMany);
    let long = "x".repeat(LONGEST_ADDRESS);
    assert_eq!(edited(Kind::Other, &posted(""), &[to(&format!("/{long}"))]).expect_err("too long"), BadEdit::TooLong);
    for bad in [BadEdit::TooMany, BadEdit::OtherServer, BadEdit::LeadsElsewhere { name: "request" }] {
        let refusal = bad.refusal();
        assert!(refusal.message.ends_with('.') && !refusal.hint.is_empty(), "{refusal:?}");
    }
}
