//! Byte counts in decimal units.

/// Formats a byte count with a decimal unit, e.g. `34.0 GB`.
pub fn format_bytes(bytes: u64) -> String {
    let (tenth, unit) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (100, "kB"),
        1_000_000..1_000_000_000 => (100_000, "MB"),
        1_000_000_000.. => (100_000_000, "GB"),
    };
    let tenths = bytes / tenth;
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers_of_1000() {
        for (bytes, formatted) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (33_700_000_000, "33.7 GB"),
            (u64::MAX, "18446744073.7 GB"),
        ] {
            assert_eq!(format_bytes(bytes), formatted);
        }
    }
}
