//! What a process does before it holds secrets: nobody without privileges reads its memory, and no core file has it
//! (S-42, S-T16).

/// Makes this process unreadable for debuggers and core dumps of the same user. Children get their readability back
/// with their own program; of the limit they inherit only the soft half, and may raise it.
pub(crate) fn keep_memory_private() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Core);
    let limited = setrlimit(Resource::Core, Rlimit { current: Some(0), ..limit });
    if let Err(error) = limited {
        tracing::warn!(%error, "core files are not switched off");
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
            tracing::warn!(%error, "other programs of this user may read this process");
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    use super::*;

    #[test]
    fn this_process_can_not_be_dumped_any_more() {
        keep_memory_private();
        assert_eq!(dumpable_behavior().expect("Linux tells"), DumpableBehavior::NotDumpable);
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
    }
}
