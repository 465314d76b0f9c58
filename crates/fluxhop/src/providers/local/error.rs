//! Converts the engine's errors.

use fluxhop_engine::ErrorKind as Engine;

use crate::{Error, ErrorKind};

/// Converts an error of the engine.
///
/// Unusable model files and insufficient memory become [`ErrorKind::Unavailable`], so that a
/// failover chain tries the next provider.
pub(super) fn from_engine(error: fluxhop_engine::Error) -> Error {
    let kind = match error.kind() {
        Engine::InvalidRequest { field } => ErrorKind::InvalidRequest { field },
        Engine::Model | Engine::Memory => ErrorKind::Unavailable,
        Engine::Cancelled => ErrorKind::Cancelled,
        _ => ErrorKind::Internal,
    };
    let mut converted = Error::new(kind, error.message()).with_retryable(false);
    for (name, value) in error.context() {
        converted = converted.with_context(name, value.as_str());
    }
    converted.with_source(error)
}
