//! What to do in a provider's console, step by step.

use doorkey_client::words::ProfileView;

use super::list;
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;
use crate::text::wrapped;

/// The steps for this profile; the redirect URIs alone where its product is not known.
pub(super) fn steps(view: &ProfileView, out: &Output) -> Result<(), Failure> {
    if view.setup.is_empty() {
        return list::redirects(view, out);
    }
    out.answer("")?;
    out.answer("In the provider's console:")?;
    let look = out.answers();
    let width = look.width.saturating_sub(5).max(20);
    for (number, step) in view.setup.iter().enumerate() {
        let head = format!("  {}. ", number + 1);
        out.answer(Line::from(head).strong(&step.place))?;
        let lines = if look.terminal { wrapped(&step.what, width) } else { vec![step.what.clone()] };
        for line in lines {
            out.answer(format!("     {line}"))?;
        }
        // Alone on a line, so that a double click or a pipe takes it whole.
        for value in &step.values {
            out.answer(Line::from("       ").strong(value))?;
        }
    }
    Ok(())
}
