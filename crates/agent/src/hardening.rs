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

/// For each of the 4,096 connections one descriptor, and as many for all else. Children inherit the limit, so it is no
/// higher than what they bear: some close every number up to it before they begin.
const ENOUGH_DESCRIPTORS: u64 = 8_192;

/// Raises the soft limit of descriptors as far as the system allows and many callers at once need.
pub(crate) fn serve_many() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(ENOUGH_DESCRIPTORS, |hard| hard.min(ENOUGH_DESCRIPTORS));
    if limit.current.is_none_or(|current| current >= wanted) {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit }) {
        tracing::warn!(%error, "no more callers than usual can be served at once");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    use super::*;

    #[test]
    fn a_low_limit_of_descriptors_is_raised_and_a_high_one_is_left() {
        serve_many();
        let limit = getrlimit(Resource::Nofile);
        let most = limit.maximum.map_or(ENOUGH_DESCRIPTORS, |hard| hard.min(ENOUGH_DESCRIPTORS));
        assert!(limit.current.is_none_or(|current| current >= most), "{limit:?}");
    }

    #[test]
    fn this_process_can_not_be_dumped_any_more() {
        keep_memory_private();
        assert_eq!(dumpable_behavior().expect("Linux tells"), DumpableBehavior::NotDumpable);
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
    }
}
