//! SentencePiece's normalisation table, which maps sequences of characters to replacements.
//!
//! The format: the length of a trie in bytes, the trie (a double array of 32-bit units, as in
//! darts-clone), and the zero-terminated replacements. The tokenizers library does not check bounds
//! while it follows the trie, so a table is validated before use.

use tokenizers::normalizers::Precompiled;

use crate::{Error, Result};

/// The normaliser for a table. Fails if a path of the trie leads out of bounds.
pub(super) fn normalizer(table: &[u8]) -> Result<Precompiled> {
    check(table)
        .and_then(|()| Precompiled::from(table).ok())
        .ok_or_else(|| Error::model("the tokenizer's normalisation table is invalid"))
}

fn check(table: &[u8]) -> Option<()> {
    let (length, rest) = table.split_first_chunk()?;
    let (trie, replacements) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let (units, []) = trie.as_chunks() else {
        return None;
    };
    let units: Vec<u32> = units.iter().map(|unit| u32::from_le_bytes(*unit)).collect();
    let replacements = std::str::from_utf8(replacements).ok()?;
    let mut seen = vec![false; units.len()];
    let mut nodes = vec![0_usize];
    *seen.first_mut()? = true;
    while let Some(node) = nodes.pop() {
        let unit = units[node];
        // A unit contains the offset of its children, relative to its own index, in one of two
        // scales.
        let scale = if unit >> 9 & 1 == 1 { 8 } else { 0 };
        let children = node ^ (unit >> 10 << scale) as usize;
        if children | 0xff >= units.len() {
            return None;
        }
        if node != 0 && unit >> 8 & 1 == 1 {
            let start = (units[children] & 0x7fff_ffff) as usize;
            if !replacements.is_char_boundary(start) {
                return None;
            }
        }
        for label in 1..=0xff_u32 {
            let child = children ^ label as usize;
            if units[child] & 0x8000_00ff == label && !seen[child] {
                seen[child] = true;
                nodes.push(child);
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use tokenizers::{NormalizedString, Normalizer};

    use super::*;

    /// A trie with one key, `a`, whose replacement starts at `start`.
    fn table(start: u32, replacements: &[u8]) -> Vec<u8> {
        let mut units = [0_u32; 512];
        units[usize::from(b'a')] = u32::from(b'a') | 1 << 8 | (256 ^ u32::from(b'a')) << 10;
        units[256] = start | 1 << 31;
        let mut table = (512_u32 * 4).to_le_bytes().to_vec();
        table.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        table.extend(replacements);
        table
    }

    #[test]
    fn a_valid_table_replaces_its_keys() {
        let normalizer = normalizer(&table(2, b"x\0yz\0")).expect("rejected a valid table");
        let mut text = NormalizedString::from("banana");
        normalizer
            .normalize(&mut text)
            .expect("failed to normalize");
        assert_eq!(text.get(), "byznyznyz");
    }

    #[test]
    fn a_table_with_an_index_out_of_bounds_is_rejected() {
        let with_unit = |at: usize, unit: u32| {
            let mut table = table(0, b"x\0");
            table[4 + at * 4..][..4].copy_from_slice(&unit.to_le_bytes());
            table
        };
        let invalid = [
            vec![],
            vec![0; 4],
            vec![255; 4],
            table(3, b"x\0"),
            table(1, "é\0".as_bytes()),
            table(0, &[0xff, 0]),
            with_unit(0, 1 << 10 << 9),
            with_unit(usize::from(b'a'), u32::from(b'a') | 1 << 9 | 1 << 20),
            table(0, b"x\0")[..1000].to_vec(),
        ];
        for (index, table) in invalid.iter().enumerate() {
            assert!(normalizer(table).is_err(), "{index}");
        }
    }
}
