//! Estimates how much memory a job needs, before anything is loaded.

mod system;

use std::fmt;

use crate::{AutoencoderConfig, Error, ErrorKind, Result, T5Config, TransformerConfig};

pub(crate) use system::{available, available_on};

/// The memory that each phase of a job needs, and the memory available.
///
/// On a CPU, weights are pages of mapped files, and the kernel reclaims those of a completed phase;
/// therefore only one phase counts at a time. Working memory is an upper estimate.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MemoryPlan {
    /// Encoding prompts: both text encoders.
    pub encode: Phase,
    /// Denoising: the transformer without its modulations.
    pub denoise: Phase,
    /// Decoding: the decoder, one image at a time.
    pub decode: Phase,
    /// Bytes available; `None` if unknown.
    pub free: Option<u64>,
    /// Whether all models, including the modulations, can stay loaded between jobs.
    pub keeps_all: bool,
    /// Whether the transformer can stay loaded during decoding.
    pub(crate) keeps_transformer: bool,
    /// The side of a decoder tile, in latent pixels.
    pub(crate) tile: usize,
}

/// The memory of one phase, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Phase {
    /// Weights.
    pub weights: u64,
    /// Everything else.
    pub working: u64,
}

impl Phase {
    /// The sum of both.
    pub fn total(self) -> u64 {
        self.weights.saturating_add(self.working)
    }
}

/// The size of each model's weights on the device, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    /// Both text encoders.
    pub(crate) text: u64,
    /// The transformer without its modulations.
    pub(crate) transformer: u64,
    /// The matrices of the modulations.
    pub(crate) modulations: u64,
    /// The decoder, in f32.
    pub(crate) decoder: u64,
}

/// The size of a job.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) batch: usize,
    pub(crate) text_tokens: usize,
}

/// The configurations that determine the estimates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shapes<'a> {
    pub(crate) t5: &'a T5Config,
    pub(crate) transformer: &'a TransformerConfig,
    pub(crate) autoencoder: &'a AutoencoderConfig,
    /// Whether the device is a CPU, which maps weights and stores no attention scores.
    pub(crate) on_cpu: bool,
}

impl MemoryPlan {
    pub(crate) fn new(
        parts: &Parts,
        shapes: Shapes<'_>,
        demand: &Demand,
        largest_tile: usize,
        free: Option<u64>,
    ) -> Self {
        let encode = Phase {
            weights: parts.text,
            working: encoding(shapes, demand),
        };
        let denoise = Phase {
            weights: parts.transformer,
            working: denoising(shapes, demand),
        };
        let decode = |tile| Phase {
            weights: parts.decoder,
            working: decoding(shapes, demand, tile),
        };
        // A CPU reads the modulations before the first activation is allocated, and releases them.
        let denoise = Phase {
            weights: denoise.weights,
            working: if shapes.on_cpu {
                denoise.working.max(parts.modulations)
            } else {
                denoise.working
            },
        };
        let fits = |bytes: u64| free.is_none_or(|free| bytes <= free);
        // The largest tile that fits, but at least a quarter of the largest, to avoid visible seams.
        let tile = [1, 2, 4]
            .map(|part| (largest_tile / part).max(1))
            .into_iter()
            .find(|tile| fits(decode(*tile).total()))
            .unwrap_or(largest_tile);
        let decode = decode(tile);
        let all = encode.weights + denoise.weights + parts.modulations + decode.weights;
        let largest = encode.working.max(denoise.working).max(decode.working);
        Self {
            encode,
            denoise,
            decode,
            free,
            keeps_all: free.is_some() && fits(all.saturating_add(largest)),
            keeps_transformer: fits(denoise.weights.saturating_add(decode.total())),
            tile,
        }
    }

    /// The largest phase, in bytes: the memory required if nothing stays loaded between phases.
    pub fn peak(&self) -> u64 {
        let phases = [self.encode, self.denoise, self.decode];
        phases.map(Phase::total).into_iter().fold(0, u64::max)
    }

    /// Fails with [`ErrorKind::Memory`] if the largest phase exceeds the available memory.
    pub fn check(&self) -> Result<()> {
        let Some(free) = self.free.filter(|free| self.peak() > *free) else {
            return Ok(());
        };
        let phases = [
            ("the text encoders", self.encode),
            ("the transformer", self.denoise),
            ("the decoder", self.decode),
        ];
        let Some((name, worst)) = phases.into_iter().max_by_key(|(_, phase)| phase.total()) else {
            return Ok(());
        };
        let hint = if worst.weights > free {
            "use weights with fewer bits, such as Q4_K"
        } else {
            "generate a smaller image, or fewer at once"
        };
        let (needed, weights, working) = (
            gibibytes(worst.total()),
            gibibytes(worst.weights),
            gibibytes(worst.working),
        );
        let free = gibibytes(free);
        let message = format!(
            "{name} needs {needed} ({weights} of weights, {working} of working memory), but {free} \
             is available; {hint}"
        );
        Err(Error::new(ErrorKind::Memory, message))
    }
}

impl fmt::Display for MemoryPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phases = [
            ("encode", self.encode),
            ("denoise", self.denoise),
            ("decode", self.decode),
        ];
        for (name, phase) in phases {
            let (total, weights) = (gibibytes(phase.total()), gibibytes(phase.weights));
            write!(f, "{name} {total} ({weights} of weights), ")?;
        }
        write!(f, "peak {}", gibibytes(self.peak()))?;
        match self.free {
            Some(free) => write!(f, " of {} available", gibibytes(free)),
            None => Ok(()),
        }
    }
}

/// Formats bytes as GiB.
fn gibibytes(bytes: u64) -> String {
    format!("{:.2} GiB", bytes as f64 / f64::from(1 << 30))
}

/// The size in bytes of an f32 array with these dimensions.
fn floats(factors: &[usize]) -> u64 {
    factors.iter().fold(4, |product: u64, factor| {
        product.saturating_mul(*factor as u64)
    })
}

/// T5 on one prompt: residual and normalised state; query, key, value and attention output; the two
/// halves of the gated MLP and their product; the position bias.
fn encoding(shapes: Shapes<'_>, demand: &Demand) -> u64 {
    let (t5, tokens) = (shapes.t5, demand.text_tokens);
    let features = 3 * t5.d_model + 4 * t5.num_heads * t5.d_kv + 3 * t5.d_ff;
    let bias = floats(&[tokens, tokens, t5.num_heads]);
    let scores = if shapes.on_cpu { 0 } else { 3 };
    floats(&[tokens, features]) + bias * (1 + scores)
}

/// The peak of a single block: the state and its norm, the attention output, the MLP's inner state,
/// and the concatenation of the last two; plus the latents and the conditions.
fn denoising(shapes: Shapes<'_>, demand: &Demand) -> u64 {
    let config = shapes.transformer;
    let side = 2 * shapes.autoencoder.side_factor();
    let image = (demand.width / side).saturating_mul(demand.height / side);
    let tokens = image.saturating_add(demand.text_tokens);
    let (hidden, batch) = (config.hidden_size(), demand.batch);
    let scores = if shapes.on_cpu {
        0
    } else {
        floats(&[3, batch, config.num_attention_heads, tokens, tokens])
    };
    let block = floats(&[batch, tokens, 12, hidden]);
    let latents = floats(&[batch, image, 4, config.in_channels]);
    let vectors = 12 * config.num_layers + 3 * config.num_single_layers + 2;
    let conditions = floats(&[
        crate::transformer::CONDITIONED_ROWS.max(batch),
        vectors,
        hidden,
    ]);
    [block, latents, conditions, scores]
        .into_iter()
        .fold(0, u64::saturating_add)
}

/// The decoder's peak over its levels: the input of a residual block or an upsampling, its norm and
/// the convolution's result; plus the complete image.
fn decoding(shapes: Shapes<'_>, demand: &Demand, tile: usize) -> u64 {
    let config = shapes.autoencoder;
    let factor = config.side_factor();
    let latent = (demand.width / factor).saturating_mul(demand.height / factor);
    let tiled = latent.min(tile * tile);
    let levels = &config.block_out_channels;
    let level = |index: usize| {
        let own = levels[index];
        let before = levels.get(index + 1).copied().unwrap_or(own);
        let scale = factor >> index;
        floats(&[tiled, scale * scale, 2 * before + own.max(before)])
    };
    let largest = (0..levels.len()).map(level).fold(0, u64::max);
    let scores = if shapes.on_cpu || !config.mid_block_add_attention {
        0
    } else {
        floats(&[3, tiled, tiled])
    };
    let image = floats(&[demand.width, demand.height, 2 * 3]);
    largest.saturating_add(scores).saturating_add(image)
}

#[cfg(test)]
mod tests;
