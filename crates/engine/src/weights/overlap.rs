//! Tensors that share bytes of their file: no writer does that, so such a file lies.

use super::entry::Listing;
use crate::{Error, Result};

/// Refuses a file of which two tensors overlap.
pub(super) fn refuse_overlaps(listing: &Listing) -> Result<()> {
    let mut places: Vec<_> = listing
        .iter()
        .map(|(name, stored)| (stored.bytes.range(), name))
        .filter(|(range, _)| !range.is_empty())
        .collect();
    places.sort_unstable_by_key(|(range, _)| range.start);
    for pair in places.windows(2) {
        if let [(a, first), (b, second)] = pair
            && b.start < a.end
        {
            let message = format!("the tensors `{first}` and `{second}` overlap");
            return Err(Error::model(message));
        }
    }
    Ok(())
}
