//! Runs a program and prints its wall time, CPU time and peak memory as JSON on stderr.
//!
//! `ru_maxrss` includes the parent's memory between `fork` and `exec`. This program is small, so
//! the figures do not include the memory of the benchmark script (tens of megabytes).

use std::{env, error::Error, process::Command, process::ExitCode, time::Instant};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut words = env::args_os().skip(1);
    let program = words.next().ok_or("usage: measure PROGRAM [ARGUMENT]…")?;
    let start = Instant::now();
    let status = Command::new(program).args(words).status()?;
    let wall = start.elapsed();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    eprintln!(
        "{{\"wall_us\": {}, \"cpu_us\": {cpu}, \"peak_kib\": {}}}",
        wall.as_micros(),
        usage.max_rss()
    );
    Ok(ExitCode::from(u8::from(!status.success())))
}
