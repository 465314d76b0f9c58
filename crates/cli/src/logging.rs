//! The log on stderr that `--verbose` turns on.

use tracing::level_filters::LevelFilter;

/// Starts the log: nothing at 0, what happens at 1, all that is known at 2 and more.
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
    // A log that is there already stays; nothing else starts one.
    let _ = tracing::subscriber::set_global_default(log);
}
