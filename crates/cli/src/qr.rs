//! An address as a QR code, for the camera of a phone.

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

/// The code as lines of half blocks, its quiet zone included. The blocks are the dark part: to be shown black on white,
/// since not every camera reads it the other way round. Nothing where it does not fit into `width` columns.
pub(crate) fn lines(address: &str, width: usize) -> Option<Vec<String>> {
    let code = QrCode::with_error_correction_level(address, EcLevel::L).ok()?;
    let drawn = code.render::<Dense1x2>().build();
    let lines: Vec<String> = drawn.lines().map(str::to_owned).collect();
    let fits = lines.iter().all(|line| line.chars().count() <= width);
    fits.then_some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "https://op.example/device?user_code=WDJB-MJHT";

    #[test]
    fn it_is_drawn_with_its_quiet_zone_and_half_blocks() {
        let lines = lines(ADDRESS, 80).expect("it fits");
        let width = lines[0].chars().count();
        assert!(lines.iter().all(|line| line.chars().count() == width), "a square");
        assert_eq!(lines.len(), width.div_ceil(2));
        assert!(lines[0].chars().all(|c| c == ' '), "light around it: {lines:#?}");
        assert!(lines.concat().chars().all(|c| matches!(c, ' ' | '\u{2580}' | '\u{2584}' | '\u{2588}')));
    }

    #[test]
    fn one_that_does_not_fit_is_not_drawn() {
        assert_eq!(lines(ADDRESS, 20), None);
        assert_eq!(lines(&"x".repeat(10_000), 200), None);
    }
}
