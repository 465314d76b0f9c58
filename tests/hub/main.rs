//! Model files from a hub: pulled, cut, resumed, refused, and shared with Python.

mod pulling;
mod python;
mod refusals;
mod resuming;
mod support;
