//! Options of a pipeline.

use std::fmt;
use std::str::FromStr;

use candle_core::Device;

use crate::{Error, ErrorKind, NoiseType, Result};

/// A device to compute on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceKind {
    /// The CPU.
    #[default]
    Cpu,
    /// An NVIDIA GPU, by index.
    Cuda(usize),
    /// An Apple GPU, by index.
    Metal(usize),
}

impl DeviceKind {
    /// Opens the device; fails if it is missing or this build does not support its kind.
    pub(crate) fn open(self) -> Result<Device> {
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
            let message = if built {
                "cannot open the device"
            } else {
                "this build does not support the device"
            };
            Error::new(ErrorKind::Device, message)
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

    /// Parses `cpu`, `cuda`, `cuda:1`, `metal` or `metal:0`.
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
                let message =
                    format!("`{text}` is not a device; expected cpu, cuda, cuda:1 or metal");
                Err(Error::invalid("device", message))
            }
        }
    }
}

/// Options of a [`Pipeline`](crate::Pipeline).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The device to compute on; the CPU by default.
    pub device: DeviceKind,
    /// The type in which diffusers would generate the noise and round the timesteps for the same
    /// seed; by default that of the weights.
    pub noise: Option<NoiseType>,
    /// The number of threads; by default one per core.
    pub threads: Option<usize>,
    /// The memory limit in bytes; by default what the machine has available.
    pub memory: Option<u64>,
    /// The number of tokens to which a prompt is padded and truncated; by default the model's own.
    pub max_tokens: Option<usize>,
}

impl Options {
    /// Sets the device.
    #[must_use]
    pub fn with_device(mut self, device: DeviceKind) -> Self {
        self.device = device;
        self
    }

    /// Sets the type of the noise.
    #[must_use]
    pub fn with_noise(mut self, noise: NoiseType) -> Self {
        self.noise = Some(noise);
        self
    }

    /// Sets the number of threads.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Sets the memory limit, in bytes.
    #[must_use]
    pub fn with_memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Sets the number of tokens per prompt.
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
    fn devices_round_trip_through_text() {
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
    fn a_device_that_this_build_does_not_support_is_an_error() {
        let error = DeviceKind::Cuda(0).open().unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Device);
        assert!(error.to_string().contains("cuda:0"), "{error}");
    }
}
