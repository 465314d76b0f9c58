//! What is in memory when, known before anything is loaded.

mod allocator;
mod system;

use std::fmt;

use crate::{AutoencoderConfig, Error, ErrorKind, Result, T5Config, TransformerConfig};

pub(crate) use allocator::{give_back, keep_freed};
pub(crate) use system::{free, free_on};

/// What each phase of drawing needs, and what there is.
///
/// On a CPU weights are pages of mapped files: those of a phase that is over give way, so only one
/// phase counts at a time. The numbers of working memory are upper estimates.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MemoryPlan {
    /// Prompts become embeddings: both text encoders.
    pub encode: Phase,
    /// Noise becomes latents: the transformer without its modulations.
    pub draw: Phase,
    /// Latents become pictures: the decoder, one picture at a time.
    pub decode: Phase,
    /// What may be used; `None` where nobody says.
    pub free: Option<u64>,
    /// Whether every part, with the modulations, can stay in memory from one picture to the next.
    pub keeps_all: bool,
    /// Whether the transformer can stay while pictures are decoded.
    pub(crate) keeps_transformer: bool,
    /// The side of a decoder's tile, in pixels of the latent.
    pub(crate) tile: usize,
}

/// Bytes that are in memory at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phase {
    /// Of weights.
    pub weights: u64,
    /// Of all else.
    pub working: u64,
}

impl Phase {
    /// Both.
    pub fn total(self) -> u64 {
        self.weights.saturating_add(self.working)
    }
}

/// The bytes of each part's weights, as the device holds them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    /// Both encoders.
    pub(crate) text: u64,
    /// Without its modulations.
    pub(crate) transformer: u64,
    /// The modulations' matrices.
    pub(crate) modulations: u64,
    /// The decoder, in f32.
    pub(crate) decoder: u64,
}

/// What is to be drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) batch: usize,
    pub(crate) text_tokens: usize,
}

/// The configurations that the estimates are made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shapes<'a> {
    pub(crate) t5: &'a T5Config,
    pub(crate) transformer: &'a TransformerConfig,
    pub(crate) autoencoder: &'a AutoencoderConfig,
    /// Whether a CPU computes: it maps weights, and its attention keeps no scores.
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
        let draw = Phase {
            weights: parts.transformer,
            working: drawing(shapes, demand),
        };
        let decode = |tile| Phase {
            weights: parts.decoder,
            working: decoding(shapes, demand, tile),
        };
        // A CPU reads modulations before the first activation is, and lets them go.
        let draw = Phase {
            weights: draw.weights,
            working: if shapes.on_cpu {
                draw.working.max(parts.modulations)
            } else {
                draw.working
            },
        };
        let fits = |bytes: u64| free.is_none_or(|free| bytes <= free);
        // The largest tile that fits, and for a seam's sake none below a quarter of the largest.
        let tile = [1, 2, 4]
            .map(|part| (largest_tile / part).max(1))
            .into_iter()
            .find(|tile| fits(decode(*tile).total()))
            .unwrap_or(largest_tile);
        let decode = decode(tile);
        let all = encode.weights + draw.weights + parts.modulations + decode.weights;
        let largest = encode.working.max(draw.working).max(decode.working);
        Self {
            encode,
            draw,
            decode,
            free,
            keeps_all: free.is_some() && fits(all.saturating_add(largest)),
            keeps_transformer: fits(draw.weights.saturating_add(decode.total())),
            tile,
        }
    }

    /// The most that is in memory at one time, where parts that need not stay do not.
    pub fn peak(&self) -> u64 {
        let phases = [self.encode, self.draw, self.decode];
        phases.map(Phase::total).into_iter().fold(0, u64::max)
    }

    /// Whether it fits; the error says what is needed, what there is, and what would help.
    pub fn check(&self) -> Result<()> {
        let Some(free) = self.free.filter(|free| self.peak() > *free) else {
            return Ok(());
        };
        let phases = [
            ("the text encoders", self.encode),
            ("the transformer", self.draw),
            ("the decoder", self.decode),
        ];
        let Some((name, worst)) = phases.into_iter().max_by_key(|(_, phase)| phase.total()) else {
            return Ok(());
        };
        let help = if worst.weights > free {
            "weights of fewer bits, such as Q4_K, need less"
        } else {
            "a smaller picture, or fewer at once, needs less"
        };
        let (needed, weights, working) = (
            gibibytes(worst.total()),
            gibibytes(worst.weights),
            gibibytes(worst.working),
        );
        let free = gibibytes(free);
        let message = format!(
            "{name} would take {needed} ({weights} of weights and {working} to work in), and \
             {free} may be used; {help}"
        );
        Err(Error::new(ErrorKind::Memory, message))
    }
}

impl fmt::Display for MemoryPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phases = [
            ("encode", self.encode),
            ("draw", self.draw),
            ("decode", self.decode),
        ];
        for (name, phase) in phases {
            let (total, weights) = (gibibytes(phase.total()), gibibytes(phase.weights));
            write!(f, "{name} {total} ({weights} of it weights), ")?;
        }
        write!(f, "at most {}", gibibytes(self.peak()))?;
        match self.free {
            Some(free) => write!(f, " of {} that may be used", gibibytes(free)),
            None => Ok(()),
        }
    }
}

/// Bytes for people.
fn gibibytes(bytes: u64) -> String {
    format!("{:.2} GiB", bytes as f64 / f64::from(1 << 30))
}

/// Bytes of so many f32.
fn floats(factors: &[usize]) -> u64 {
    factors.iter().fold(4, |product: u64, factor| {
        product.saturating_mul(*factor as u64)
    })
}

/// T5 on one prompt at a time: its residual and normed state, query, key, value and what they see,
/// the gated MLP's two halves and their product; the bias of positions.
fn encoding(shapes: Shapes<'_>, demand: &Demand) -> u64 {
    let (t5, tokens) = (shapes.t5, demand.text_tokens);
    let features = 3 * t5.d_model + 4 * t5.num_heads * t5.d_kv + 3 * t5.d_ff;
    let bias = floats(&[tokens, tokens, t5.num_heads]);
    let scores = if shapes.on_cpu { 0 } else { 3 };
    floats(&[tokens, features]) + bias * (1 + scores)
}

/// A single block's largest moment: the state and its norm, what attention saw, the MLP's inner
/// state and both of these side by side; then what goes from step to step, and the conditions.
fn drawing(shapes: Shapes<'_>, demand: &Demand) -> u64 {
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
        crate::pipeline::CONDITIONED_ROWS.max(batch),
        vectors,
        hidden,
    ]);
    [block, latents, conditions, scores]
        .into_iter()
        .fold(0, u64::saturating_add)
}

/// A decoder's largest moment, at the level where it is: a residual block's input, its norm and the
/// convolution's result, or the same of an upsampling; and the whole picture.
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
    let picture = floats(&[demand.width, demand.height, 2 * 3]);
    largest.saturating_add(scores).saturating_add(picture)
}

#[cfg(test)]
mod tests;
