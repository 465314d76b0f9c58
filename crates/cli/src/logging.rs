//! The log on stderr that `--verbose` turns on.

use tracing::level_filters::LevelFilter;

/// Starts logging: nothing at 0, debug at 1, trace from 2.
pub(crate) fn start(verbosity: u8) {
    let level = match verbosity {
        0 => return,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .without_time()
        .with_writer(std::io::stderr)
        .finish();
    // Fails only if a subscriber is already set, which no other code does.
    let _ = tracing::subscriber::set_global_default(log);
}
