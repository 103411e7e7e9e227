use super::*;
use crate::tests::{at, events, kinds, refused};

#[test]
fn a_flow_knows_what_it_is_and_how_it_ended() {
    let flow = Flow::of(events()).expect("one flow");
    assert_eq!((flow.id.as_str(), flow.kind, flow.profile.as_deref()), ("f1", FlowKind::SignIn, Some("work")));
    assert_eq!((flow.issuer(), flow.sub()), (Some("https://op.example"), Some("ada")));
    assert_eq!(flow.outcome, Outcome::Succeeded);
    assert_eq!((flow.began, flow.ended), (at(1_000), at(9_000)));
    assert_eq!(flow.agent.as_deref(), Some("0.0.9"), "the newest that began before it");
}

#[test]
fn the_order_of_the_entries_does_not_matter() {
    let mut reversed = events();
    reversed.reverse();
    assert_eq!(Flow::of(reversed), Flow::of(events()));
}

#[test]
fn entries_of_two_flows_or_of_none_are_no_flow() {
    let mut two = events();
    two.extend(kinds("f2", 100, vec![EventKind::SignInStarted]));
    assert_eq!(Flow::of(two), Err(FlowError::Several { one: "f1".to_owned(), other: "f2".to_owned() }));
    assert_eq!(Flow::of(Vec::new()), Err(FlowError::Empty));
    let without = events().into_iter().filter(|event| event.flow.is_none()).collect();
    assert_eq!(Flow::of(without), Err(FlowError::Empty));
}

#[test]
fn the_browsers_way_and_the_requests_are_found() {
    let flow = Flow::of(events()).expect("one flow");
    let visits = flow.visits();
    let [visit] = visits.as_slice() else { panic!("{visits:?}") };
    assert_eq!((visit.url, visit.at), ("https://op.example/authorize", at(2_000)));
    assert_eq!(visit.redirect_uri, Some("http://127.0.0.1:7000/cb/work"));
    let (came, brought) = visit.answer.expect("it came back");
    assert_eq!((came, brought.len()), (at(4_000), 2));

    let asked: Vec<Asked<'_>> = flow.asked().collect();
    assert_eq!(asked.len(), 3);
    assert_eq!((asked[0].began, asked[0].ended), (at(1_000), at(1_100)), "told when it was over");
    assert_eq!(flow.judged().map(|judged| judged.subject).collect::<Vec<_>>(), ["id_token"]);
}

#[test]
fn each_end_is_told_by_its_entry() {
    let ended = |kind: EventKind| {
        Flow::of(kinds("f", 1, vec![EventKind::SignInStarted, kind])).map(|flow| flow.outcome).expect("a flow")
    };
    let refusal = refused("idtoken.nonce_mismatch");
    assert_eq!(ended(EventKind::SignInFailed { refusal: refusal.clone() }), Outcome::Refused { refusal });
    assert_eq!(ended(EventKind::SignInCancelled), Outcome::Cancelled);
    let not_kept = EventKind::NotKept { sub: "ada".to_owned(), revoked: true, reason: String::new() };
    assert_eq!(ended(not_kept), Outcome::Succeeded, "its tokens are gone, and the sign-in went as it goes");
    assert_eq!(ended(EventKind::BrowserOpened), Outcome::Untold);
}

#[test]
fn an_index_finds_the_newest_sign_in_without_keeping_entries() {
    let mut index = Index::default();
    let renewal = vec![EventKind::RenewalStarted { reason: "planned".to_owned() }];
    let later = [kinds("f2", 50, vec![EventKind::SignInStarted]), kinds("f3", 60, renewal)];
    events().iter().chain(later.iter().flatten()).for_each(|event| index.see(event));
    let all: Vec<(&str, FlowKind)> = index.all().iter().map(|it| (it.id.as_str(), it.kind)).collect();
    assert_eq!(all, [("f1", FlowKind::SignIn), ("f2", FlowKind::SignIn), ("f3", FlowKind::Renewal)]);
    assert_eq!(index.newest_sign_in(Some("work")).map(|it| it.id.as_str()), Some("f2"));
    assert_eq!(index.newest_sign_in(Some("other")), None);
    assert_eq!(index.beginning_with("f").count(), 3);
    assert_eq!(index.all()[0].outcome, Outcome::Succeeded);
}
