//! The Space provider and the Gradio client against real servers with Gradio 4.44, 5 and 6.

mod cancel;
mod client;
mod conformance;
mod failures;
mod images;
mod proxies;
mod support;
