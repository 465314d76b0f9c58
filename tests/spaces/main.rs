//! The Space provider and the Gradio client against real Gradio 4.44, 5 and 6.

mod answers;
mod cancel;
mod client;
mod conformance;
mod failures;
mod proxies;
mod support;
