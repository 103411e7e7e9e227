//! `doorkey token`: the command that programs run. The way to a running agent is the shortest there is.

pub(super) mod explained;

use doorkey_client::blocking::Client;
use doorkey_client::words::{ProofRequest, Refusal, TokenAnswer, TokenRequest};
use doorkey_client::{ClientError, Secret};

use crate::agency::{self, Again};
use crate::args::Token;
use crate::failure::Failure;
use crate::output::Output;
use crate::prompt;

pub(crate) fn run(args: &Token, out: &Output) -> Result<(), Failure> {
    if args.explain {
        return explained::run(&request(args), out);
    }
    if let Some([method, url]) = args.dpop.as_deref() {
        let (method, url, nonce) = (method.clone(), url.clone(), args.nonce.clone());
        return with_proof(&ProofRequest { token: request(args), method, url, nonce }, out);
    }
    let answer = match ask(args, out.is_json()) {
        // Where somebody can type a passphrase, or say yes, the long way asks for it.
        Err(Failure::Refused(refusal)) if prompt::helps(&refusal) && prompt::may_ask(out) => {
            let request = request(args);
            agency::with("The request for a token", Again::Harmless, async |client| Ok(client.token(&request).await?))?
        }
        Err(Failure::Agent(ClientError::NotRunning)) => {
            let request = request(args);
            agency::with("The request for a token", Again::Harmless, async |client| Ok(client.token(&request).await?))?
        }
        answer => answer?,
    };
    show(answer, args.header, out)
}

/// Asks the agent that runs.
pub(crate) fn ask(args: &Token, json: bool) -> Result<TokenAnswer, Failure> {
    if args.header && json {
        return Err(Refusal::new(
            "usage.conflict",
            "`--json` and `--header` cannot be used together.",
            "`doorkey token --help` shows what there is.",
        )
        .into());
    }
    Ok(Client::from_env()?.token(&request(args))?)
}

fn request(args: &Token) -> TokenRequest {
    TokenRequest {
        profile: args.profile.clone(),
        account: args.account.clone(),
        audience: args.audience.clone(),
        scope: args.scopes.iter().flat_map(|scopes| scopes.split_whitespace()).map(str::to_owned).collect(),
        resource: args.resources.clone(),
        connection: args.connection.clone(),
        min_ttl: args.min_ttl,
        no_prompt: args.no_prompt,
    }
}

/// Prints it as it was asked for.
pub(crate) fn show(answer: TokenAnswer, header: bool, out: &Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.answer_json(&answer);
    }
    if answer.not_shown.iter().any(|what| what == "audience") {
        out.warn(
            "this token cannot be looked into: whether it is for the API that was asked for, only the provider knows",
        );
    }
    let before = if header { header_before(&answer) } else { String::new() };
    let access_token = checked(answer.access_token, &answer.token_type, &answer.profile)?;
    out.answer_token(&before, &access_token)
}

/// Both headers of the request, one a line: `curl -H @-` takes them so.
fn with_proof(request: &ProofRequest, out: &Output) -> Result<(), Failure> {
    let answer =
        agency::with("The request for a token", Again::Harmless, async |client| Ok(client.proof(request).await?))?;
    if out.is_json() {
        return out.answer_json(&answer);
    }
    let access_token = checked(answer.access_token, &answer.token_type, &answer.profile)?;
    out.answer_token(&format!("Authorization: {} ", answer.token_type), &access_token)?;
    out.answer_token("DPoP: ", &answer.proof)
}

/// RFC 6750 section 2.1 writes `Bearer` so; providers write it in any case.
fn header_before(answer: &TokenAnswer) -> String {
    let scheme = if answer.token_type.eq_ignore_ascii_case("bearer") { "Bearer" } else { &answer.token_type };
    format!("Authorization: {scheme} ")
}

/// A token is printable ASCII (RFC 6749 appendix A.12); anything else could command the terminal or break a header.
#[expect(clippy::disallowed_methods, reason = "looked at, not taken out")]
pub(super) fn checked(token: Secret, token_type: &str, profile: &str) -> Result<Secret, Refusal> {
    let fits = |text: &str| text.bytes().all(|byte| matches!(byte, 0x20..=0x7e));
    if fits(token.expose()) && fits(token_type) {
        return Ok(token);
    }
    Err(Refusal::new(
        "token.bad_characters",
        "The access token has characters that no access token may have.",
        "`doorkey token --json` gives it escaped; tell whoever runs the provider.",
    )
    .about(profile))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(token: &str, kind: &str) -> TokenAnswer {
        TokenAnswer::new("work".to_owned(), Secret::new(token.to_owned()), kind.to_owned())
    }

    #[test]
    fn the_header_says_bearer_whatever_the_case_and_nothing_else_is_changed() {
        assert_eq!(header_before(&answer("t", "bearer")), "Authorization: Bearer ");
        assert_eq!(header_before(&answer("t", "DPoP")), "Authorization: DPoP ");
    }

    #[test]
    fn a_token_that_would_break_a_line_is_not_printed() {
        let checked = |token: &str, kind| checked(Secret::new(token.to_owned()), kind, "work");
        assert!(checked("eyJ.x-_~+/=", "Bearer").is_ok());
        for (token, kind) in [("CANARY\r\nX-Evil: 1", "Bearer"), ("CANARY\u{1b}[2J", "Bearer"), ("t", "Bearer\r\nX: 1")]
        {
            let refusal = checked(token, kind).expect_err("not printable");
            assert!(!format!("{refusal:?}").contains("CANARY"));
            assert_eq!(refusal.exit_code(), 65);
        }
    }
}
