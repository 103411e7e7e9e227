//! A power cut at one chosen moment: the program is killed at one call into the file system, from outside.
//!
//! The calls of the program go through a small library that is loaded before the C library, so that the program is the
//! very one that is shipped and every moment between two calls can be met exactly. A hook in the program would have
//! to be kept out of what is shipped, and a tracer is not allowed everywhere: the agent does not let itself be traced.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;

use tokio::process::Command;

/// Which call it happens at.
#[derive(Clone, Copy, Debug)]
pub struct PowerCut {
    /// `open` (only what makes a file), `write`, `rename`, `unlink`, or `any` of them.
    pub call: &'static str,
    /// A part of the file's path; for `rename`, of the new one.
    pub path: &'static str,
    /// The how manyeth such call, from 1.
    pub nth: u32,
    /// `before`, `after`, or for `write` at `half` of the bytes. At `full` the program lives on: its disk has no room.
    pub when: &'static str,
}

impl PowerCut {
    /// The first call of that kind.
    #[must_use]
    pub fn at(when: &'static str, call: &'static str, path: &'static str) -> Self {
        Self { call, path, nth: 1, when }
    }

    /// Makes it happen to this program.
    pub fn happens_to(self, command: &mut Command) {
        if let Some(library) = library() {
            command
                .env("LD_PRELOAD", library)
                .env("POWER_CUT_CALL", self.call)
                .env("POWER_CUT_PATH", self.path)
                .env("POWER_CUT_NTH", self.nth.to_string())
                .env("POWER_CUT_WHEN", self.when);
        }
    }
}

/// Whether there is a C compiler, which everything here was built with.
#[must_use]
pub fn is_possible() -> bool {
    library().is_some()
}

/// Built once for each test program, beside it.
fn library() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/power_cut.c");
        let test = std::env::current_exe().expect("this test has a path");
        let library = test.with_extension("power_cut.so");
        let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
        let mut compile = std::process::Command::new(compiler);
        compile.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl").stdin(Stdio::null());
        let built = compile.status().ok()?;
        assert!(built.success(), "the library does not build");
        Some(library)
    });
    built.as_deref()
}
