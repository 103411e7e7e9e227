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
    "store.not_offered" You No
        "The key cannot be kept in that way here."
        "Choose another.";
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
};
