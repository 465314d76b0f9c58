//! The signals that end the program: Ctrl-C, and SIGTERM or its closest match on Windows.

use std::fmt;
use std::io;

/// A signal that ends the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// SIGINT: Ctrl-C, or Ctrl-Break on Windows.
    Interrupt,
    /// SIGTERM, or a closed console window on Windows.
    Terminate,
}

impl Signal {
    /// 128 plus the signal's number, the shell convention.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        })
    }
}

/// Receives this process's signals, which no longer end it by themselves.
#[cfg(unix)]
pub(crate) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Installs the handlers. Must be called within a runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            Some(()) = self.interrupt.recv() => Signal::Interrupt,
            Some(()) = self.terminate.recv() => Signal::Terminate,
            else => std::future::pending().await,
        }
    }
}

/// Receives this process's console events, which no longer end it by themselves.
#[cfg(windows)]
pub(crate) struct Signals {
    ctrl_c: tokio::signal::windows::CtrlC,
    ctrl_break: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
}

#[cfg(windows)]
impl Signals {
    /// Installs the handlers. Must be called within a runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::windows;
        Ok(Self {
            ctrl_c: windows::ctrl_c()?,
            ctrl_break: windows::ctrl_break()?,
            close: windows::ctrl_close()?,
        })
    }

    /// Waits for the next event.
    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            Some(()) = self.ctrl_c.recv() => Signal::Interrupt,
            Some(()) = self.ctrl_break.recv() => Signal::Interrupt,
            Some(()) = self.close.recv() => Signal::Terminate,
            else => std::future::pending().await,
        }
    }
}
