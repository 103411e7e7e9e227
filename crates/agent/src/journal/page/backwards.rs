//! The lines of a file from its last one back.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use super::super::file::LONGEST_LINE;

const AT_ONCE: usize = 64 * 1024;
/// A line that says that a file is of a later format is shorter.
const HEADER: usize = 256;

/// Reads a file from its end; memory is bounded by the longest line that an event may have.
pub(super) struct Backwards {
    file: File,
    /// What is before this is not read yet.
    from: u64,
    /// What is read from there on, up to the line that was given last.
    held: Vec<u8>,
    line: Range<usize>,
    /// The line that is being read is longer than any may be: it is not kept.
    too_long: bool,
    over: bool,
}

impl Backwards {
    pub(super) fn of(file: File) -> io::Result<Self> {
        let from = file.metadata()?.len();
        Ok(Self { file, from, held: Vec::new(), line: 0..0, too_long: false, over: false })
    }

    /// The beginning of the first line.
    pub(super) fn first(&self) -> io::Result<Vec<u8>> {
        let mut start = vec![0; HEADER];
        let read = self.file.read_at(&mut start, 0)?;
        let end = start[..read].iter().position(|byte| *byte == b'\n').unwrap_or(read);
        start.truncate(end);
        Ok(start)
    }

    /// Goes to the line before; tells whether there is one.
    pub(super) fn step(&mut self) -> io::Result<bool> {
        self.held.truncate(self.line.start.saturating_sub(1));
        while !self.over {
            if let Some(end) = self.held.iter().rposition(|byte| *byte == b'\n') {
                self.line = end + 1..self.held.len();
                if !std::mem::take(&mut self.too_long) {
                    return Ok(true);
                }
                self.held.truncate(end);
                continue;
            }
            if self.held.len() as u64 >= LONGEST_LINE {
                self.too_long = true;
                self.held.clear();
            }
            if self.from == 0 {
                self.over = true;
                self.line = 0..self.held.len();
                return Ok(!self.too_long && !self.held.is_empty());
            }
            self.read_more()?;
        }
        Ok(false)
    }

    pub(super) fn line(&self) -> &[u8] {
        &self.held[self.line.clone()]
    }

    fn read_more(&mut self) -> io::Result<()> {
        let more = self.from.min(AT_ONCE as u64);
        self.from -= more;
        let mut read = vec![0; usize::try_from(more).map_err(io::Error::other)?];
        self.file.read_exact_at(&mut read, self.from)?;
        read.append(&mut self.held);
        self.held = read;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("written");
        let mut lines = Backwards::of(file).expect("it opens");
        let mut all = Vec::new();
        while lines.step().expect("it is read") {
            if !lines.line().is_empty() {
                all.push(lines.line().to_owned());
            }
        }
        all.reverse();
        all
    }

    #[test]
    fn a_line_that_is_too_long_takes_nothing_along() {
        let long = vec![b'x'; usize::try_from(LONGEST_LINE).expect("fits") + AT_ONCE + 7];
        let bytes = [b"one\n", &long[..], b"\ntwo\n", &long[..], b"\n", &long[..]].concat();
        assert_eq!(lines(&bytes), [b"one".to_vec(), b"two".to_vec()]);
        assert_eq!(lines(&long), Vec::<Vec<u8>>::new());
    }

    proptest! {
        #[test]
        fn it_reads_the_lines_that_are_there(parts in prop::collection::vec((0_usize..90_000, any::<u8>()), 0..9)) {
            let bytes: Vec<u8> = parts.iter().flat_map(|(length, byte)| {
                let mut line = vec![byte.saturating_add(1).max(11); *length];
                line.push(b'\n');
                line
            }).collect();
            let expected: Vec<Vec<u8>> =
                bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect();
            prop_assert_eq!(lines(&bytes), expected.clone());
            if let Some(cut) = bytes.strip_suffix(b"\n") {
                prop_assert_eq!(lines(cut), expected);
            }
        }
    }
}
