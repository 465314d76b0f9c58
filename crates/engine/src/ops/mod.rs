//! The operations between the linear layers, implemented by our own kernels on a CPU and by candle's
//! on other devices.
//!
//! On a CPU all activations must be contiguous f32. Shapes are `[batch, tokens, features]` unless
//! stated otherwise.

mod feature_map;
mod text;

use std::ops::Deref;

use candle_core::{D, DType, Device, Storage, Tensor};

use crate::{Error, ErrorKind, Result, kernels};

pub use feature_map::{Convolution, FeatureMap, GroupNorm};
pub use text::{exact_gelu, gated_gelu, layer_norm, quick_gelu};

/// The borrowed numbers of a CPU tensor.
pub(crate) struct Floats<G> {
    storage: G,
    start: usize,
    length: usize,
}

impl<G: Deref<Target = Storage>> Floats<G> {
    pub(crate) fn as_slice(&self) -> &[f32] {
        match &*self.storage {
            Storage::Cpu(candle_core::CpuStorage::F32(all)) => {
                &all[self.start..self.start + self.length]
            }
            _ => &[],
        }
    }
}

/// Borrows the numbers of a contiguous f32 tensor on the CPU. Fails for other tensors.
pub(crate) fn read(tensor: &Tensor) -> Result<Floats<impl Deref<Target = Storage>>> {
    let (storage, layout) = tensor.storage_and_layout();
    let is_f32 = matches!(&*storage, Storage::Cpu(candle_core::CpuStorage::F32(_)));
    let Some((start, end)) = layout.contiguous_offsets().filter(|_| is_f32) else {
        let (dtype, shape) = (tensor.dtype(), tensor.shape());
        let message =
            format!("expected a contiguous f32 tensor on the CPU, found {dtype:?} {shape:?}");
        return Err(Error::new(ErrorKind::Device, message));
    };
    Ok(Floats {
        storage,
        start,
        length: end - start,
    })
}

fn on_cpu(x: &Tensor) -> bool {
    x.device().is_cpu()
}

/// A CPU tensor of `numbers`, with the shape of `like`.
fn cpu_tensor(numbers: Vec<f32>, like: &Tensor) -> Result<Tensor> {
    Ok(Tensor::from_vec(numbers, like.shape(), &Device::Cpu)?)
}

/// Layer normalisation without affine parameters, times `1 + scale`, plus `shift`.
///
/// `x` is `[batch, tokens, features]`, `shift` and `scale` are `[batch, features]`. The variance is
/// biased and the epsilon 1e-6, as in FLUX.
pub fn modulated_norm(x: &Tensor, shift: &Tensor, scale: &Tensor) -> Result<Tensor> {
    if on_cpu(x) {
        let (shift, scale) = (shift.contiguous()?, scale.contiguous()?);
        let (x_, shift, scale) = (read(x)?, read(&shift)?, read(&scale)?);
        let out = kernels::modulated_norm(
            x_.as_slice(),
            shift.as_slice(),
            scale.as_slice(),
            x.dims3()?,
        );
        return cpu_tensor(out, x);
    }
    let dtype = x.dtype();
    let x = x.to_dtype(DType::F32)?;
    let centred = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
    let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
    let normed = centred
        .broadcast_div(&(variance + 1e-6)?.sqrt()?)?
        .to_dtype(dtype)?;
    let scale = (scale + 1.0)?.unsqueeze(1)?;
    Ok(normed
        .broadcast_mul(&scale)?
        .broadcast_add(&shift.unsqueeze(1)?)?)
}

/// `x + gate · y`, where `gate` is `[batch, features]`.
pub fn gated_add(x: &Tensor, gate: &Tensor, y: &Tensor) -> Result<Tensor> {
    if on_cpu(x) {
        let gate = gate.contiguous()?;
        let (x_, gate, y) = (read(x)?, read(&gate)?, read(y)?);
        let out = kernels::gated_add(x_.as_slice(), gate.as_slice(), y.as_slice(), x.dims3()?);
        return cpu_tensor(out, x);
    }
    Ok((x + y.broadcast_mul(&gate.unsqueeze(1)?)?)?)
}

/// The tanh approximation of the GELU.
pub fn gelu(x: &Tensor) -> Result<Tensor> {
    if on_cpu(x) {
        let out = kernels::gelu(read(x)?.as_slice());
        return cpu_tensor(out, x);
    }
    Ok(x.gelu()?)
}

/// Concatenates `x` and the GELU of `y` along the features, in one pass. The result is the input of a
/// single block's second linear layer.
pub fn concat_gelu(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    if on_cpu(x) {
        let (batch, tokens, features) = x.dims3()?;
        let out = kernels::concat_gelu(read(x)?.as_slice(), features, read(y)?.as_slice());
        let shape = (batch, tokens, features + y.dim(D::Minus1)?);
        return Ok(Tensor::from_vec(out, shape, &Device::Cpu)?);
    }
    Ok(Tensor::cat(&[x, &y.gelu()?], D::Minus1)?)
}

/// Root-mean-square normalisation over the last dimension, times `weight`.
pub fn rms_norm(x: &Tensor, weight: &Tensor, epsilon: f64) -> Result<Tensor> {
    if on_cpu(x) {
        let out = kernels::rms_norm(
            read(x)?.as_slice(),
            read(weight)?.as_slice(),
            epsilon as f32,
        );
        return cpu_tensor(out, x);
    }
    let dtype = x.dtype();
    let x = x.to_dtype(DType::F32)?;
    let mean = x.sqr()?.mean_keepdim(D::Minus1)?;
    let normed = x.broadcast_div(&(mean + epsilon)?.sqrt()?)?;
    Ok(normed.to_dtype(dtype)?.broadcast_mul(weight)?)
}

/// One stream of tokens, an input of joint attention.
#[derive(Clone, Copy, Debug)]
pub struct Stream<'a> {
    /// `[batch, tokens, 3 · heads · d]`: the heads of the query, the key and the value.
    pub qkv: &'a Tensor,
    /// `[d]`, the weight of the RMS norm of each query head; epsilon is 1e-6.
    pub query_norm: &'a Tensor,
    /// `[d]`, the weight of the RMS norm of each key head.
    pub key_norm: &'a Tensor,
}

/// The query, key and value of all streams for [`attention`]: split into heads, normalised, rotated
/// and concatenated along the tokens, in one pass.
///
/// `cos` and `sin` are `[all tokens, d / 2]` in f32: the interleaved pair `i` of a head is rotated
/// by angle `i`. Returns query, key and value as `[batch, heads, all tokens, d]`.
pub fn split_heads(
    streams: &[Stream<'_>],
    heads: usize,
    cos: &Tensor,
    sin: &Tensor,
) -> Result<[Tensor; 3]> {
    let Some(first) = streams.first() else {
        return Err(Error::new(ErrorKind::Device, "no streams of tokens"));
    };
    if on_cpu(first.qkv) {
        return split_heads_on_cpu(streams, heads, cos, sin);
    }
    let mut parts = [const { Vec::new() }; 3];
    let mut before = 0;
    for stream in streams {
        let (batch, tokens, features) = stream.qkv.dims3()?;
        let d = features / (3 * heads);
        let qkv = stream.qkv.reshape((batch, tokens, 3, heads, d))?;
        let part = |index: usize| -> Result<Tensor> {
            let part = qkv.narrow(2, index, 1)?.squeeze(2)?;
            Ok(part.transpose(1, 2)?.contiguous()?)
        };
        let (cos, sin) = (
            cos.narrow(0, before, tokens)?,
            sin.narrow(0, before, tokens)?,
        );
        before += tokens;
        let query = rms_norm(&part(0)?, stream.query_norm, 1e-6)?;
        let key = rms_norm(&part(1)?, stream.key_norm, 1e-6)?;
        parts[0].push(rotated(&query, &cos, &sin)?);
        parts[1].push(rotated(&key, &cos, &sin)?);
        parts[2].push(part(2)?);
    }
    let [q, k, v] = parts;
    Ok([
        Tensor::cat(&q, 2)?,
        Tensor::cat(&k, 2)?,
        Tensor::cat(&v, 2)?,
    ])
}

fn split_heads_on_cpu(
    streams: &[Stream<'_>],
    heads: usize,
    cos: &Tensor,
    sin: &Tensor,
) -> Result<[Tensor; 3]> {
    let mut inputs = Vec::with_capacity(streams.len());
    let (mut batch, mut d, mut total) = (0, 0, 0);
    for stream in streams {
        let (stream_batch, tokens, features) = stream.qkv.dims3()?;
        (batch, d, total) = (stream_batch, features / (3 * heads), total + tokens);
        let (query, key) = (read(stream.query_norm)?, read(stream.key_norm)?);
        inputs.push((read(stream.qkv)?, tokens, query, key));
    }
    let borrowed: Vec<kernels::Stream<'_>> = inputs
        .iter()
        .map(|(qkv, tokens, query, key)| kernels::Stream {
            qkv: qkv.as_slice(),
            tokens: *tokens,
            query_norm: query.as_slice(),
            key_norm: key.as_slice(),
        })
        .collect();
    let (cos, sin) = (read(cos)?, read(sin)?);
    let angles = (cos.as_slice(), sin.as_slice());
    let [q, k, v] = kernels::split_heads(&borrowed, (batch, heads, d), angles);
    let tensor = |numbers| Tensor::from_vec(numbers, (batch, heads, total, d), &Device::Cpu);
    Ok([tensor(q)?, tensor(k)?, tensor(v)?])
}

/// Rotates the interleaved pairs of `x` (`[batch, heads, tokens, d]`) by their angles, in f32.
fn rotated(x: &Tensor, cos: &Tensor, sin: &Tensor) -> Result<Tensor> {
    let (batch, heads, tokens, d) = x.dims4()?;
    let dtype = x.dtype();
    let pairs = x
        .to_dtype(DType::F32)?
        .reshape((batch, heads, tokens, d / 2, 2))?;
    let (even, odd) = (pairs.narrow(4, 0, 1)?, pairs.narrow(4, 1, 1)?);
    let shape = (1, 1, tokens, d / 2, 1);
    let (cos, sin) = (cos.reshape(shape)?, sin.reshape(shape)?);
    let first = (even.broadcast_mul(&cos)? - odd.broadcast_mul(&sin)?)?;
    let second = (even.broadcast_mul(&sin)? + odd.broadcast_mul(&cos)?)?;
    let rotated = Tensor::cat(&[first, second], 4)?;
    Ok(rotated
        .reshape((batch, heads, tokens, d))?
        .to_dtype(dtype)?)
}

/// Attention: `softmax(q · kᵀ · scale + bias) · v`, where `q`, `k` and `v` are `[batch, heads, tokens,
/// d]`.
///
/// `bias` is `[heads, tokens, tokens]`. If `causal` is set, a token attends only to itself and the
/// tokens before it. Returns `[batch, tokens, heads · d]`.
pub fn attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    scale: f32,
    bias: Option<&Tensor>,
    causal: bool,
) -> Result<Tensor> {
    let (batch, heads, tokens, d) = q.dims4()?;
    if on_cpu(q) {
        let bias = bias.map(read).transpose()?;
        let out = kernels::attention(
            read(q)?.as_slice(),
            read(k)?.as_slice(),
            read(v)?.as_slice(),
            (batch, heads, tokens, k.dim(2)?, d),
            scale,
            bias.as_ref().map(Floats::as_slice),
            causal,
        );
        return Ok(Tensor::from_vec(
            out,
            (batch, tokens, heads * d),
            &Device::Cpu,
        )?);
    }
    let mut scores = (q
        .matmul(&k.transpose(2, 3)?.contiguous()?)?
        .to_dtype(DType::F32)?
        * f64::from(scale))?;
    if let Some(bias) = bias {
        scores = scores.broadcast_add(bias)?;
    }
    if causal {
        let mask: Vec<f32> = (0..tokens * tokens)
            .map(|i| {
                if i % tokens > i / tokens {
                    f32::NEG_INFINITY
                } else {
                    0.0
                }
            })
            .collect();
        scores = scores.broadcast_add(&Tensor::from_vec(mask, (tokens, tokens), q.device())?)?;
    }
    let exp = scores
        .broadcast_sub(&scores.max_keepdim(D::Minus1)?)?
        .exp()?;
    let weights = exp.broadcast_div(&exp.sum_keepdim(D::Minus1)?)?;
    let out = weights.to_dtype(v.dtype())?.matmul(v)?;
    Ok(out.transpose(1, 2)?.reshape((batch, tokens, heads * d))?)
}
