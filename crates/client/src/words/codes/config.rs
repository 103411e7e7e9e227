use crate::words::Family;

pub(super) const CONFIG: Family = family! {
    "config" "a profile, `profiles.toml`, the environment"

    "config.bad_scenario" You No
        "A file with scenarios cannot be read, or says something that a scenario cannot."
        "Correct the line that the message names.";
    "config.no_profile" You No
        "There is no profile of that name, or none at all."
        "Look at `doorkey profile list`, or add one with `doorkey profile add`.";
    "config.profile_exists" You No
        "There is a profile of that name already."
        "Choose another name, or give `--replace`.";
    "config.profile_changed" You No
        "The profile was changed or removed while a sign-in with it was under way, which was stopped."
        "Sign in again.";
    "config.name_taken" You No
        "The demonstration wants a profile name that one of yours has."
        "Rename one of them.";
    "config.parse" You No
        "`profiles.toml` is not what it should be; line and column are told."
        "Correct that line.";
    "config.unreadable" You No
        "`profiles.toml` is there and cannot be read."
        "Check its owner and mode.";
    "config.unwritable" You No
        "`profiles.toml` could not be written; it is as it was."
        "Check the folder's owner, mode and free space.";
    "config.bad_policy" You No
        "`policy.toml` is not what it should be, or others may write it, so no program gets a token; line and column are told."
        "Correct that line, or take the others' rights to write it away.";
    "config.bad_name" You No
        "The profile's name has other characters than letters, digits, `-`, `_` and `.`, or too many of them."
        "Choose another name.";
    "config.bad_issuer" You No
        "The issuer is not the address of a provider."
        "Give it as the provider writes it, beginning with https.";
    "config.insecure_issuer" You No
        "The issuer's address is without TLS and not on this computer."
        "Use the provider's https address.";
    "config.bad_client_id" You No
        "The client id cannot be one."
        "Copy it from the provider's page for this application.";
    "config.bad_client_secret" You No
        "What was given as the client secret cannot be one."
        "Copy it again, alone on one line.";
    "config.bad_private_key" You No
        "The client's private key cannot be used: another format, another kind, or too weak."
        "Make or convert one with openssl, as the hint shows.";
    "config.credential_missing" You No
        "The profile says how the client authenticates, and what it needs for that is not there."
        "Give it to the profile, or leave the method to be chosen.";
    "config.client_auth_unsupported" You No
        "The client and the provider have no way of authenticating in common."
        "Register a native application without a secret, or allow a method that both know.";
    "config.dpop_unsupported" You No
        "The profile wants tokens bound to a key, and the provider does not offer that."
        "Switch DPoP off in the profile, or on at the provider.";
    "config.not_bound" You No
        "A proof is wanted for a session whose tokens are bound to no key."
        "Switch DPoP on in the profile, and sign in again.";
    "config.bad_scope" You No
        "A scope has characters that no scope may have."
        "Give each scope by itself.";
    "config.openid_missing" You No
        "Without the scope `openid` nobody can say who signed in."
        "Add `openid` to the profile's scopes.";
    "config.account_and_openid" You No
        "The profile names an account page and asks for `openid`; only one of them can say who signed in."
        "Remove one of the two.";
    "config.bad_pointer" You No
        "A pointer to a member of the account page is not a JSON pointer."
        "Begin it with a slash.";
    "config.bad_endpoint" You No
        "An endpoint in the profile is not an address that may be used."
        "Give the whole address, beginning with https.";
    "config.bad_resource" You No
        "An audience or a resource of the profile cannot be one."
        "Copy the API's identifier from the provider.";
    "config.resource_not_asked" You No
        "A token is wanted for a resource that the sign-in did not ask for."
        "Add it to the profile's `resources` and sign in again.";
    "config.mixed_domains" You No
        "The profile uses both names of one Auth0 tenant, whose tokens are good on one of them only."
        "Use one of the two everywhere.";
    "config.reserved_parameter" You No
        "A further parameter is one that Doorkey sets itself."
        "Remove it from the profile's `params`.";
    "config.bad_parameter" You No
        "A further parameter is there twice, empty, or of the wrong form."
        "Correct or remove it.";
    "config.request_too_long" You No
        "The sign-in address has grown longer than browsers and providers take."
        "Ask for fewer scopes and parameters.";
    "config.response_mode_unsupported" You No
        "The profile wants the answer as a form, and the provider does not offer that."
        "Leave the response mode at `query`.";
    "config.bad_redirect" You No
        "The redirect address is not one on this computer that can be listened on."
        "Use http on 127.0.0.1 with a path, or leave it to Doorkey.";
    "config.redirect_port" You No
        "Browsers refuse that port, or it needs administrator rights."
        "Choose one from 1024 up, and register it.";
    "config.redirect_path" You No
        "The redirect path would not arrive as it is written."
        "Use a path of letters, digits, `-` and `/`.";
    "config.bad_tolerance" You No
        "The tolerance for differing clocks is more than five minutes."
        "Set the clock right, and the tolerance to 300 seconds at most.";
    "config.bad_refresh_life" You No
        "The profile gives refresh tokens less than a minute."
        "Give `refresh_idle` and `refresh_absolute` in seconds, as the provider's settings have them; or leave them out.";
    "config.end_session_not_offered" Provider No
        "The provider has no sign-out page that programs can send the browser to."
        "Sign out on the provider's own page.";
    "config.bad_proxy" Computer No
        "The environment or the settings name a proxy in a way that cannot be used; nothing is sent without it."
        "Correct the variable or the setting that the message names, or leave it out.";
    "config.bad_ca_file" Computer No
        "The file of certificates that the environment or the settings name cannot be used; nothing is sent without it."
        "Correct the file, or what names it: `DOORKEY_CA_FILE`, `SSL_CERT_FILE` or `network.toml`.";
    "config.import_unknown" You No
        "The file is of no program whose files Doorkey reads."
        "Import a file of Doorkey, Postman, Bruno, oidc-agent, kubectl with kubelogin, or OpenID client metadata.";
    "config.import_too_large" You No
        "The file is larger than 1 MiB, or holds more profiles than a person looks through."
        "Take what belongs to one provider out of it, and import that.";
    "config.import_unreadable" You No
        "The file is not what its program writes, or has what such a file may not have, such as an anchor in YAML."
        "Have the other program write the file anew.";
    "config.import_empty" You No
        "Nothing in the file is a way to sign in."
        "Look whether it is the right file.";
    "config.import_incomplete" You No
        "The file leaves out what every profile has: the issuer or the client ID."
        "Add it to the file, or add the profile by hand.";
    "config.export_impossible" You No
        "The other program has no such sign-in as the profile's."
        "Leave that profile out, or write it for another program.";
    "config.bad_network" You No
        "`network.toml` is not what it should be, or others may write it, so no provider is asked; line and column are told."
        "Correct that line, or take the others' rights to write it away.";
    "config.proxy_password" You No
        "The proxy in the settings has a user name or a password, which the settings do not keep."
        "Leave it out there, and put the whole address into the variable `HTTPS_PROXY`.";
    "config.bad_no_proxy" You No
        "One of the hosts that are to be reached directly is no host."
        "Give hosts such as `op.example`, `.internal.example` or `10.0.0.0/8`.";
    "config.bad_vault" You No
        "`DOORKEY_VAULT` has a value that it does not take."
        "Set it to one of those that the hint names, or unset it.";
    "config.bad_passphrase_source" You No
        "The file or descriptor that the environment names for the passphrase cannot be used."
        "Name a file of your own with mode 0600, or a descriptor that holds the passphrase.";
    "config.foreign_unit" You No
        "A unit of systemd with the agent's name is there that Doorkey has not written."
        "Move it away, or keep it and do without ours.";
    "config.incomplete" Computer No
        "`doorkey` does not find `doorkey-full`, the rest of it, beside it."
        "Install both again, beside each other.";
    "config.no_window" Computer No
        "Something was to be shown in Doorkey's window, and its program is not beside the command."
        "Install the window, or do without it.";
    "config.no_home" Computer No
        "The environment does not say where this user's files are."
        "Set `HOME`, or the XDG variable that the message names.";
    "config.foreign_home" You No
        "The command runs as one user with the folders of another, and would leave files there that the other cannot use."
        "Run it as the user whose folders they are.";
    "config.bad_preset" You No
        "There is no preset of that name."
        "Use one of those that the message names, or leave it out.";
    "config.newer_version" You No
        "`profiles.toml` was written by a newer version, so it is read as far as it is understood and not changed."
        "Change it with the version that wrote it, or in an editor.";
    "config.secret_in_file" You No
        "A file of profiles that was to be taken over seems to hold a secret."
        "Take it out, replace it at the provider, and give it by `doorkey profile edit NAME --client-secret-stdin`.";
    "config.secret_would_move" You No
        "A file of profiles would send a secret of the vault to another provider."
        "Give the profile another name in the file, or remove yours first.";
    "config.bad_client_key" You No
        "What was given as a private key is none."
        "Give it as PEM (PKCS #8) or as JSON Web Key.";
    "config.bad_initial_access_token" You No
        "What was given as the token for a registration is none."
        "Pipe it in: `--initial-access-token-stdin`.";
    "config.cannot_probe" You No
        "The profile signs nobody in through a browser, or its provider knows no OpenID Connect: there is nothing to probe."
        "Probe with a profile of the authorization code grant.";
};
