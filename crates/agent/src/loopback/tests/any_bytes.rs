//! Rules that hold for every request, over a pipe in memory.

use proptest::prelude::*;

use super::super::in_memory::{Heard, PATH, PORT, one_connection};
use super::judge;
use crate::fuzzing::run;

fn heard(pieces: &[&[u8]]) -> Heard<String> {
    run(one_connection(pieces, judge))
}

fn request(query: &str, headers: &str) -> String {
    format!("GET {PATH}?{query} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n{headers}\r\n")
}

/// One answer, or nothing at all.
fn is_one_answer(answer: &[u8]) -> bool {
    let starts = answer.windows(7).filter(|window| window == b"HTTP/1.").count();
    answer.is_empty() || (starts == 1 && answer.starts_with(b"HTTP/1."))
}

proptest! {
    #[test] // C-19, L-25
    fn no_bytes_make_it_panic_or_end_the_wait(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let heard = heard(&[&bytes]);
        prop_assert!(heard.ours.is_none() && heard.judged.is_empty() && is_one_answer(&heard.answer));
    }

    #[test] // L-10, L-16, L-25
    fn a_request_that_is_bent_anywhere_is_judged_whole_or_not_at_all(
        at in 0_usize..200,
        with in prop::collection::vec(any::<u8>(), 0..4),
        cut in 0_usize..4,
    ) {
        let mut bytes = request("code=c&state=good", "Accept: */*\r\n").into_bytes();
        let from = at.min(bytes.len());
        bytes.splice(from..(from + cut).min(bytes.len()), with);
        let heard = heard(&[&bytes]);
        prop_assert!(heard.judged.len() <= 1 && is_one_answer(&heard.answer));
        for query in &heard.judged {
            let head = format!("GET {PATH}{}{query}", if query.is_empty() { "" } else { "?" });
            prop_assert!(bytes.starts_with(head.as_bytes()), "{query}");
        }
        prop_assert!(heard.ours.is_none_or(|query| query.split('&').any(|pair| pair == "state=good")));
    }

    #[test] // L-24
    fn a_request_says_the_same_in_any_pieces(cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
        let query = "code=4%2F0a==&state=good&iss=https%3A%2F%2Fop.example";
        let whole = request(query, "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n");
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(whole.len())).chain([0, whole.len()]).collect();
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|ends| &whole.as_bytes()[ends[0]..ends[1]]).collect();
        let heard = heard(&pieces);
        prop_assert_eq!(heard.judged, [query]);
        prop_assert_eq!(heard.ours.as_deref(), Some(query));
        prop_assert!(heard.ignored.is_empty() && heard.answer.starts_with(b"HTTP/1.1 303 "));
    }

    #[test] // C-19
    fn a_target_is_judged_up_to_eight_kibibytes(length in 8_000_usize..8_400) {
        let query = format!("{:x<width$}", "state=good&x=", width = length - PATH.len() - 1);
        let heard = heard(&[request(&query, "").as_bytes()]);
        prop_assert_eq!(heard.judged.is_empty(), length > 8 * 1024);
        prop_assert_eq!(heard.answer.starts_with(b"HTTP/1.1 414 "), length > 8 * 1024);
    }

    #[test] // L-25
    fn a_head_is_judged_up_to_64_headers(more in 0_usize..100) {
        let headers: String = (0..more).map(|n| format!("X-{n}: x\r\n")).collect();
        let heard = heard(&[request("state=good", &headers).as_bytes()]);
        prop_assert_eq!(heard.judged.is_empty(), more + 1 > 64);
        prop_assert_eq!(heard.answer.starts_with(b"HTTP/1.1 431 "), more + 1 > 64);
    }

    #[test] // L-25
    fn no_head_over_16_kibibytes_is_judged(more in 0_usize..8_000, piece in 1_usize..3_000) {
        let whole = request("state=good", &format!("X: {}\r\n", "x".repeat(16 * 1024 + more)));
        let pieces: Vec<&[u8]> = whole.as_bytes().chunks(piece).collect();
        let heard = heard(&pieces);
        prop_assert!(heard.judged.is_empty() && heard.answer.starts_with(b"HTTP/1.1 431 "));
    }
}
