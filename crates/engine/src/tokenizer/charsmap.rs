//! SentencePiece's table of normalisation: which characters become which.
//!
//! It is the length of a trie in bytes, the trie (a double array as darts-clone makes it, 32 bits a
//! unit), then the replacements, each ended by a zero byte. The library that applies it follows the
//! trie without looking at its bounds, so a table is checked before it is used.

use tokenizers::normalizers::Precompiled;

use crate::{Error, Result};

/// The normaliser of a table, when every path of its trie stays inside it.
pub(super) fn normalizer(table: &[u8]) -> Result<Precompiled> {
    check(table)
        .and_then(|()| Precompiled::from(table).ok())
        .ok_or_else(|| Error::model("the tokenizer's table of normalisation is broken"))
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
        // A unit has the place of its children, relative to its own and in either of two scales.
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

    /// A trie of one key, `a`, whose replacement begins at `start`.
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
    fn a_whole_table_replaces() {
        let normalizer = normalizer(&table(2, b"x\0yz\0")).expect("a whole table");
        let mut text = NormalizedString::from("banana");
        normalizer.normalize(&mut text).expect("no failure");
        assert_eq!(text.get(), "byznyznyz");
    }

    #[test]
    fn a_table_that_leads_outside_is_refused() {
        let outside = |at: usize, unit: u32| {
            let mut table = table(0, b"x\0");
            table[4 + at * 4..][..4].copy_from_slice(&unit.to_le_bytes());
            table
        };
        let broken = [
            vec![],
            vec![0; 4],
            vec![255; 4],
            table(3, b"x\0"),
            table(1, "é\0".as_bytes()),
            table(0, &[0xff, 0]),
            outside(0, 1 << 10 << 9),
            outside(usize::from(b'a'), u32::from(b'a') | 1 << 9 | 1 << 20),
            table(0, b"x\0")[..1000].to_vec(),
        ];
        for (index, table) in broken.iter().enumerate() {
            assert!(normalizer(table).is_err(), "{index}");
        }
    }
}
