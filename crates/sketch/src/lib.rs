//! Draws a simple scene as vector art from a prompt. It is rule-based: it uses no neural network and
//! no network connection.
//!
//! ```text
//! text ──parse──► Scene ──layout──► Layout ──Painter, draw──► Picture (RGB)
//!   ▲               │ ▲
//!   └────caption────┘ └─random_scene
//! ```
//!
//! Every step is a pure function of its arguments: the same scene, seed and size give the same bytes
//! on every machine.
//!
//! ```
//! use fluxhop_sketch::{draw, layout, parse};
//!
//! let parsed = parse("чёрный кот в красной шляпе")?;
//! let picture = draw(&layout(&parsed.scene, 42, 96, 64));
//! assert_eq!(picture.rgb.len(), 96 * 64 * 3);
//! # Ok::<(), fluxhop_sketch::NothingRecognized>(())
//! ```
//!
//! To add a thing, add an entry to the matching file in `world` with its names, its drawing, where it
//! stands and what it can wear.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::many_single_char_names,
    reason = "drawing converts between counts, coordinates and pixels, and x, y, w, h and r are \
              their usual names"
)]

mod caption;
mod draw;
mod grammar;
mod layout;
mod parse;
mod random;
mod rng;
mod rules;
mod scene;
mod vector;
mod words;
mod world;

pub use caption::caption;
pub use draw::{Painter, Picture, Step, draw};
pub use layout::{Bounds, Layout, MAX_SIDE, MIN_SIDE, Placed, Support, layout};
pub use parse::{MAX_LISTED, NothingRecognized, ParsedPrompt, parse};
pub use random::random_scene;
pub use rng::Rng;
pub use scene::{
    Accessory, Backdrop, Color, Kind, MAX_COUNT, MAX_SUBJECTS, Mood, Paint, Place, Relation, Scene,
    Setting, Shade, Size, Subject, Time, Weather, Worn,
};
pub use words::{Entry, Language, Vocabulary, vocabulary};
pub use world::kinds;
