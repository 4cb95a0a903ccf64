//! The requirements of an executable: its architecture and its C library.

use std::path::Path;

/// The ELF machine number of arm64.
pub(crate) const ARM64: u16 = 183;
/// The C library of `provided.al2023` is 2.34.
pub(crate) const AMAZON_LINUX_2023: u32 = 34;

pub(crate) struct Binary {
    pub(crate) processor: u16,
    /// The newest glibc 2.x that it requires; 0 for none.
    pub(crate) glibc: u32,
}

pub(crate) fn read(path: &Path) -> Binary {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(&bytes[..4], b"\x7fELF", "{}", path.display());
    Binary { processor: u16::from_le_bytes([bytes[18], bytes[19]]), glibc: glibc(&bytes) }
}

/// Versions of symbols are named `GLIBC_2.17`.
fn glibc(bytes: &[u8]) -> u32 {
    const NAME: &[u8] = b"GLIBC_2.";
    let minor = |at: usize| {
        let digits = bytes[at + NAME.len()..].iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
    };
    let named = bytes.windows(NAME.len()).enumerate().filter(|(_, window)| *window == NAME);
    named.map(|(at, _)| minor(at)).max().unwrap_or(0)
}
