use crate::words::Family;

pub(super) const LISTENER: Family = family! {
    "listener" "the port on this computer that the browser comes back to"

    "listener.no_port" You Sometimes
        "Every port that may be used is taken by another program."
        "Close that program, or add another port to the profile and register it.";
    "listener.port_taken_v6" You Yes
        "Another program holds the port on `[::1]`, where it could take the answer."
        "Close that program, or use another port.";
    "listener.blocked" Computer No
        "The system does not let Doorkey listen on 127.0.0.1."
        "Allow it in the sandbox, the security software or the policy that forbids it.";
    "listener.no_loopback" Computer No
        "This computer has no loopback address."
        "Bring the loopback interface up.";
};

pub(super) const BROWSER: Family = family! {
    "browser" "opening the browser"

    "browser.cannot_open" You No
        "No browser could be opened; the sign-in waits all the same."
        "Copy the address and open it in a browser on this computer.";
    "browser.bad_url" Provider No
        "The sign-in address is not a web address that may be opened."
        "The provider's authorization endpoint must begin with https.";
};

pub(super) const LOGIN: Family = family! {
    "login" "a sign-in under way"

    "login.already_running" You Yes
        "Another sign-in for this profile is under way."
        "Finish it in the browser, or cancel it.";
    "login.not_waiting" You No
        "This sign-in does not wait for a browser: it has its answer, or it is over."
        "Look whether you are signed in; otherwise start again.";
    "login.not_paused" You No
        "The sign-in does not wait before that request: it waits before another one, goes on, or is over."
        "Look at the sign-in again, and name the request that waits now.";
    "login.pause_timeout" You Yes
        "A sign-in in step mode waited for somebody to go on, and nobody did in time."
        "Start it again, with more time if you need it.";
    "login.unknown" You No
        "There is no sign-in with that id, or it ended a while ago."
        "Start a new one.";
    "login.no_address" You No
        "The sign-in has no address to open yet, or no longer."
        "Start it again.";
};

pub(super) const DESKTOP: Family = family! {
    "desktop" "the window and what is around it"

    "desktop.autostart" You No
        "The window could not be added to the programs that start with the desktop, or taken from them."
        "Do it in the desktop's own settings.";
    "desktop.clipboard" You Yes
        "The clipboard could not be written to."
        "Try again.";
    "desktop.file" You Yes
        "A file that was asked for in the window could not be written."
        "Make room in the folder for downloads, and try again.";
    "desktop.no_command" Computer No
        "The window was to play scenarios, and the `doorkey` command is not beside it, or does not start."
        "Install Doorkey's package again.";
    "desktop.not_seen" You No
        "A token was asked for by a window that nobody sees."
        "Open the window, and ask again there.";
    "desktop.settings" You No
        "`window.toml`, which says how the window behaves, cannot be understood or written."
        "Correct the file, and open the window again.";
    "desktop.watch_ended" You Yes
        "The command that plays scenarios for the window has ended by itself."
        "Look at what it said last, and run them again.";
    "desktop.revealed_often" You Yes
        "More tokens were shown within a minute than a person looks at."
        "Wait a minute, or copy the token instead.";
};

pub(super) const DEMO: Family = family! {
    "demo" "the demonstration's own provider"

    "demo.cannot_start" Computer Yes
        "The demonstration's provider did not start."
        "Run `doorkey doctor`, which says what this computer refuses.";
};

pub(super) const OUTPUT: Family = family! {
    "output" "writing the answer"

    "output.not_written" You No
        "The command did its work, and its answer could not be written."
        "Look at where the output goes: a full disk, a closed file.";
    "output.file_exists" You No
        "A file of that name is there already, and no file is ever written over."
        "Choose another name, or move the file away.";
};

pub(super) const EVIDENCE: Family = family! {
    "evidence" "evidence that somebody sent"

    "evidence.unreadable" You No
        "The file is no zip archive, or a part of it is missing: nothing of it can be shown."
        "Have it sent once more, and compare the sizes of the two.";
    "evidence.not_ours" You No
        "The file is a zip archive, and not one that `doorkey inspect --evidence` has made."
        "Look at it with your file manager.";
    "evidence.newer" You No
        "A newer version of Doorkey has made the file."
        "Update Doorkey, or have the evidence made again by this version.";
    "evidence.too_large" You No
        "The file, or something in it, is larger than evidence ever is, or grows out of all proportion when it is unpacked."
        "Ask who sent it, and do not unpack it elsewhere.";
    "evidence.hostile" You No
        "The file has in it what evidence never has: paths, links or encryption."
        "Ask who sent it, and do not unpack it elsewhere.";
};

pub(super) const EXEC: Family = family! {
    "exec" "the command that was to get a token"

    "exec.not_found" You No
        "There is no command of that name."
        "Check how it is written, and whether `PATH` has its folder.";
    "exec.not_started" You No
        "The command is there and does not start."
        "It must be a program that you may run.";
    "exec.not_bearer" You No
        "The token is bound to a key that stays with the agent, so that no other program can use it by itself."
        "Use a profile without `dpop = true`, or `doorkey token --dpop` for each request.";
};

pub(super) const HELPER: Family = family! {
    "helper" "a tool that asked for a token by its own protocol"

    "helper.bad_value" You No
        "What the tool sent has a character that no address and no name has, such as a line's end."
        "Look at the address the tool was given: somebody may be after the token of another host.";
    "helper.not_understood" You No
        "What the tool sent is not of its protocol, or larger than 64 KiB."
        "Let the tool call the helper itself, as `doorkey helper --help` has it.";
    "helper.other_host" You No
        "The tool wants the token for another server than the one it is set up for, or does not say which."
        "Correct the set-up, or use a profile that is for that server.";
    "helper.cannot_store" You No
        "The tool wants to store or erase a password, which Doorkey does not do for it."
        "Use `doorkey login` and `doorkey logout` instead of the tool's own.";
    "helper.not_https" You No
        "The tool would send the token where others can read it."
        "Use the https address.";
};

pub(super) const TEST: Family = family! {
    "test" "a scenario that was to be tested"

    "test.no_browser" Computer No
        "The scenario has headless Chromium fill in the login page, and Chromium or ChromeDriver is missing or does not start."
        "Install `chromium` and `chromium-driver`, both of the same version.";
    "test.command" You No
        "The command that was to fill in the login page did not."
        "Run it by hand, with an address behind it.";
    "test.page" You No
        "The browser ended in the middle of a page, or the scenario types a password that stands in it."
        "Run it with `--show-browser`, and take passwords from [secrets].";
    "test.no_secret" You No
        "A secret that a scenario names is not where the scenario says."
        "Set the environment variable, write the file, or put it into the keyring.";
};

pub(super) const USER: Family = family! {
    "user" "nothing: you stopped it"

    "user.cancelled" You No
        "You, or the program you use, stopped it; nothing was changed."
        "Start it again when you want it.";
};

pub(super) const BUG: Family = family! {
    "bug" "ours: please report it"

    "bug.host" Us No
        "The window stopped in the middle of something, or was asked for what it does not have."
        "Try again, and tell us.";
    "bug.renewal" Us Yes
        "A renewal stopped in a way that should not be possible."
        "Try again, and tell us.";
    "bug.demo" Us No
        "The demonstration did not come out as it promises."
        "Tell us, with the output of `doorkey demo --json`.";
};
