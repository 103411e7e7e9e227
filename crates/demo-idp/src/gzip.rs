//! A gzip body that unpacks to far more than it is (RFC 1951, RFC 1952).

/// Packs that many times the letter `a`, at 158 to 1.
pub(crate) fn of_letters(count: usize) -> Vec<u8> {
    let mut bits = Bits { bytes: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff], filled: 0 };
    // The last block, with the fixed code (RFC 1951 3.2.6).
    bits.push(0b1, 1);
    bits.push(0b01, 2);
    if count > 0 {
        literal(&mut bits);
    }
    let left = count.saturating_sub(1);
    for _ in 0..left / 258 {
        // Length 258 (code 285), distance 1 (code 0).
        bits.push_code(0b1100_0101, 8);
        bits.push_code(0, 5);
    }
    for _ in 0..left % 258 {
        literal(&mut bits);
    }
    // The end of the block (code 256).
    bits.push_code(0, 7);
    let mut packed = bits.bytes;
    packed.extend(crc32(count).to_le_bytes());
    // The size modulo 2 to the power of 32 (RFC 1952 2.3.1).
    packed.extend(u32::try_from(count & 0xffff_ffff).unwrap_or_default().to_le_bytes());
    packed
}

fn literal(bits: &mut Bits) {
    bits.push_code(0x30 + u32::from(b'a'), 8);
}

struct Bits {
    bytes: Vec<u8>,
    /// Of the last byte; 0 when it is full.
    filled: u32,
}

impl Bits {
    /// Numbers go in from their lowest bit.
    fn push(&mut self, value: u32, count: u32) {
        for at in 0..count {
            if self.filled == 0 {
                self.bytes.push(0);
            }
            let bit = u8::from(value >> at & 1 == 1);
            if let Some(last) = self.bytes.last_mut() {
                *last |= bit << self.filled;
            }
            self.filled = (self.filled + 1) % 8;
        }
    }

    /// Huffman codes go in from their highest bit (RFC 1951 3.1.1).
    fn push_code(&mut self, code: u32, count: u32) {
        self.push(code.reverse_bits() >> (32 - count), count);
    }
}

fn crc32(count: usize) -> u32 {
    let table: [u32; 256] = std::array::from_fn(|byte| {
        (0..8).fold(u32::try_from(byte).unwrap_or_default(), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    });
    !(0..count).fold(u32::MAX, |crc, _| {
        let [low, ..] = crc.to_le_bytes();
        crc >> 8 ^ table[usize::from(low ^ b'a')]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_sum_is_that_of_the_standard() {
        // CRC-32 of "a" and of "aaaa".
        assert_eq!((crc32(1), crc32(4)), (0xe8b7_be43, 0xad98_e545));
    }

    #[test]
    fn a_small_body_promises_much() {
        let packed = of_letters(64 * 1024 * 1024);
        assert!(packed.len() < 450 * 1024, "{}", packed.len());
        assert_eq!(packed[packed.len() - 4..], (64_u32 * 1024 * 1024).to_le_bytes());
    }
}
