//! Detects tensors that overlap in their file. No writer produces such files.

use super::tensor::FileTensors;
use crate::{Error, Result};

/// Fails if two tensors of a file overlap.
pub(super) fn check_overlaps(tensors: &FileTensors) -> Result<()> {
    let mut ranges: Vec<_> = tensors
        .iter()
        .map(|(name, stored)| (stored.bytes.range(), name))
        .filter(|(range, _)| !range.is_empty())
        .collect();
    ranges.sort_unstable_by_key(|(range, _)| range.start);
    for pair in ranges.windows(2) {
        if let [(a, first), (b, second)] = pair
            && b.start < a.end
        {
            let message = format!("tensors `{first}` and `{second}` overlap");
            return Err(Error::model(message));
        }
    }
    Ok(())
}
