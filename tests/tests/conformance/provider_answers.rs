//! What the provider itself sends the browser back with (rows HP-AZ-01 to HP-AZ-16, HP-34 and HP-63 to HP-66, HP-79): it
//! misbehaves by name, a person signs in there, and the sign-in ends as the catalogue says it must.

use doorkey_demo_idp::{Asks, Endpoint, Misbehaviour, MustEnd, Robot, Settings, robot_sign_in, start};
use doorkey_tests::Stage;
use url::Url;

use crate::listener_support::Waiting;

/// HP-63: `state` with a `1` at its end | not ours: 400, waits
#[tokio::test]
async fn hp_63_state_with_a_suffix() {
    plays("HP-63").await;
}

/// HP-64: no `state` | not ours: 400, waits
#[tokio::test]
async fn hp_64_no_state() {
    plays("HP-64").await;
}

/// HP-65: `iss` with a `1` at its end | `callback.iss_mismatch`, no token request
#[tokio::test]
async fn hp_65_iss_with_a_suffix() {
    plays("HP-65").await;
}

/// HP-66: no `iss`, though promised | `callback.iss_missing`, no token request
#[tokio::test]
async fn hp_66_no_iss() {
    plays("HP-66").await;
}

/// HP-79: a signed response (JARM) nobody asked for | `callback.token_in_url`
#[tokio::test]
async fn hp_79_jarm() {
    plays("HP-79").await;
}

/// HP-AZ-01: a parameter twice | `state`: waits; any other: `callback.duplicate_parameter`
#[tokio::test]
async fn hp_az_01_parameters_twice() {
    plays("HP-AZ-01").await;
}

/// HP-AZ-02: a code and an error | the error counts, the code is never sent
#[tokio::test]
async fn hp_az_02_code_and_error() {
    plays("HP-AZ-02").await;
}

/// HP-AZ-03: neither code nor error | `callback.no_code`
#[tokio::test]
async fn hp_az_03_neither() {
    plays("HP-AZ-03").await;
}

/// HP-AZ-04: an empty code | as if absent
#[tokio::test]
async fn hp_az_04_empty_code() {
    plays("HP-AZ-04").await;
}

/// HP-AZ-05: a code of 7 KiB, one of 9 KiB | works; 414 and waits
#[tokio::test]
async fn hp_az_05_long_codes() {
    plays("HP-AZ-05").await;
}

/// HP-AZ-08: a token in the address | `callback.token_in_url`, its value nowhere
#[tokio::test]
async fn hp_az_08_tokens_in_the_address() {
    plays("HP-AZ-08").await;
}

/// HP-AZ-09: the answer behind the `#` | the bare path arrives: a short page that says so, waits
#[tokio::test]
async fn hp_az_09_answer_in_the_fragment() {
    plays("HP-AZ-09").await;
}

/// HP-AZ-10: `iss` with a slash more, or encoded twice | compared byte for byte after one decoding: mismatch
#[tokio::test]
async fn hp_az_10_other_spellings_of_iss() {
    plays("HP-AZ-10").await;
}

/// HP-AZ-11: markup, turned text, terminal commands, NUL, 7 KiB in the description | cleaned and cut
#[tokio::test]
async fn hp_az_11_hostile_descriptions() {
    plays("HP-AZ-11").await;
}

/// HP-AZ-14: the code of another client | `token.code_rejected`, the old session unharmed
#[tokio::test]
async fn hp_az_14_code_of_another_client() {
    plays("HP-AZ-14").await;
}

/// HP-AZ-15: a 307 that posts the password on | 405, waits
#[tokio::test]
async fn hp_az_15_password_posted_on() {
    plays("HP-AZ-15").await;
}

/// HP-AZ-16: errors that want interaction, or say that the provider cannot | each its own code
#[tokio::test]
async fn hp_az_16_interaction_errors() {
    plays("HP-AZ-16").await;
}

/// HP-AZ-06: the provider sends the browser on to another, honest one, whose answer comes with our `state` | its `iss` tells: no code leaves
#[tokio::test]
async fn hp_az_06_mix_up() {
    let honest = start(Settings::default()).await.expect("another provider");
    let waiting = Waiting::new().await;
    let mut sent_on: Url = honest.url(Endpoint::Authorize).parse().expect("a URL");
    sent_on.set_query(waiting.attempt.url.query());
    let ada = Robot::allow(&waiting.stage.person("Ada"));
    robot_sign_in(sent_on.as_str(), &ada).await.expect("the honest one knows the redirect URI too");
    let refused = waiting.ends("callback.iss_mismatch").await;
    assert!(refused.message.contains(honest.issuer()), "{refused:?}");
    assert_eq!(honest.log().count(Endpoint::Token), 0);
}

/// HP-AZ-07: the same where neither promises `iss` | the code is refused by the provider that did not make it; nothing is saved
#[tokio::test]
async fn hp_az_07_mix_up_without_iss() {
    let how = Misbehaviour::MixUpWithoutIss;
    let stage = Stage::with(Settings { misbehaviour: Some(how), ..Settings::default() }).await;
    let (_, refused) = stage.sign_in_refused().await;
    assert_eq!(Some(refused.code.as_str()), how.must_end().code(), "{refused:?}");
    assert_eq!(stage.log().count(Endpoint::Token), 1);
    assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
    stage.provider.knobs().misbehave(None);
    stage.assert_next_sign_in_works().await;
}

async fn plays(row: &str) {
    let mut waiting = Waiting::new().await;
    let mut played = 0;
    for how in Misbehaviour::ALL.iter().filter(|how| how.rows().contains(&row) && how.asks() == Asks::Nothing) {
        waiting.stage.provider.knobs().misbehave(Some(*how));
        waiting = Waiting::on(ends_as_it_must(waiting, *how).await).await;
        played += 1;
    }
    assert!(played > 0, "the catalogue has no {row}");
}

/// A person signs in at a provider that misbehaves, and it ends as the catalogue says.
pub(crate) async fn ends_as_it_must(waiting: Waiting, how: Misbehaviour) -> Stage {
    let before = waiting.stage.snapshot().await;
    let exchanged = waiting.stage.log().count(Endpoint::Token);
    let ada = waiting.stage.person("Ada");
    let arrived = robot_sign_in(waiting.attempt.url.as_str(), &Robot::allow(&ada)).await;
    match how.must_end() {
        MustEnd::Accepted => {
            assert_eq!(waiting.attempt.done().await.sub, "demo|ada", "{how}");
        }
        MustEnd::Waiting => {
            let page = arrived.expect("a page of ours");
            assert!((400..500).contains(&page.status), "{how}: {}", page.status);
            let says_so = page.page.contains("No answer came with this page");
            assert_eq!(says_so, how == Misbehaviour::AnswerInFragment, "{how}: {}", page.page);
            waiting.attempt.until_ignored(1).await;
            assert_eq!(waiting.stage.log().count(Endpoint::Token), exchanged, "{how}");
            assert_eq!(waiting.stage.snapshot().await, before, "{how}");
            waiting.stage.provider.knobs().misbehave(None);
            waiting.attempt.allow(&ada).await;
            waiting.attempt.done().await;
        }
        MustEnd::Refused(code) => {
            let refused = waiting.attempt.failed().await;
            assert_eq!(refused.code, code, "{how}: {refused:?}");
            doorkey_tests::stage::assert_told_well(&refused);
            assert!(
                refused.message.chars().count() < 400 && !refused.message.contains(char::is_control),
                "{refused:?}"
            );
            let sent = usize::from(code.starts_with("token."));
            assert_eq!(waiting.stage.log().count(Endpoint::Token), exchanged + sent, "{how}");
            assert_eq!(waiting.stage.snapshot().await, before, "{how}");
        }
        other => panic!("{how} ends elsewhere: {other:?}"),
    }
    waiting.stage.provider.knobs().misbehave(None);
    waiting.assert_port_is_free().await;
    waiting.stage.assert_next_sign_in_works().await;
    waiting.stage
}
