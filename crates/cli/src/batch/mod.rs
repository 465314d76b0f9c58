//! A file of prompts: what each line asks for, and what was already drawn.

mod journal;
mod lines;

pub(crate) use journal::Journal;
pub(crate) use lines::{Line, read};
