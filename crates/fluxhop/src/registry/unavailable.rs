//! A stand-in for a provider that could not be constructed, e.g. because its token is missing.

use futures_util::{StreamExt, stream};

use crate::{Error, EventStream, Provider, ProviderInfo, Request};

/// Fails every request with the reason, so that a chain of providers tries the next one.
pub(super) struct Unavailable {
    info: ProviderInfo,
    error: Error,
}

impl Unavailable {
    pub(super) fn new(info: ProviderInfo, error: Error) -> Self {
        Self { info, error }
    }
}

impl Provider for Unavailable {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn generate(&self, _: Request) -> EventStream {
        stream::iter([Err(self.error.clone())]).boxed()
    }
}
