//! What the environment may say to the webview.

use std::env;

/// Run before anything else: while there is one thread.
#[expect(
    unsafe_code,
    reason = "changing the environment is unsafe since it races with other threads; there are none yet"
)]
pub(crate) fn prepare() {
    // The runtime would let any process drive the window over WebDriver where this is set.
    #[cfg(not(feature = "automation"))]
    // SAFETY: the first statement of `main`; no other thread runs.
    unsafe {
        env::remove_var("TAURI_WEBVIEW_AUTOMATION");
    }
    // A third less memory and a quicker start: the pages need no graphics card.
    if cfg!(target_os = "linux") && env::var_os("WEBKIT_DISABLE_DMABUF_RENDERER").is_none() {
        // SAFETY: as above.
        unsafe { env::set_var("WEBKIT_DISABLE_DMABUF_RENDERER", "1") };
    }
}
