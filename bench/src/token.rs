//! `doorkey token` as a whole process, for a token that is there: what a script pays each time it asks.

use std::process::{Command, Stdio};
use std::time::Instant;

use doorkey_tests::{Household, PROFILE};

use crate::figures::{Spread, ms, ratio, seconds, table};
use crate::oidc_agent::OidcAgent;

const ROUNDS: usize = 200;

pub(crate) fn measure(household: &Household, peer: Option<&OidcAgent>) {
    let mut doorkey = household.command(&["token", PROFILE]);
    let mut oidc_token = peer.map(OidcAgent::token);
    let mut floor = Command::new("/bin/true");
    let mut programs = vec![("`/bin/true`: a process and nothing else", quiet(&mut floor))];
    programs.push(("`doorkey token`", quiet(doorkey.as_std_mut())));
    if let Some(oidc_token) = &mut oidc_token {
        programs.push(("`oidc-token`", quiet(oidc_token.as_std_mut())));
    }

    for (name, program) in programs.iter_mut().skip(1) {
        let answer = program.stdout(Stdio::piped()).output().expect("it runs");
        assert!(answer.status.success() && answer.stdout.len() > 20, "{name} gives no token: {}", answer.status);
        program.stdout(Stdio::null());
    }
    let mut took = vec![Vec::with_capacity(ROUNDS); programs.len()];
    for _ in 0..ROUNDS {
        for ((_, program), took) in programs.iter_mut().zip(&mut took) {
            let began = Instant::now();
            let status = program.status().expect("it runs");
            took.push(seconds(began.elapsed()));
            assert!(status.success());
        }
    }

    let spreads: Vec<Spread> = took.into_iter().map(Spread::of).collect();
    let rows: Vec<Vec<String>> = programs
        .iter()
        .zip(&spreads)
        .map(|((name, _), spread)| {
            // The fastest rounds are what the programs cost; what comes on top is the machine's other work.
            let over_floor = ratio(spread.min, spreads[0].min);
            vec![(*name).to_owned(), ms(spread.min), ms(spread.median), ms(spread.p95), over_floor]
        })
        .collect();
    let title = format!("A cached token, as a whole process ({ROUNDS} rounds, in turn)");
    table(&title, &["program", "min", "median", "p95", "times the floor (min)"], &rows);
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}
