//! How a request finds its recovery to the Space, and what is left to try when it fails.

use fluxhop_gradio::ErrorKind as Gradio;
use fluxhop_http::ErrorKind as Http;

use super::{Connected, Failure, Space};
use crate::{Error, Result};

/// What one request knows of the Space.
pub(super) struct Recovery {
    space: Space,
    connected: Option<Connected>,
    /// Whether the Space's own description was read for this request.
    is_fresh: bool,
    /// The failure of what the Space was taken to be, until it was found to be something else.
    suspect: Option<(Connected, Failure)>,
    may_wake: bool,
    /// Whether the connection has proven itself and is remembered.
    is_through: bool,
}

/// What may help after a failure.
pub(super) enum Next {
    /// Asking again, as the Space's own description says.
    Discover,
    /// Waiting for the Space to come up; the failure is the reason where it is up already.
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
            is_through: false,
        }
    }

    /// The Space as it is known, or as it describes itself.
    pub(super) async fn connected(&mut self) -> Result<Connected, Failure> {
        if let Some(connected) = &self.connected {
            return Ok(connected.clone());
        }
        let connected = self.space.discover().await?;
        self.is_fresh = true;
        // Where it is as it was taken to be, the first failure is the true one.
        if let Some((before, failure)) = self.suspect.take()
            && before.is_same_call(&connected)
        {
            return Err(failure);
        }
        Ok(self.connected.insert(connected).clone())
    }

    /// The Space answers as Gradio does: it is awake, and known for the next request.
    pub(super) fn got_through(&mut self) {
        if !self.is_through {
            self.is_through = true;
            self.may_wake = false;
            self.space.remember(self.connected.as_ref());
        }
    }

    /// What may help after `failure`; its error where nothing is left.
    pub(super) fn after(&mut self, failure: Failure) -> Result<Next> {
        let connected = self.connected.take();
        if self.is_fresh && is_in_its_own_words(&failure) {
            // It was asked a moment ago what it is: the next request need not ask again.
            self.space.remember(connected.as_ref());
            return Err(failure.into_error());
        }
        self.space.remember(None);
        self.is_through = false;
        match (&failure, connected) {
            (Failure::Gradio(error), Some(connected))
                if !self.is_fresh && may_be_another_shape(error) =>
            {
                self.suspect = Some((connected, failure));
                Ok(Next::Discover)
            }
            (Failure::Gradio(error), _) if self.may_wake && may_be_asleep(error) => {
                self.may_wake = false;
                // What a Space answered in its sleep says nothing of it awake.
                self.suspect = None;
                Ok(Next::Wake(failure))
            }
            _ => Err(failure.into_error()),
        }
    }
}

/// Whether the Space's function ran and says itself why it failed.
fn is_in_its_own_words(failure: &Failure) -> bool {
    let Failure::Gradio(error) = failure else {
        return false;
    };
    *error.kind() == Gradio::Failed { explained: true }
}

/// Whether the error is one that a Space gives which is not, or no longer, as it is known: another
/// prefix, another endpoint, other parameters.
fn may_be_another_shape(error: &fluxhop_gradio::Error) -> bool {
    match error.kind() {
        Gradio::NotGradio { .. } | Gradio::NoEndpoint | Gradio::Refused { .. } => true,
        // Gradio 4 and 5 answer 500 for an endpoint that is not there.
        Gradio::Status { status } => *status == 500,
        // Too few values: told where the app shows its errors, and told by nothing else.
        Gradio::Failed { explained } => !explained || error.message().contains("input values"),
        _ => false,
    }
}

/// Whether nothing of Gradio's answers, so that the hub is worth asking why.
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
