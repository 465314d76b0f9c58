//! Writes a dataset of random captioned pictures to one packed file, using all cores.
//!
//! File format (numbers are little-endian):
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `FLUXSKT1` |
//! | 4 + 4 | width and height in pixels |
//! | 8 | number of pictures |
//! | 8 | byte offset of the labels from the start of the file |
//! | 32 | zeros |
//! | count × height × width × 3 | pictures: RGB, rows from top to bottom |
//! | remainder | labels: one line of JSON per picture |
//!
//! `numpy.memmap(file, "uint8", "r", 64, (count, height, width, 3))` maps the pictures. A label is
//! `{"seed": …, "en": "caption", "ru": "caption", "scene": {…}, "placed": [[subject, left, top, right,
//! bottom], …]}`. `placed` lists the things from back to front, each with the index of its subject and
//! its bounds in pixels, excluding accessories. Picture *i* depends only on *i*, the `--seed` and the
//! size, not on the number of threads.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use fluxhop_sketch::{
    Language, Layout, MAX_SIDE, MIN_SIDE, Placed, Rng, caption, draw, layout, random_scene,
};

const HELP: &str = "Write a dataset of random captioned pictures for training

Usage: sketch-dataset --out FILE [OPTIONS]

Options:
  --out FILE       Output file (required); an existing file is overwritten
  --count N        Number of pictures [default: 1000]
  --size N | WxH   Picture size in pixels, 64 to 2048 per side [default: 64]
  --seed N         Random seed [default: 0]
  --threads N      Number of threads, at most 1024 [default: one per core]
  -h, --help       Print help";

/// Pictures per batch, the unit of work of a thread.
const BATCH: u64 = 64;
/// Header size in bytes.
const HEADER: u64 = 64;
const OPTIONS: [&str; 5] = ["--out", "--count", "--size", "--seed", "--threads"];

struct Settings {
    out: PathBuf,
    count: u64,
    width: u32,
    height: u32,
    seed: u64,
    threads: usize,
}

fn main() -> ExitCode {
    let mut stderr = std::io::stderr();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.is_empty() || arguments.iter().any(|a| a == "--help" || a == "-h") {
        return match writeln!(std::io::stdout(), "{HELP}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    let settings = match settings(&arguments) {
        Ok(settings) => settings,
        Err(message) => {
            let _ = writeln!(
                stderr,
                "error: {message}\n\nFor more information, try '--help'."
            );
            return ExitCode::from(2);
        }
    };
    match write(&settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(
                stderr,
                "error: could not write {}: {error}",
                settings.out.display()
            );
            ExitCode::FAILURE
        }
    }
}

fn settings(arguments: &[String]) -> Result<Settings, String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut settings = Settings {
        out: PathBuf::new(),
        count: 1000,
        width: 64,
        height: 64,
        seed: 0,
        threads: cores,
    };
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        if !OPTIONS.contains(&name.as_str()) {
            return Err(format!("unexpected argument `{name}`"));
        }
        let value = rest
            .next()
            .ok_or_else(|| format!("missing value for {name}"))?;
        let number = || {
            value
                .parse::<u64>()
                .map_err(|_| format!("invalid value `{value}` for {name}: expected an integer"))
        };
        match name.as_str() {
            "--out" => settings.out = PathBuf::from(value),
            "--count" => settings.count = number()?,
            "--seed" => settings.seed = number()?,
            "--threads" => {
                settings.threads = usize::try_from(number()?.clamp(1, 1024)).unwrap_or(1);
            }
            _ => (settings.width, settings.height) = size(value)?,
        }
    }
    if settings.out.as_os_str().is_empty() {
        return Err("missing required option --out".to_owned());
    }
    Ok(settings)
}

fn size(value: &str) -> Result<(u32, u32), String> {
    let (w, h) = value.split_once('x').unwrap_or((value, value));
    let side = |s: &str| {
        s.parse::<u32>()
            .ok()
            .filter(|n| (MIN_SIDE..=MAX_SIDE).contains(n))
    };
    side(w).zip(side(h)).ok_or_else(|| {
        format!(
            "invalid value `{value}` for --size: expected N or WxH, each from {MIN_SIDE} to {MAX_SIDE}"
        )
    })
}

struct Batch {
    number: u64,
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

fn write(settings: &Settings) -> std::io::Result<()> {
    let picture = u64::from(settings.width) * u64::from(settings.height) * 3;
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&settings.out)?);
    let labels_at = HEADER + picture * settings.count;
    file.write_all(b"FLUXSKT1")?;
    for side in [settings.width, settings.height] {
        file.write_all(&side.to_le_bytes())?;
    }
    for number in [settings.count, labels_at] {
        file.write_all(&number.to_le_bytes())?;
    }
    file.write_all(&[0; 32])?;

    let batches = settings.count.div_ceil(BATCH);
    let next = AtomicU64::new(0);
    // Labels follow the last picture, so they stay in memory: about 600 bytes per picture.
    let mut labels: Vec<Vec<u8>> = vec![Vec::new(); usize::try_from(batches).unwrap_or(usize::MAX)];
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel::<Batch>(settings.threads * 2);
        for _ in 0..settings.threads {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= batches || sender.send(batch(settings, number)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for batch in receiver {
            file.seek(SeekFrom::Start(HEADER + batch.number * BATCH * picture))?;
            file.write_all(&batch.pixels)?;
            if let Some(slot) = usize::try_from(batch.number)
                .ok()
                .and_then(|i| labels.get_mut(i))
            {
                *slot = batch.labels;
            }
        }
        std::io::Result::Ok(())
    })?;
    file.seek(SeekFrom::Start(labels_at))?;
    for lines in labels {
        file.write_all(&lines)?;
    }
    file.flush()
}

fn batch(settings: &Settings, number: u64) -> Batch {
    let mut pixels = Vec::new();
    let mut labels = Vec::new();
    let first = number * BATCH;
    for i in first..(first + BATCH).min(settings.count) {
        let mut rng = Rng::new(settings.seed).fork(i);
        let seed = rng.next_u64();
        let scene = random_scene(&mut rng);
        let layout = layout(&scene, seed, settings.width, settings.height);
        let picture = draw(&layout);
        pixels.extend_from_slice(&picture.rgb);
        let label = serde_json::json!({
            "seed": seed,
            "en": caption(&scene, Language::English, &mut rng),
            "ru": caption(&scene, Language::Russian, &mut rng),
            "scene": scene,
            "placed": placed(&layout),
        });
        labels.extend_from_slice(label.to_string().as_bytes());
        labels.push(b'\n');
    }
    Batch {
        number,
        pixels,
        labels,
    }
}

/// The subject index, left, top, right and bottom of each thing, rounded to a tenth of a pixel.
fn placed(layout: &Layout) -> Vec<serde_json::Value> {
    let tenths = |pixels: f32| f64::from((pixels * 10.0).round()) / 10.0;
    let row = |thing: &Placed| {
        let bounds = thing.bounds;
        serde_json::json!([
            thing.subject,
            tenths(bounds.left),
            tenths(bounds.top),
            tenths(bounds.right),
            tenths(bounds.bottom),
        ])
    };
    layout.placed.iter().map(row).collect()
}
