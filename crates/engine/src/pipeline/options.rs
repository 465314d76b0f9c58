//! Where and how a pipeline computes.

use std::fmt;
use std::str::FromStr;

use candle_core::Device;

use crate::{Error, ErrorKind, NoiseType, Result};

/// What computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceKind {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA GPU, by its number.
    Cuda(usize),
    /// An Apple GPU, by its number.
    Metal(usize),
}

impl DeviceKind {
    /// The device itself; an error where there is none, or this build does not know its kind.
    pub fn open(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda(index) => Device::new_cuda(index),
            Self::Metal(index) => Device::new_metal(index),
        }
        .map_err(|error| {
            let built = match self {
                Self::Cpu => true,
                Self::Cuda(_) => cfg!(feature = "cuda"),
                Self::Metal(_) => cfg!(feature = "metal"),
            };
            let why = if built {
                "the device cannot be opened"
            } else {
                "this build has no support for the device"
            };
            Error::new(ErrorKind::Device, why)
                .with_context("device", self.to_string())
                .with_source(error)
        })
    }
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
            Self::Metal(index) => write!(f, "metal:{index}"),
        }
    }
}

impl FromStr for DeviceKind {
    type Err = Error;

    /// `cpu`, `cuda`, `cuda:1`, `metal`, `metal:0`.
    fn from_str(text: &str) -> Result<Self> {
        let (kind, index) = match text.split_once(':') {
            Some((kind, index)) => (kind, index.parse().ok()),
            None => (text, Some(0)),
        };
        match (kind, index) {
            ("cpu", Some(0)) => Ok(Self::Cpu),
            ("cuda", Some(index)) => Ok(Self::Cuda(index)),
            ("metal", Some(index)) => Ok(Self::Metal(index)),
            _ => {
                let message = format!("`{text}` is no device; cpu, cuda, cuda:1 and metal are");
                Err(Error::invalid("device", message))
            }
        }
    }
}

/// How a [`Pipeline`](crate::Pipeline) computes; the default leaves everything to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// What computes.
    pub device: DeviceKind,
    /// As which type diffusers would draw the noise, and round the times, for the same seed. `None`:
    /// as it would if it ran the weights in their own type.
    pub noise: Option<NoiseType>,
    /// Threads; `None`: one a core.
    pub threads: Option<usize>,
    /// Bytes of memory that may be used; `None`: what the machine has free.
    pub memory: Option<u64>,
    /// Tokens that a prompt is padded and cut to; `None`: the model's own number.
    pub max_tokens: Option<usize>,
}

impl Options {
    /// Computes on `device`.
    #[must_use]
    pub fn with_device(mut self, device: DeviceKind) -> Self {
        self.device = device;
        self
    }

    /// Draws noise as diffusers running in this type.
    #[must_use]
    pub fn with_noise(mut self, noise: NoiseType) -> Self {
        self.noise = Some(noise);
        self
    }

    /// Computes with so many threads.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Uses no more memory than `bytes`.
    #[must_use]
    pub fn with_memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Pads and cuts prompts to so many tokens.
    #[must_use]
    pub fn with_max_tokens(mut self, tokens: usize) -> Self {
        self.max_tokens = Some(tokens);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_read_as_it_is_written() {
        for text in ["cpu", "cuda:0", "cuda:3", "metal:0"] {
            assert_eq!(text.parse::<DeviceKind>().unwrap().to_string(), text);
        }
        assert_eq!("cuda".parse::<DeviceKind>().unwrap(), DeviceKind::Cuda(0));
        for text in ["", "gpu", "cuda:", "cuda:x", "cpu:1", "CPU"] {
            assert!(text.parse::<DeviceKind>().is_err(), "{text}");
        }
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_device_that_this_build_does_not_know_is_an_error() {
        let error = DeviceKind::Cuda(0).open().unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Device);
        assert!(error.to_string().contains("cuda:0"), "{error}");
    }
}
