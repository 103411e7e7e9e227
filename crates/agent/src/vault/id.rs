//! What a record is called, and how often it was written.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::key::random;

/// The name of one record: 16 random bytes, written as 32 lower-case hex digits. It says nothing about the
/// person or the provider, because file names are readable without the key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RecordId([u8; 16]);

impl RecordId {
    /// A new name.
    #[must_use]
    pub fn random() -> Self {
        Self(random())
    }

    pub(super) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordId({self})")
    }
}

impl From<RecordId> for String {
    fn from(id: RecordId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for RecordId {
    type Error = NotARecordId;

    fn try_from(text: String) -> Result<Self, NotARecordId> {
        text.parse()
    }
}

/// The text is not 32 lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record's name is 32 lower-case hex digits")]
pub struct NotARecordId;

impl FromStr for RecordId {
    type Err = NotARecordId;

    fn from_str(text: &str) -> Result<Self, NotARecordId> {
        // One name, one record: capitals would give a second spelling of the same file.
        let well_formed = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let number = u128::from_str_radix(text, 16).ok().filter(|_| well_formed).ok_or(NotARecordId)?;
        Ok(Self(number.to_be_bytes()))
    }
}

/// How often a record was written: 1 is the first time. The highest one that opens is the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(u32);

impl Generation {
    /// Of a record that is written for the first time.
    pub const FIRST: Self = Self(1);

    /// The plain number, from 1.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    pub(super) fn new(number: u32) -> Option<Self> {
        (number > 0).then_some(Self(number))
    }

    /// Nothing after four thousand million of them: then the record cannot be written any more.
    pub(super) fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        let id = RecordId::random();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_ne!(RecordId::random(), id);
    }

    #[test]
    fn a_name_has_one_spelling_and_no_path_in_it() {
        for text in ["", "0", "../../../../../../../etc/passwd0", "0123456789ABCDEF0123456789ABCDEF"] {
            assert_eq!(text.parse::<RecordId>(), Err(NotARecordId), "{text}");
        }
        assert_eq!("+123456789abcdef0123456789abcdef".parse::<RecordId>(), Err(NotARecordId));
        assert_eq!("é123456789abcdef0123456789abcde".parse::<RecordId>(), Err(NotARecordId));
    }

    #[test]
    fn generations_begin_at_one_and_do_not_wrap() {
        assert_eq!(Generation::new(0), None);
        assert_eq!(Generation::FIRST.next(), Generation::new(2));
        assert_eq!(Generation::new(u32::MAX).and_then(Generation::next), None);
    }
}
