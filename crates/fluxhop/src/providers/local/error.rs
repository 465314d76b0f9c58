//! An error of the engine as one of fluxhop: what a caller can do about it.

use fluxhop_engine::ErrorKind as Engine;

use crate::{Error, ErrorKind};

/// Translates an error of the engine's.
///
/// Files that cannot be used and memory that is not there keep this provider from drawing and no
/// other: a chain goes on to the next.
pub(super) fn translate(error: fluxhop_engine::Error) -> Error {
    let kind = match error.kind() {
        Engine::InvalidRequest { field } => ErrorKind::InvalidRequest { field },
        Engine::Model | Engine::Memory => ErrorKind::Unavailable,
        Engine::Cancelled => ErrorKind::Cancelled,
        _ => ErrorKind::Internal,
    };
    let mut translated = Error::new(kind, error.message()).with_retryable(false);
    for (name, value) in error.context() {
        translated = translated.with_context(name, value.as_str());
    }
    translated.with_source(error)
}
