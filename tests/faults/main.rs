//! Every fault that a Space, its host, its hub or the network between was seen to have: each ends in
//! a picture or in an error that says why, in time, and with a counted number of requests.

mod answers;
mod cancelling;
mod credentials;
mod downloads;
mod hub;
mod limits;
mod results;
mod retrying;
mod shapes;
mod stream_ends;
mod stream_forms;
mod support;
mod words;
