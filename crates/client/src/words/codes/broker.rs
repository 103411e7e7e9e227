use crate::words::Family;

pub(super) const BROKER: Family = family! {
    "broker" "the agent, or the way to it"

    "broker.unavailable" You Yes
        "No agent runs, or it does not answer."
        "Start `doorkey agent`, or open the window.";
    "broker.no_socket" Computer No
        "The agent cannot make its socket."
        "Check that `XDG_RUNTIME_DIR` is a folder of your own, or unset it.";
    "broker.passed_socket" You No
        "The service manager passed another socket than the agent's, or one that others may reach."
        "Use the units that `doorkey agent install` writes.";
    "broker.cannot_stop" You No
        "The agent that runs is not one that a command may stop, or it does not stop."
        "Close the window, or stop it where it runs.";
    "broker.untrusted_socket" Computer No
        "Somebody else could be behind the agent's socket, so nothing was sent."
        "Remove it if it is yours; otherwise tell whoever looks after this computer.";
    "broker.version" You No
        "The agent that runs is of another version, and speaks other words."
        "Stop the agent or close the window, and start both from the same version.";
    "broker.busy" Nobody Yes
        "The agent has too many connections or sign-ins."
        "Close or finish some, and try again.";
    "broker.web_page" You No
        "A web page spoke to the agent, which no web page may."
        "Call it from a program.";
    "broker.bad_request" You No
        "The call is not one of the agent's: its JSON, or a member of it, is wrong."
        "Correct what the message names.";
    "broker.unknown_method" You No
        "The agent has no such call."
        "Check path and method, and which version of the agent runs.";
    "broker.too_large" You No
        "The body, the head or the address of the call is larger than the agent takes."
        "Send less.";
    "broker.too_slow" You Yes
        "The body of the call did not come in time."
        "Send it in one go.";
    "broker.wrong_content_type" You No
        "The body of the call is not said to be JSON."
        "Send it with `Content-Type: application/json`.";
    "broker.consent_required" You No
        "Somebody has to say first whether the program may have the token, and there was nobody to ask, or no way to tell which program it is."
        "Allow it with `doorkey consent allow`, or by a rule in `policy.toml`.";
    "broker.denied" You No
        "You, or the policy, said no to the program that asked."
        "If it may have the token, `doorkey consent allow`, or change `policy.toml`.";
    "broker.consent_timeout" You Yes
        "The question whether the program may have the token was not answered within a minute."
        "Let it ask again, and answer in the window.";
    "broker.consent_changed" You Yes
        "The program that asked became another one while it waited, or has ended."
        "Let it ask again.";
    "broker.consent_unknown" You No
        "There is no consent and no question with that id any more."
        "`doorkey consent` lists what there is.";
    "broker.network_foreign" You No
        "A program that is not Doorkey's wanted to set how providers are reached."
        "Set it in the window, or in `network.toml`.";
    "broker.consent_foreign" You No
        "A program that is not Doorkey's own tried to decide what programs may have."
        "Decide in the window, or with `doorkey consent`.";
    "broker.session_foreign" You No
        "A program that is not Doorkey's own tried to change how sessions are seen."
        "Change it in the window, or with `doorkey account`.";
    "broker.step_foreign" You No
        "A program that is not Doorkey's own tried to see or edit the requests of a sign-in before they are sent."
        "Step through it in the window, or with `doorkey login --step`.";
    "broker.probe_foreign" You No
        "A program that is not Doorkey's own tried to have a provider probed."
        "Probe it with `doorkey probe`.";
    "broker.other_audience" You No
        "The session's token is for another API than the one that was asked for."
        "Make a profile with that audience, and sign in with it.";
    "broker.insufficient_scope" You No
        "A scope that was asked for was not granted at the sign-in."
        "Add it to the profile, and sign in again.";
};
