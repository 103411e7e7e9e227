use crate::words::Family;

pub(super) const STORE: Family = family! {
    "store" "the vault"

    "store.locked" You Yes
        "The keyring is locked, so the sessions cannot be opened."
        "Unlock it, then try again.";
    "store.denied" You No
        "You, or the system, did not let Doorkey use the keyring."
        "Allow it when you are asked again.";
    "store.no_service" Computer Yes
        "There is no keyring on this computer, or it does not answer."
        "Start one, or choose another way to keep the sessions.";
    "store.key_missing" You No
        "The sessions were sealed with a key that this keyring does not hold."
        "Unlock the keyring that has it; else start over and sign in again.";
    "store.unusable" Computer No
        "The keyring does not work as it should."
        "Run `doorkey doctor`, which says what is wrong with it.";
    "store.no_passphrase" You No
        "The vault is sealed with a passphrase, and nobody gave one."
        "Give it to `doorkey vault unlock`, or name where it is in the environment.";
    "store.wrong_passphrase" You No
        "That is not the passphrase of this vault."
        "Type it again.";
    "store.unfit_passphrase" You No
        "The passphrase is too short to be worth anything, or too long."
        "Choose another one.";
    "store.absurd_parameters" You No
        "The file with the wrapped key was altered: it asks for more memory or time than anybody would choose."
        "Restore it from a backup.";
    "store.other_machine" You No
        "The vault was made on another machine, and two machines with one sign-in would sign each other out."
        "Go on here with `doorkey vault adopt`, or begin anew with `doorkey vault start-over`.";
    "store.rolled_back" You No
        "An older copy of a saved sign-in was put back, whose refresh token is spent."
        "Sign in again.";
    "store.other_kind" You No
        "The saved sign-ins are sealed another way than was asked for."
        "Unset `DOORKEY_VAULT` if it says otherwise, or seal everything anew with `doorkey vault use`.";
    "store.not_confirmed" You No
        "Saved sign-ins would be deleted, and nobody said yes."
        "Say `--yes` if that is what you want.";
    "store.nothing_to_lock" You No
        "The sessions are in memory only."
        "End the agent to forget them, or keep them with `doorkey vault use keyring`.";
    "store.in_use" You No
        "The vault is open, so there is nothing to start over."
        "Sign out with `doorkey logout`, or keep the key elsewhere with `doorkey vault use`.";
    "store.lock_busy" Nobody Yes
        "Another agent is starting or ending and holds the lock."
        "Wait for it or end it, then try again.";
    "store.damaged" You No
        "A session's file is damaged; it is kept aside."
        "Sign in again.";
    "store.foreign_record" You No
        "A session's file was put in another's place."
        "Sign in again, and find out who changes files there.";
    "store.newer_version" You No
        "A newer version of Doorkey wrote the file, which is left untouched."
        "Update Doorkey.";
    "store.removed" You No
        "The session was removed while it was being written."
        "Sign in again.";
    "store.too_large" Provider No
        "The tokens are larger than any the vault takes."
        "Ask for fewer scopes or claims.";
    "store.unsafe_permissions" You No
        "Somebody else could read or replace the vault's files."
        "Make the folder yours alone, mode 0700, and its files 0600.";
    "store.no_permission" Computer Yes
        "The system does not let Doorkey read or write the vault."
        "Check the folder's owner and mode.";
    "store.read_only" Computer Yes
        "The vault is on a disk that cannot be written to."
        "Make it writable, or set `XDG_DATA_HOME` to a folder that is.";
    "store.disk_full" You Yes
        "The disk is full; nothing that was saved before is lost."
        "Make room on it.";
    "store.io" Computer Yes
        "The disk failed; nothing that was saved before is lost."
        "Check the disk and try again.";
    "store.unsaved" Computer Yes
        "The system did not confirm that the session is on the disk; it is tried again."
        "Check the disk, and do not quit before it has been saved.";
    "store.no_folder" Computer No
        "The demonstration could not make its private folder."
        "Set `TMPDIR` to a folder that can be written to.";
    "store.left_behind" You No
        "The demonstration's folder could not be removed."
        "Remove it by hand.";
    "store.journal_unreadable" You No
        "A file of the journal is there and cannot be read."
        "Look at whose files they are, and at the disk.";
};
