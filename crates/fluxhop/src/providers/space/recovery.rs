//! Decides what to try after a failed call.

use fluxhop_gradio::ErrorKind as Gradio;
use fluxhop_http::ErrorKind as Http;

use super::{Connected, Failure, Space};
use crate::{Error, Result};

/// The state of the connection during one request.
pub(super) struct Recovery {
    space: Space,
    connected: Option<Connected>,
    /// Whether the Space was discovered during this request.
    is_fresh: bool,
    /// The known connection that failed, and its failure, until the Space has been discovered.
    suspect: Option<(Connected, Failure)>,
    may_wake: bool,
    /// Whether the call has produced an event, so that the connection is remembered.
    has_succeeded: bool,
}

/// The next step after a failure.
pub(super) enum Next {
    /// Discover the Space and repeat the call.
    Discover,
    /// Wait for the Space to start; the failure is returned if it is already running.
    Wake(Failure),
}

impl Recovery {
    pub(super) fn new(space: &Space) -> Self {
        Self {
            space: space.clone(),
            connected: space.known(),
            is_fresh: false,
            suspect: None,
            may_wake: space.0.address.space().is_some(),
            has_succeeded: false,
        }
    }

    /// The known connection; discovers the Space if there is none.
    pub(super) async fn connected(&mut self) -> Result<Connected, Failure> {
        if let Some(connected) = &self.connected {
            return Ok(connected.clone());
        }
        let connected = self.space.discover().await?;
        self.is_fresh = true;
        // If the Space has not changed, the first failure had another cause.
        if let Some((previous, failure)) = self.suspect.take()
            && previous.is_same_call(&connected)
        {
            return Err(failure);
        }
        Ok(self.connected.insert(connected).clone())
    }

    /// Records that the Space responds, and remembers the connection for the next request.
    pub(super) fn succeeded(&mut self) {
        if !self.has_succeeded {
            self.has_succeeded = true;
            self.may_wake = false;
            self.space.remember(self.connected.as_ref());
        }
    }

    /// The next step after `failure`, or its error if nothing is left to try.
    pub(super) fn after(&mut self, failure: Failure) -> Result<Next> {
        let connected = self.connected.take();
        if self.is_fresh && is_from_function(&failure) {
            // The Space was just discovered, so the next request can reuse the connection.
            self.space.remember(connected.as_ref());
            return Err(failure.into_error());
        }
        self.space.remember(None);
        self.has_succeeded = false;
        match (&failure, connected) {
            (Failure::Gradio(error), Some(connected))
                if !self.is_fresh && may_be_another_api(error) =>
            {
                self.suspect = Some((connected, failure));
                Ok(Next::Discover)
            }
            (Failure::Gradio(error), _) if self.may_wake && may_be_asleep(error) => {
                self.may_wake = false;
                // The response of a sleeping Space does not reflect its API.
                self.suspect = None;
                Ok(Next::Wake(failure))
            }
            _ => Err(failure.into_error()),
        }
    }
}

/// Whether the Space's function ran and reported its own error.
fn is_from_function(failure: &Failure) -> bool {
    let Failure::Gradio(error) = failure else {
        return false;
    };
    *error.kind() == Gradio::Failed { explained: true }
}

/// Whether the error suggests that the Space's API differs from the known one: another prefix,
/// another endpoint or other parameters.
fn may_be_another_api(error: &fluxhop_gradio::Error) -> bool {
    match error.kind() {
        Gradio::NotGradio { .. } | Gradio::NoEndpoint | Gradio::Rejected { .. } => true,
        // Gradio 4 and 5 return 500 for an unknown endpoint.
        Gradio::Status { status } => *status == 500,
        // Too few arguments; recognizable only by the message, if the app shows its errors.
        Gradio::Failed { explained } => !explained || error.message().contains("input values"),
        _ => false,
    }
}

/// Whether the response may not be from Gradio, so that the hub may know the reason.
fn may_be_asleep(error: &fluxhop_gradio::Error) -> bool {
    match error.kind() {
        Gradio::NotGradio { .. } | Gradio::NoEndpoint | Gradio::Status { .. } => true,
        Gradio::Transport(kind) => *kind == Http::Connect,
        _ => false,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Own(error)
    }
}
