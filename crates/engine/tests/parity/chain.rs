//! Compares every stage of a case, from the prompts to the image, with diffusers.

use candle_core::{DType, Device, Tensor};
use fluxhop_engine::{
    ClipTextEncoder, Decoder, ImageRequest, Job, ModelFiles, Options, Pipeline, Rope, Schedule,
    T5Encoder, Tokenizer, Transformer, model_guidance, noise, timestep,
};

use crate::case::Case;
use crate::measure::{Table, floats, largest, relative};

const CPU: Device = Device::Cpu;
const NEVER: &dyn Fn() -> bool = &|| false;

/// Checks the individual models and the pipeline.
pub(crate) fn check(case: &Case, table: &mut Table) {
    let (folder, _guard) = case.model_folder();
    let files = ModelFiles::open(&folder).unwrap_or_else(|error| panic!("{}: {error}", case.name));
    let (text, pooled) = check_text(case, &files, table);
    let image = check_image(case, &files, &text, &pooled, table);
    check_pipeline(case, &folder, &image);
}

/// Checks the token ids and embeddings of every prompt; returns the embeddings of the first.
fn check_text(case: &Case, files: &ModelFiles, table: &mut Table) -> (Tensor, Tensor) {
    let t5_tokenizer = Tokenizer::t5(files.t5_tokenizer()).unwrap();
    let clip_tokenizer = Tokenizer::clip(files.clip_tokenizer()).unwrap();
    let positions = files.clip_config().max_position_embeddings;
    let encode = |tokenizer: &Tokenizer, length| -> Vec<Vec<u32>> {
        let ids = |prompt: &String| tokenizer.encode(prompt, length).unwrap().ids;
        case.prompts.iter().map(ids).collect()
    };
    let t5_ids = encode(&t5_tokenizer, case.max_tokens);
    let clip_ids = encode(&clip_tokenizer, positions);
    assert_eq!(t5_ids, case.ids("t5_ids"), "{}: T5 tokens", case.name);
    assert_eq!(clip_ids, case.ids("clip_ids"), "{}: CLIP tokens", case.name);

    let weights = files.t5(&CPU, DType::F32).unwrap();
    let t5 = T5Encoder::new(&weights, files.t5_config()).unwrap();
    let weights = files.clip(&CPU, DType::F32).unwrap();
    let clip = ClipTextEncoder::new(&weights, files.clip_config()).unwrap();
    let text = t5.forward(&t5_ids, NEVER).unwrap();
    let pooled = clip.pooled(&clip_ids).unwrap();
    for (stage, actual) in [("t5_embedding", &text), ("clip_pooled", &pooled)] {
        let error = relative(&floats(actual), &case.floats(stage));
        table.add(&case.name, stage, error, case.tolerance(stage));
    }
    let first = |all: &Tensor| all.narrow(0, 0, 1).unwrap().contiguous().unwrap();
    (first(&text), first(&pooled))
}

/// Checks the noise, the schedule, the velocity of the first step, the latents of every step and the
/// image; returns the image.
fn check_image(
    case: &Case,
    files: &ModelFiles,
    text: &Tensor,
    pooled: &Tensor,
    table: &mut Table,
) -> Vec<f32> {
    let config = files.transformer_config();
    let (height, width) = (case.height / 8, case.width / 8);
    let (rows, columns) = (height / 2, width / 2);
    let planes = noise(case.seed, 16 * height * width, case.noise);
    let error = largest(&planes, &case.floats("noise"));
    table.add(&case.name, "noise", error, case.tolerance("noise"));

    let scheduler = files.scheduler_config();
    let schedule = Schedule::new(scheduler, case.steps, rows * columns).unwrap();
    let error = largest(&schedule.sigmas, &case.floats("sigmas"));
    table.add(&case.name, "sigmas", error, case.tolerance("sigmas"));

    // In f32, timesteps may differ by one rounding; in bf16, where neighbours are up to 4 apart, they
    // must be equal.
    let timestep = |sigma: &f32| timestep(*sigma, scheduler.num_train_timesteps, case.noise);
    let sigmas = schedule.sigmas[..case.steps].iter();
    let timesteps: Vec<f32> = sigmas.map(timestep).collect();
    let error = largest(&timesteps, &case.floats("timesteps"));
    table.add(&case.name, "timesteps", error, 1e-4);
    let guidance = config.guidance_embeds.then(|| {
        let actual = model_guidance(case.guidance.unwrap_or(3.5), case.noise);
        assert!(
            (actual - case.floats("guidance")[0]).abs() < 1e-3,
            "{}: guidance {actual}",
            case.name
        );
        actual
    });

    let weights = files.transformer(&CPU, DType::F32).unwrap();
    let transformer = Transformer::new(&weights, config, false).unwrap();
    let conditions = transformer
        .conditions(&timesteps, pooled, guidance, NEVER)
        .unwrap();
    let rope = Rope::new(config, case.max_tokens, rows, columns, &CPU).unwrap();
    let mut latents = packed(&planes, height, width);
    let shape = (1, rows * columns, 64);
    for step in 0..case.steps {
        let x = Tensor::from_slice(&latents, shape, &CPU).unwrap();
        let velocity = transformer.forward(&x, text, &conditions, step, &rope, NEVER);
        let velocity = floats(&velocity.unwrap());
        if step == 0 {
            let error = relative(&velocity, &case.floats("velocity_0"));
            table.add(
                &case.name,
                "velocity_0",
                error,
                case.tolerance("velocity_0"),
            );
        }
        let step_size = schedule.sigmas[step + 1] - schedule.sigmas[step];
        for (x, v) in latents.iter_mut().zip(&velocity) {
            *x += step_size * v;
        }
        let stage = format!("latents_step_{step}");
        let error = relative(&latents, &case.floats(&stage));
        table.add(&case.name, &stage, error, case.tolerance("latents"));
    }

    let weights = files.autoencoder(&CPU, DType::F32).unwrap();
    let decoder = Decoder::new(&weights, files.autoencoder_config()).unwrap();
    let planes = unpacked(&latents, height, width);
    let planes = Tensor::from_vec(planes, (1, 16, height, width), &CPU).unwrap();
    let image = floats(&decoder.decode(&planes, Decoder::TILE, NEVER).unwrap());
    let error = relative(&image, &case.floats("image"));
    table.add(&case.name, "image", error, case.tolerance("image"));
    image
}

/// Checks that the pipeline produces the same pixels as the individual models.
fn check_pipeline(case: &Case, folder: &std::path::Path, image: &[f32]) {
    let options = Options::default()
        .with_noise(case.noise)
        .with_max_tokens(case.max_tokens);
    let mut pipeline = Pipeline::open(folder, options).unwrap();
    let image_request = ImageRequest::new(&case.prompts[0], case.seed);
    let mut job = Job::new(vec![image_request], case.width, case.height);
    job.steps = Some(case.steps);
    job.guidance = case.guidance;
    let images = pipeline.draw(&job, &()).unwrap();
    let [picture] = images.as_slice() else {
        panic!("{}: {} images", case.name, images.len());
    };
    let pixels = case.width * case.height;
    let bytes = picture.rgb.iter().enumerate();
    for (at, byte) in bytes {
        let value = image[at % 3 * pixels + at / 3];
        let expected = ((value * 0.5 + 0.5).clamp(0.0, 1.0) * 255.0).round_ties_even();
        assert!(
            (f32::from(*byte) - expected).abs() < 0.5,
            "{}: byte {at}",
            case.name
        );
    }
    assert_eq!(picture.rgb.len(), 3 * pixels, "{}", case.name);
}

/// Pairs the index of each value in the 16 planes with its index in the packed tokens; a token holds
/// 2 × 2 pixels of all channels.
fn packing(height: usize, width: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..16 * height * width).map(move |at| {
        let (channel, row, column) = (at / width / height, at / width % height, at % width);
        let token = row / 2 * (width / 2) + column / 2;
        (at, token * 64 + channel * 4 + row % 2 * 2 + column % 2)
    })
}

fn packed(planes: &[f32], height: usize, width: usize) -> Vec<f32> {
    let mut tokens = vec![0.0; planes.len()];
    for (from, to) in packing(height, width) {
        tokens[to] = planes[from];
    }
    tokens
}

fn unpacked(tokens: &[f32], height: usize, width: usize) -> Vec<f32> {
    let mut planes = vec![0.0; tokens.len()];
    for (to, from) in packing(height, width) {
        planes[to] = tokens[from];
    }
    planes
}
