//! Drawing time per picture on one core, as medians over random scenes:
//! `cargo bench -p fluxhop-sketch`.

#![expect(clippy::cast_precision_loss, reason = "counts of pictures are small")]

use std::time::Instant;

use fluxhop_sketch::{Language, Rng, Scene, caption, draw, layout, parse, random_scene};

fn scenes(count: u64) -> Vec<Scene> {
    (0..count)
        .map(|seed| random_scene(&mut Rng::new(seed)))
        .collect()
}

/// CPU seconds of this thread on Linux, else wall-clock seconds.
fn cpu() -> f64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let clock = START.get_or_init(Instant::now).elapsed().as_secs_f64();
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<f64>().ok())
        .map_or(clock, |nanoseconds| nanoseconds * 1e-9)
}

/// Median seconds per picture, measured over batches.
fn median(scenes: &[Scene], batch: usize, mut work: impl FnMut(&Scene, u64)) -> f64 {
    let mut times = Vec::new();
    for (seed, scenes) in (0u64..).zip(scenes.chunks_exact(batch)) {
        let start = cpu();
        for scene in scenes {
            work(scene, seed);
        }
        times.push((cpu() - start) / batch as f64);
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Pictures per second over all scenes.
fn rate(scenes: &[Scene], side: u32) -> f64 {
    let start = cpu();
    for (seed, scene) in (0u64..).zip(scenes) {
        std::hint::black_box(draw(&layout(scene, seed, side, side)));
    }
    scenes.len() as f64 / (cpu() - start)
}

#[expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
fn main() {
    // `cargo test --benches` runs this without `--bench`.
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    for (side, count, batch) in [
        (64, 6000, 100),
        (256, 600, 10),
        (512, 200, 4),
        (1024, 60, 2),
        (2048, 20, 1),
    ] {
        let scenes = scenes(count);
        let seconds = median(&scenes, batch, |scene, seed| {
            std::hint::black_box(draw(&layout(scene, seed, side, side)));
        });
        println!(
            "{side}²: median {:.3} ms per picture, {:.0} per second",
            seconds * 1e3,
            rate(&scenes, side)
        );
    }
    let scenes = scenes(2000);
    let texts: Vec<String> = scenes
        .iter()
        .map(|scene| caption(scene, Language::Russian, &mut Rng::new(1)))
        .collect();
    let start = cpu();
    for text in &texts {
        std::hint::black_box(parse(text).ok());
    }
    println!(
        "parse: {:.1} µs per caption",
        (cpu() - start) * 1e6 / texts.len() as f64
    );
}
