use crate::words::Family;

pub(super) const USAGE: Family = family! {
    "usage" "the command line, or an argument of a call"

    "usage.no_command" You No
        "`doorkey` was called without a command."
        "Run `doorkey --help` for the list.";
    "usage.unknown_command" You No
        "There is no command of that name."
        "Run `doorkey --help` for the list.";
    "usage.unknown_argument" You No
        "The command has no such option, or takes fewer arguments."
        "Run the command with `--help`.";
    "usage.missing_argument" You No
        "Something that the command cannot guess was left out."
        "Give what the message names.";
    "usage.unknown_code" You No
        "There is no error code and no family of that name."
        "Run `doorkey explain` for the families.";
    "usage.unknown_misbehaviour" You No
        "The demonstration's provider knows no misbehaviour of that name."
        "Run `doorkey demo --misbehave list`.";
    "usage.no_scenario" You No
        "No scenario has the name that was given."
        "Run the files without `--only` to see the names.";
    "usage.bad_value" You No
        "An option or argument has a value that it does not take."
        "Give a value as `--help` shows it.";
    "usage.conflict" You No
        "Two options were given that exclude each other."
        "Leave one of them out.";
    "usage.bad_method" You No
        "What was given as the HTTP method of a request is none."
        "Give it as it stands in the request, such as `GET`.";
    "usage.bad_url" You No
        "What was given as the address of a request is none that may be used."
        "Give the whole address, beginning with https.";
    "usage.bad_nonce" You No
        "What was given as a nonce is none that a server could have sent."
        "Give it as it stands in the server's `DPoP-Nonce` header.";
    "usage.connection_and_api" You No
        "A connection's own token was asked for together with an API that it is not for."
        "Leave `audience` and `resource` out, or `connection`.";
    "usage.not_the_same" You No
        "What was typed the second time differs from the first."
        "Type both again.";
    "usage.not_confirmed" You No
        "Something would be removed, and nobody said yes."
        "Answer the question, or give `--yes`.";
    "usage.several_files" You No
        "The answer is several files, and standard output is one."
        "Give `--into FOLDER`, or one profile at a time.";
    "usage.secret_in_argv" You No
        "A secret was given as an argument, which every user of the computer can read."
        "Give it on standard input, and change it at the provider if others could have seen it.";
    "usage.timeout" You No
        "The time to wait for the browser is not between one second and half an hour."
        "Give a time in between.";
    "usage.too_long" You No
        "The text is too long for the clipboard."
        "Copy a shorter one.";
    "usage.incomplete" You No
        "An option was given without another that it needs."
        "Give both, or neither.";
    "usage.unknown_key" You No
        "A profile has no such key, or cannot be without it."
        "Use one of the keys that the message names.";
    "usage.nothing_named" You No
        "A profile was to be changed, and neither an option nor a terminal for an editor was there."
        "Name the change, such as `--audience`.";
    "usage.import_from_the_internet" You No
        "Profiles are not fetched from an address."
        "Download the file, read it, and import it from here.";
    "usage.bad_label" You No
        "The name for an account is too long, or has characters that cannot be seen or turn the text about."
        "Give a shorter one, of characters that can be seen.";
    "usage.bad_program" You No
        "The program is not an executable file that can be read here."
        "Give the path of the executable itself; `command -v NAME` tells it.";
    "usage.bad_consent" You No
        "What was asked for is too long to be shown to a person, or has characters that cannot be."
        "Ask for less, with the names of the API and its scopes as they are.";
    "usage.no_sample" You No
        "The request that was sent cannot be written as a program in another language."
        "Choose another request with `--of`.";
    "usage.no_flow" You No
        "The journal has no sign-in of that id, or none at all."
        "Sign in first, or look for the id with `doorkey inspect --list`.";
    "usage.unknown_flow" You No
        "Neither a flow of the journal, nor a profile that has signed in, nor a file has that name."
        "`doorkey inspect --list` shows what the journal has.";
    "usage.several_flows" You No
        "More than one flow of the journal has an id that begins so."
        "Give more of the id: `doorkey inspect --list` shows them.";
    "usage.no_entries" You No
        "The evidence has a report, and the entries that it was made of cannot be read any more."
        "Have it made again where the sign-in happened.";
    "usage.no_document" You No
        "A file to compare is neither JSON nor a token nor evidence, or cannot be read."
        "Give two flows, two files of evidence, two tokens, or two JSON documents.";
    "usage.bad_edit" You No
        "A change of a request that waits cannot be made, or could lead a secret to somebody else."
        "Make another change, or send the request as it is.";
    "usage.issuer_not_confirmed" You No
        "A provider was to be probed, and its issuer was not typed as the profile has it."
        "Type the issuer exactly, and only if the provider is yours to test.";
    "usage.bad_probe" You No
        "A time that probes were to take is out of its bounds."
        "Give a time within them.";
    "usage.nothing_sent" You No
        "The journal has no request of that kind to make a sample of."
        "Have one sent: sign in, renew or sign out, as the message says.";
};
