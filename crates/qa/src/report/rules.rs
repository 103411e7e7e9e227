//! What each named rule is for: what can happen where it is not held to.

/// A rule that answers are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// As [`Check::name`](doorkey_client::words::Check::name) has it.
    pub name: &'static str,
    /// What can happen where it is not held to, in one sentence.
    pub consequence: &'static str,
}

/// All of them, in the order in which a sign-in meets them.
#[must_use]
pub fn rules() -> &'static [Rule] {
    RULES
}

impl Rule {
    /// The entry of this rule.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.name == name)
    }
}

const fn rule(name: &'static str, consequence: &'static str) -> Rule {
    Rule { name, consequence }
}

const RULES: &[Rule] = &[
    rule(
        "metadata.authorization_endpoint",
        "People are sent to another place than the last time: to a new server, or to somebody who imitates it.",
    ),
    rule("metadata.token_endpoint", "Codes, refresh tokens and client secrets go to another place than the last time."),
    rule(
        "metadata.jwks_uri",
        "Signatures are believed by keys from another place than the last time: whoever is there can sign as anybody.",
    ),
    rule(
        "idtoken.format",
        "A text that is no signed token says nothing about who signed in; clients that read it all the same can be told anything.",
    ),
    rule(
        "idtoken.alg",
        "With `none`, or with an algorithm of the attacker's choice, anybody can make a token for any person.",
    ),
    rule(
        "idtoken.crit",
        "The token relies on an extension that the client does not know: what it limits is not limited.",
    ),
    rule(
        "idtoken.typ",
        "A token made for another purpose, such as an access token, is taken for a proof of who signed in.",
    ),
    rule("idtoken.signature", "Anybody who can change the answer decides who is signed in."),
    rule("idtoken.iss", "Another provider's word is taken for this one's: whoever runs it can be any user here."),
    rule(
        "idtoken.aud",
        "A token that was made for another application signs people in here: its operator can impersonate them.",
    ),
    rule("idtoken.azp", "A token that another application asked for signs people in here."),
    rule("idtoken.exp", "A token that was stolen once works for ever."),
    rule("idtoken.nbf", "A token counts before its maker wants it to; often a clock is wrong."),
    rule("idtoken.iat", "A token from the future or from long ago is taken for a new one; often a clock is wrong."),
    rule(
        "idtoken.nonce",
        "A token of another sign-in can be slipped in: a person ends up in somebody else's account, or somebody else in theirs.",
    ),
    rule("idtoken.sub", "Nobody knows for certain who signed in; accounts can be mixed up."),
    rule("idtoken.at_hash", "An access token of somebody else can be put beside this ID token."),
    rule("idtoken.acr", "The person was authenticated less strongly than was asked for."),
    rule(
        "idtoken.auth_time",
        "An old log-in counts where a new one was asked for: whoever sits at the computer is taken for who sat there before.",
    ),
    rule("idtoken.organization", "A member of another organization gets in."),
    rule("granted.scope", "The program can do less than it needs, or more than it asked for."),
    rule("granted.audience", "The API refuses the token; or the token is good at an API that nobody meant."),
    rule("granted.refresh_token", "The session ends with the access token, and the person has to sign in again."),
    rule("granted.authorization_details", "What the program may do in detail is not what was asked for."),
    rule("accesstoken.typ", "An API cannot tell it from an ID token, and may take one for the other."),
    rule("accesstoken.alg", "An API that follows the standard does not take it."),
    rule("accesstoken.iss", "An API with several providers cannot tell whose keys to use."),
    rule("accesstoken.aud", "An API cannot tell whether it is meant, and one API can use the token at another."),
    rule("accesstoken.exp", "A stolen token works for as long as the API likes."),
    rule("accesstoken.iat", "An API cannot refuse tokens from before a password was changed."),
    rule("accesstoken.sub", "An API cannot tell for whom it acts."),
    rule("accesstoken.client_id", "An API cannot tell which application acts, in its limits and its log."),
    rule("accesstoken.jti", "An API cannot tell a token that was used twice."),
    rule("userinfo.format", "The details cannot be read; clients that guess can be told anything."),
    rule(
        "userinfo.alg",
        "With `none`, or with an algorithm of the attacker's choice, anybody can sign details about any person.",
    ),
    rule("userinfo.crit", "The answer relies on an extension that the client does not know."),
    rule("userinfo.typ", "A token made for another purpose is taken for details about the person."),
    rule("userinfo.signature", "Anybody who can change the answer decides what is said about the person."),
    rule("userinfo.iss", "Another provider's word is taken for this one's."),
    rule("userinfo.aud", "Details that were made for another application are taken here."),
    rule(
        "userinfo.sub",
        "One person gets the name and address of another: with an access token of somebody else, an account can be taken over by its e-mail address.",
    ),
    rule("refresh.iss", "After a renewal another provider speaks for the session."),
    rule("refresh.sub", "After a renewal the session is somebody else's."),
    rule("refresh.azp", "After a renewal the session's token was made for another application."),
    rule("refresh.auth_time", "A renewal pretends that the person has logged in once more."),
    rule("refresh.nonce", "The renewed token belongs to another sign-in."),
];
