//! A provider that cannot be made now, such as one whose token is missing.

use futures_util::{StreamExt, stream};

use crate::{Error, EventStream, Provider, ProviderInfo, Request};

/// Answers every request with the reason; a chain of providers so goes on to the next.
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
