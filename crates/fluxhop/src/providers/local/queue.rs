//! The requests that wait for a device, and which of them are drawn together.

use std::collections::VecDeque;
use std::sync::Arc;

use fluxhop_engine::Drawing;
use tokio::sync::mpsc::Receiver;

use super::artist::Model;
use super::listener::{Listener, Told};
use crate::{Event, Result};

/// The most pictures that are drawn together.
const TOGETHER: usize = 4;

/// What must be equal for pictures to be drawn together, beside the model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) steps: Option<usize>,
    pub(super) guidance: Option<f32>,
}

/// A request that waits: for its first picture, or between two of them.
pub(super) struct Ticket {
    model: Arc<Model>,
    shape: Shape,
    /// Pictures that are not begun.
    left: VecDeque<(u32, Drawing)>,
    begun: bool,
    listener: Listener,
}

/// Pictures to draw together.
pub(super) struct Batch {
    pub(super) model: Arc<Model>,
    pub(super) shape: Shape,
    pub(super) pieces: Vec<Piece>,
}

/// A picture of a batch, and who waits for it.
pub(super) struct Piece {
    pub(super) index: u32,
    pub(super) drawing: Drawing,
    pub(super) listener: Listener,
    /// Whether it is the first of its request's in this batch.
    pub(super) leads: bool,
}

impl Ticket {
    /// A request, and what is told of it.
    pub(super) fn new(
        model: Arc<Model>,
        shape: Shape,
        drawings: Vec<Drawing>,
    ) -> (Self, Receiver<Result<Told>>) {
        let (listener, told) = Listener::new(drawings.len());
        let ticket = Self {
            model,
            shape,
            left: (0..).zip(drawings).collect(),
            begun: false,
            listener,
        };
        (ticket, told)
    }

    /// Who waits for it.
    pub(super) fn listener(&self) -> &Listener {
        &self.listener
    }

    fn is_like(&self, batch: &Batch) -> bool {
        Arc::ptr_eq(&self.model, &batch.model) && self.shape == batch.shape
    }

    /// Moves as many of its pictures into the batch as there is room for.
    fn join(&mut self, batch: &mut Batch) {
        let room = TOGETHER
            .saturating_sub(batch.pieces.len())
            .min(self.left.len());
        let listener = &self.listener;
        let pieces = self
            .left
            .drain(..room)
            .enumerate()
            .map(|(place, (index, drawing))| Piece {
                index,
                drawing,
                listener: listener.clone(),
                leads: place == 0,
            });
        batch.pieces.extend(pieces);
        self.begun |= room > 0;
    }
}

/// The next batch: the first request's pictures, and those of later ones that are like them.
///
/// Requests that nobody waits for any more are left out. One with pictures beyond the batch keeps
/// its place.
pub(super) fn next(waiting: &mut VecDeque<Ticket>) -> Option<Batch> {
    waiting.retain(|ticket| !ticket.listener.is_gone());
    let first = waiting.front()?;
    let mut batch = Batch {
        model: Arc::clone(&first.model),
        shape: first.shape,
        pieces: Vec::new(),
    };
    for ticket in waiting.iter_mut() {
        if ticket.is_like(&batch) {
            ticket.join(&mut batch);
        }
    }
    waiting.retain(|ticket| !ticket.left.is_empty());
    Some(batch)
}

/// Tells each request that waits for its first picture how many are before it, `busy` with one
/// that is drawn now.
pub(super) fn tell_places(waiting: &VecDeque<Ticket>) {
    let number = |number: usize| u32::try_from(number).ok();
    for (place, ticket) in waiting.iter().enumerate() {
        if !ticket.begun {
            ticket.listener.mention(|| {
                Told::Event(Event::Queued {
                    position: number(place),
                    of: number(waiting.len()),
                    eta: None,
                })
            });
        }
    }
}
