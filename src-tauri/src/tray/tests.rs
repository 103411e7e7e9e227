use crate::overview::tests::{question, session};
use crate::words::Language;

use super::*;

fn shown(overview: &Overview) -> Shown {
    Shown::of(overview, Language::English.words())
}

#[test]
fn each_state_has_a_shape_and_a_line() {
    let mut overview = Overview::default();
    assert_eq!((shown(&overview).shape, shown(&overview).state.as_str()), (Shape::Offline, "No agent"));
    overview.connected = true;
    assert_eq!((shown(&overview).shape, shown(&overview).state.as_str()), (Shape::Nobody, "Nobody signed in"));
    overview.sessions = vec![session("a", "Ada", "signed_in"), session("b", "Bea", "renewing")];
    assert_eq!((shown(&overview).shape, shown(&overview).state.as_str()), (Shape::Ready, "2 signed in"));
    overview.sessions.push(session("c", "Cem", "sign_in_required"));
    assert_eq!(
        (shown(&overview).shape, shown(&overview).state.as_str()),
        (Shape::Attention, "2 signed in · 1 needs you")
    );
    overview.questions.push(question("q", "/usr/bin/curl"));
    assert_eq!(shown(&overview).state, "2 signed in · 2 need you");
    let german = Shown::of(&overview, Language::German.words());
    assert_eq!((german.state.as_str(), german.quit), ("2 angemeldet · 2 brauchen dich", "Beenden"));
}

#[test]
fn tokens_are_offered_of_whoever_has_one_and_not_of_too_many() {
    let mut overview = Overview { connected: true, ..Overview::default() };
    overview.sessions = (0..10).map(|number| session(&number.to_string(), "A & B", "signed_in")).collect();
    overview.sessions[0].label = Some("Mine".to_owned());
    overview.sessions[1].state = doorkey_client::words::SessionState::SignInRequired;
    let shown = shown(&overview);
    assert_eq!(shown.copies.len(), MOST_ACCOUNTS);
    assert_eq!(shown.copies[0], ("0".to_owned(), "Copy token – Mine (work)".to_owned()));
    assert_eq!(shown.copies[1], ("2".to_owned(), "Copy token – A & B (work)".to_owned()));
    assert_eq!(shown.more.as_deref(), Some("1 more in the window"));
    assert_eq!(literally(&shown.copies[1].1), "Copy token – A && B (work)");
}

/// By shape, not only by colour: in shades of one colour they differ, too.
#[test]
fn no_two_pictures_are_alike_without_their_colours() {
    let outline = |shape| {
        let picture = picture(shape);
        let light = |one: &[u8]| one[3] > 127 && u16::from(one[0]) + u16::from(one[1]) + u16::from(one[2]) > 600;
        picture.rgba().chunks_exact(4).map(|one| (one[3] > 127, light(one))).collect::<Vec<_>>()
    };
    let all = [Shape::Ready, Shape::Attention, Shape::Nobody, Shape::Offline].map(outline);
    for (first, one) in all.iter().enumerate() {
        for other in &all[first + 1..] {
            let different = one.iter().zip(other).filter(|(one, other)| one != other).count();
            assert!(different > one.len() / 25, "only {different} of {} pixels", one.len());
        }
    }
}
