//! A window of the same engine with a page of a few words, and nothing behind it: what `doorkey-bench window` sets
//! Doorkey's own window against. It is as Tauri makes it, without a switch of ours.

fn main() {
    let context = tauri::generate_context!("src-tauri/examples/bare/tauri.conf.json");
    tauri::Builder::default().run(context).expect("there is a display");
}
