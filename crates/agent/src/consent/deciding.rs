//! What a person decides: an answer, a decision ahead of the question, and taking one back.

use std::path::Path;
use std::sync::Arc;

use doorkey_client::words::{
    Consent, ConsentAnswer, ConsentDecision, ConsentLasts, ConsentRequest, Consents as List, EventKind, Reach, Refusal,
    VERSION,
};
use jiff::{SignedDuration, Timestamp};

use super::questions::Ended;
use super::{Program, Whose, reach, recorded};
use crate::agent::Agent;
use crate::peer::{Peer, hash_of_file, is_interpreter, shown_path};

const MOST_DAYS: u16 = 365;

impl Agent {
    pub(crate) fn consent_list(&self) -> List {
        List {
            version: VERSION,
            consents: self.consents.given.all(self.host.now()),
            questions: self.consents.questions(),
        }
    }

    /// # Errors
    /// `broker.consent_foreign`, `broker.consent_unknown`.
    pub(crate) fn answer_consent(&self, caller: &Peer, id: &str, answer: ConsentAnswer) -> Result<(), Refusal> {
        ours(caller)?;
        let (whose, wanted) = self.consents.questions.find(id).ok_or_else(|| unknown(id))?;
        let program = Program { path: wanted.program, sha256: wanted.sha256 };
        // Kept before it is told, so that whoever asks next finds it.
        self.keep_decision(&program, &whose, &wanted.reach, answer, Told::ToWhoWaits);
        self.consents.questions.end(self, id, Ended::Answered(answer.decision)).ok_or_else(|| unknown(id))?;
        self.answer_others(&program, &whose, &wanted.reach, answer.decision);
        Ok(())
    }

    /// # Errors
    /// `broker.consent_foreign`; `usage.bad_program`; what is wrong with the profile.
    pub(crate) async fn decide_consent(
        self: &Arc<Self>,
        caller: &Peer,
        request: ConsentRequest,
    ) -> Result<Consent, Refusal> {
        ours(caller)?;
        let profile = request.profile;
        let (whose, reach) = match (&request.sha256, &request.reach.scope) {
            // As a refusal had it: nothing is to be added to it.
            (Some(_), Some(_)) => (reach::whose(self, &profile)?, request.reach),
            _ => {
                self.loaded().await?;
                reach::of_decision(self, &profile, &request.reach).map_err(|refusal| refusal.about(&profile))?
            }
        };
        reach::presentable(&reach)?;
        let program = match request.sha256 {
            Some(sha256) => Program { path: request.program, sha256: sha256.to_ascii_lowercase() },
            None => program_at(request.program).await?,
        };
        self.consents.questions.forget_nos(&program.path, &profile);
        let answer = ConsentAnswer { decision: request.decision, lasts: request.lasts };
        let consent = self.keep_decision(&program, &whose, &reach, answer, Told::Ahead);
        self.answer_others(&program, &whose, &reach, answer.decision);
        Ok(consent)
    }

    /// # Errors
    /// `broker.consent_foreign`, `broker.consent_unknown`.
    pub(crate) fn revoke_consent(&self, caller: &Peer, id: &str) -> Result<(), Refusal> {
        ours(caller)?;
        match self.take_back(|consent| consent.id == id, "person") {
            0 => Err(unknown(id)),
            _ => Ok(()),
        }
    }

    /// Whoever signs out, or removes the profile, takes back what programs may have of it (B-16): the next one to sign in
    /// is asked anew.
    pub(crate) fn forget_consents(&self, profile: &str) {
        self.take_back(|consent| consent.profile == profile, "sign_out");
    }

    fn take_back(&self, fits: impl Fn(&Consent) -> bool, reason: &str) -> usize {
        let (removed, written) = self.consents.given.remove(fits);
        if let Err(error) = written {
            tracing::warn!(%error, "it is not written that programs may have less");
        }
        for consent in &removed {
            let kind = EventKind::ConsentRevoked { program: consent.program.clone(), reason: reason.to_owned() };
            recorded(self, &consent.profile, kind);
        }
        removed.len()
    }

    /// Remembers a decision for as long as it lasts, and says so in the journal.
    fn keep_decision(
        &self,
        program: &Program,
        whose: &Whose,
        reach: &Reach,
        answer: ConsentAnswer,
        told: Told,
    ) -> Consent {
        let now = self.host.now();
        let interpreter = is_interpreter(Path::new(&program.path));
        let consent = Consent {
            id: self.host.identifier(),
            program: program.path.clone(),
            sha256: program.sha256.clone(),
            profile: whose.profile.clone(),
            reach: reach.clone(),
            decision: answer.decision,
            given_at: now,
            expires_at: ends(answer.lasts, interpreter, now),
        };
        match (answer.lasts, answer.decision, told) {
            (ConsentLasts::Days { .. } | ConsentLasts::UntilSignOut, _, _) => {
                if let Err(error) = self.consents.given.put(whose, consent.clone()) {
                    tracing::warn!(%error, "what was decided about a program is in memory only");
                }
            }
            (ConsentLasts::Once, ConsentDecision::Allow, Told::Ahead) => {
                self.consents.given.put_once(whose, consent.clone());
            }
            // Those who wait are told, and nothing is left of it.
            (ConsentLasts::Once, ConsentDecision::Allow, Told::ToWhoWaits)
            | (ConsentLasts::Once, ConsentDecision::Deny, _) => {}
        }
        let (program, reach, expires_at) = (consent.program.clone(), reach.clone(), consent.expires_at);
        recorded(
            self,
            &whose.profile,
            match answer.decision {
                ConsentDecision::Allow => EventKind::ConsentGiven { program, reach, expires_at },
                ConsentDecision::Deny => EventKind::ConsentDenied { program, reach, expires_at },
            },
        );
        consent
    }

    /// Other questions of the same program that this answers too.
    fn answer_others(&self, program: &Program, whose: &Whose, decided: &Reach, decision: ConsentDecision) {
        let fits = |wanted: &Reach| reach::covers(decided, wanted);
        for id in self.consents.questions.answered_by(program, whose, fits) {
            self.consents.questions.end(self, &id, Ended::Answered(decision));
        }
    }
}

/// Who hears of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    ToWhoWaits,
    /// Nobody yet.
    Ahead,
}

/// When it ends by itself. An interpreter's never stands without an end (B-11).
fn ends(lasts: ConsentLasts, interpreter: bool, now: Timestamp) -> Option<Timestamp> {
    let days = match lasts {
        ConsentLasts::Once => return Some(now),
        ConsentLasts::Days { days } => days.clamp(1, MOST_DAYS),
        ConsentLasts::UntilSignOut if interpreter => 30,
        ConsentLasts::UntilSignOut => return None,
    };
    let days = if interpreter { days.min(30) } else { days };
    Some(now.checked_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MAX))
}

/// The file that runs when that path is called, and what is in it now.
async fn program_at(path: String) -> Result<Program, Refusal> {
    let read = tokio::task::spawn_blocking(move || {
        let bad = |why: &dyn std::fmt::Display| {
            Refusal::new(
                "usage.bad_program",
                format!("There is no program {} to decide about: {why}.", shown_path(Path::new(&path))),
                "Give the path of the executable itself; `command -v NAME` tells it.",
            )
        };
        if !Path::new(&path).is_absolute() {
            return Err(bad(&"it is not a whole path"));
        }
        // As the kernel will name it.
        let real = std::fs::canonicalize(&path).map_err(|error| bad(&error))?;
        let sha256 = hash_of_file(&real).map_err(|error| bad(&error))?;
        Ok(Program { path: shown_path(&real), sha256 })
    });
    match read.await {
        Ok(program) => program,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// Only the window and the command may decide, as the kernel knows them: no program answers its own question.
fn ours(caller: &Peer) -> Result<(), Refusal> {
    if caller.is_doorkey() {
        return Ok(());
    }
    Err(Refusal::new(
        "broker.consent_foreign",
        format!("{} may not decide what programs may have: only Doorkey's own window and command may.", caller.name()),
        "Decide in the window, or with `doorkey consent`.",
    ))
}

fn unknown(id: &str) -> Refusal {
    let id: String = doorkey_oauth::clean(id, 40);
    let message = format!("There is no consent and no question `{id}` any more.");
    Refusal::new("broker.consent_unknown", message, "`doorkey consent` lists what there is.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B-11: an interpreter is allowed until sign-out, or for longer than a month | 30 days at most
    #[test]
    fn an_interpreters_consent_never_stands_without_an_end() {
        let now = Timestamp::UNIX_EPOCH;
        let day = |days: i64| now.checked_add(SignedDuration::from_hours(24 * days)).expect("a time");
        assert_eq!(ends(ConsentLasts::UntilSignOut, false, now), None);
        assert_eq!(ends(ConsentLasts::UntilSignOut, true, now), Some(day(30)));
        assert_eq!(ends(ConsentLasts::Days { days: 90 }, true, now), Some(day(30)));
        assert_eq!(ends(ConsentLasts::Days { days: 90 }, false, now), Some(day(90)));
        assert_eq!(ends(ConsentLasts::Days { days: 9999 }, false, now), Some(day(365)));
        assert_eq!(ends(ConsentLasts::Days { days: 0 }, false, now), Some(day(1)));
        assert_eq!(ends(ConsentLasts::USUAL, false, now), Some(day(30)));
    }
}
