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

const RULES: &[Rule] = &[
    Rule {
        name: "discovery.answer",
        consequence: "What cannot be read describes no provider; a page of the network in between, such as a hotel's, would be taken for one.",
    },
    Rule {
        name: "discovery.format",
        consequence: "Two readers of one document can understand two things, and one of them is wrong.",
    },
    Rule {
        name: "discovery.issuer",
        consequence: "Somebody else describes the provider: codes, secrets and people go where they say.",
    },
    Rule { name: "discovery.members", consequence: "Clients guess what is meant, each in its own way." },
    Rule {
        name: "discovery.response_types",
        consequence: "The provider has no authorization code flow: tokens would come by the browser's address, where others read them.",
    },
    Rule { name: "discovery.pkce", consequence: "Another program that gets hold of the code can redeem it." },
    Rule {
        name: "discovery.endpoints",
        consequence: "Codes, tokens or people go to an address that is not safe, or to none.",
    },
    Rule {
        name: "discovery.algorithms",
        consequence: "No signature of the provider can be checked, so nobody knows who signed in.",
    },
    Rule {
        name: "discovery.iss_parameter",
        consequence: "A client of several providers cannot tell which one has answered, and may send a code to another.",
    },
    Rule {
        name: "callback.state",
        consequence: "Somebody else's answer is taken for this one's: a person ends up in an account of an attacker's.",
    },
    Rule {
        name: "callback.once",
        consequence: "Two readers of the answer take two different values, and one of them is the attacker's.",
    },
    Rule {
        name: "callback.iss",
        consequence: "The answer of another provider is taken for this one's, and its code is sent to the wrong place (mix-up).",
    },
    Rule {
        name: "callback.no_tokens",
        consequence: "Tokens stand in the browser's history, in logs and in what is sent on as the referrer.",
    },
    Rule { name: "callback.no_error", consequence: "The provider said no: there is no code to go on with." },
    Rule { name: "callback.code", consequence: "There is nothing to exchange for tokens." },
    Rule {
        name: "token.answer",
        consequence: "What cannot be read holds no tokens; a client that guesses may take an error page for one.",
    },
    Rule { name: "token.no_error", consequence: "The provider gives no tokens for what was sent." },
    Rule { name: "token.members", consequence: "Clients guess what is meant, each in its own way." },
    Rule {
        name: "token.token_type",
        consequence: "The token is presented in a way that the API does not take; or one that was to be bound to a key works for whoever steals it.",
    },
    Rule {
        name: "token.expires_in",
        consequence: "A client cannot renew in time: it learns from refusals that the token has ended.",
    },
    Rule {
        name: "token.cache_control",
        consequence: "A proxy or a cache on the way may keep the tokens, and give them to others.",
    },
    Rule { name: "token.id_token", consequence: "Nobody can say who signed in." },
    Rule {
        name: "metadata.authorization_endpoint",
        consequence: "People are sent to another place than the last time: to a new server, or to somebody who imitates it.",
    },
    Rule {
        name: "metadata.token_endpoint",
        consequence: "Codes, refresh tokens and client secrets go to another place than the last time.",
    },
    Rule {
        name: "metadata.jwks_uri",
        consequence: "Signatures are believed by keys from another place than the last time: whoever is there can sign as anybody.",
    },
    Rule {
        name: "idtoken.format",
        consequence: "A text that is no signed token says nothing about who signed in; clients that read it all the same can be told anything.",
    },
    Rule {
        name: "idtoken.alg",
        consequence: "With `none`, or with an algorithm of the attacker's choice, anybody can make a token for any person.",
    },
    Rule {
        name: "idtoken.crit",
        consequence: "The token relies on an extension that the client does not know: what it limits is not limited.",
    },
    Rule {
        name: "idtoken.typ",
        consequence: "A token made for another purpose, such as an access token, is taken for a proof of who signed in.",
    },
    Rule { name: "idtoken.signature", consequence: "Anybody who can change the answer decides who is signed in." },
    Rule {
        name: "idtoken.iss",
        consequence: "Another provider's word is taken for this one's: whoever runs it can be any user here.",
    },
    Rule {
        name: "idtoken.aud",
        consequence: "A token that was made for another application signs people in here: its operator can impersonate them.",
    },
    Rule { name: "idtoken.azp", consequence: "A token that another application asked for signs people in here." },
    Rule { name: "idtoken.exp", consequence: "A token that was stolen once works for ever." },
    Rule { name: "idtoken.nbf", consequence: "A token counts before its maker wants it to; often a clock is wrong." },
    Rule {
        name: "idtoken.iat",
        consequence: "A token from the future or from long ago is taken for a new one; often a clock is wrong.",
    },
    Rule {
        name: "idtoken.nonce",
        consequence: "A token of another sign-in can be slipped in: a person ends up in somebody else's account, or somebody else in theirs.",
    },
    Rule { name: "idtoken.sub", consequence: "Nobody knows for certain who signed in; accounts can be mixed up." },
    Rule { name: "idtoken.at_hash", consequence: "An access token of somebody else can be put beside this ID token." },
    Rule { name: "idtoken.acr", consequence: "The person was authenticated less strongly than was asked for." },
    Rule {
        name: "idtoken.auth_time",
        consequence: "An old log-in counts where a new one was asked for: whoever sits at the computer is taken for who sat there before.",
    },
    Rule { name: "idtoken.organization", consequence: "A member of another organization gets in." },
    Rule { name: "granted.scope", consequence: "The program can do less than it needs, or more than it asked for." },
    Rule {
        name: "granted.audience",
        consequence: "The API refuses the token; or the token is good at an API that nobody meant.",
    },
    Rule {
        name: "granted.refresh_token",
        consequence: "The session ends with the access token, and the person has to sign in again.",
    },
    Rule {
        name: "granted.authorization_details",
        consequence: "What the program may do in detail is not what was asked for.",
    },
    Rule {
        name: "accesstoken.typ",
        consequence: "An API cannot tell it from an ID token, and may take one for the other.",
    },
    Rule { name: "accesstoken.alg", consequence: "An API that follows the standard does not take it." },
    Rule { name: "accesstoken.iss", consequence: "An API with several providers cannot tell whose keys to use." },
    Rule {
        name: "accesstoken.aud",
        consequence: "An API cannot tell whether it is meant, and one API can use the token at another.",
    },
    Rule { name: "accesstoken.exp", consequence: "A stolen token works for as long as the API likes." },
    Rule { name: "accesstoken.iat", consequence: "An API cannot refuse tokens from before a password was changed." },
    Rule { name: "accesstoken.sub", consequence: "An API cannot tell for whom it acts." },
    Rule {
        name: "accesstoken.client_id",
        consequence: "An API cannot tell which application acts, in its limits and its log.",
    },
    Rule { name: "accesstoken.jti", consequence: "An API cannot tell a token that was used twice." },
    Rule {
        name: "userinfo.format",
        consequence: "The details cannot be read; clients that guess can be told anything.",
    },
    Rule {
        name: "userinfo.alg",
        consequence: "With `none`, or with an algorithm of the attacker's choice, anybody can sign details about any person.",
    },
    Rule { name: "userinfo.crit", consequence: "The answer relies on an extension that the client does not know." },
    Rule {
        name: "userinfo.typ",
        consequence: "A token made for another purpose is taken for details about the person.",
    },
    Rule {
        name: "userinfo.signature",
        consequence: "Anybody who can change the answer decides what is said about the person.",
    },
    Rule { name: "userinfo.iss", consequence: "Another provider's word is taken for this one's." },
    Rule { name: "userinfo.aud", consequence: "Details that were made for another application are taken here." },
    Rule {
        name: "userinfo.sub",
        consequence: "One person gets the name and address of another: with an access token of somebody else, an account can be taken over by its e-mail address.",
    },
    Rule { name: "refresh.iss", consequence: "After a renewal another provider speaks for the session." },
    Rule { name: "refresh.sub", consequence: "After a renewal the session is somebody else's." },
    Rule { name: "refresh.azp", consequence: "After a renewal the session's token was made for another application." },
    Rule { name: "refresh.auth_time", consequence: "A renewal pretends that the person has logged in once more." },
    Rule { name: "refresh.nonce", consequence: "The renewed token belongs to another sign-in." },
];
