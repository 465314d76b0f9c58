//! GGUF files, versions 2 and 3: metadata, then the type, shape and offset of each tensor, then the
//! data.
//!
//! The format is specified in ggml's `docs/gguf.md`. Every length is checked against the rest of the
//! file before memory is allocated for it.

use std::sync::Arc;

use super::overlaps::check_overlaps;
use super::tensor::{FileTensors, StoredTensor, StoredType, TENSOR_LIMIT, byte_count};
use crate::{Error, Result, WeightBytes, WeightType};

/// The maximum number of dimensions of a tensor in ggml.
const DIMENSION_LIMIT: u32 = 4;

/// The maximum length of a tensor name or metadata key, in bytes; ggml's own limits are 64 and
/// 65535.
const NAME_LIMIT: u64 = 65_535;

/// The maximum nesting depth of metadata arrays; ggml does not write nested arrays.
const DEPTH_LIMIT: u32 = 4;

/// The largest alignment, greater than the page size of any machine.
const ALIGNMENT_LIMIT: u32 = 1 << 20;

/// The metadata value types that need special handling.
mod value {
    pub(super) const U32: u32 = 4;
    pub(super) const STRING: u32 = 8;
    pub(super) const ARRAY: u32 = 9;
}

/// Parses the header of a file.
pub(super) fn parse(bytes: &WeightBytes, file: &Arc<str>) -> Result<FileTensors> {
    let all = bytes.as_slice();
    let mut reader = Reader { all, at: 4 };
    let version = reader.u32()?;
    if !(2..=3).contains(&version) {
        return Err(Error::model(if (2..=3).contains(&version.swap_bytes()) {
            "big-endian GGUF files are not supported".to_owned()
        } else {
            format!("GGUF version {version} is not supported; supported are 2 and 3")
        }));
    }
    let tensors = reader.u64()?;
    let entries = reader.u64()?;
    if tensors > TENSOR_LIMIT as u64 {
        let message =
            format!("the file has {tensors} tensors, more than the limit of {TENSOR_LIMIT}");
        return Err(Error::model(message));
    }
    let mut alignment = 32;
    for _ in 0..entries {
        let key = reader.name()?;
        let kind = reader.u32()?;
        if key == "general.alignment" && kind == value::U32 {
            alignment = reader.u32()?;
        } else {
            reader.skip(kind, 0)?;
        }
    }
    if !alignment.is_power_of_two() || alignment > ALIGNMENT_LIMIT {
        let message = format!(
            "`general.alignment` is {alignment}, expected a power of two up to {ALIGNMENT_LIMIT}"
        );
        return Err(Error::model(message));
    }
    let mut infos = Vec::new();
    for _ in 0..tensors {
        infos.push(Info::read(&mut reader)?);
    }
    let start = reader.at.next_multiple_of(alignment as usize);
    // A file without tensors may end before the aligned start of the data.
    let data = bytes.slice(start.min(all.len())..all.len());
    let data = data.ok_or_else(truncated)?;
    let mut all_tensors = FileTensors::new();
    for info in infos {
        let name = info.name;
        let stored = tensor(&data, &info, alignment, file)
            .map_err(|problem| Error::model(format!("tensor `{name}` {problem}")))?;
        if all_tensors.insert(name.to_owned(), stored).is_some() {
            return Err(Error::model(format!("duplicate tensor `{name}`")));
        }
    }
    check_overlaps(&all_tensors)?;
    Ok(all_tensors)
}

fn truncated() -> Error {
    Error::model("the file ends within its header: it is truncated or corrupt")
}

/// The header's entry of a tensor.
struct Info<'a> {
    name: &'a str,
    /// The contiguous dimension first.
    dimensions: Vec<u64>,
    kind: u32,
    offset: u64,
}

impl<'a> Info<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        let name = reader.name()?;
        let count = reader.u32()?;
        if count > DIMENSION_LIMIT {
            return Err(Error::model(format!(
                "tensor `{name}` has {count} dimensions, more than the limit of {DIMENSION_LIMIT}"
            )));
        }
        Ok(Self {
            name,
            dimensions: (0..count).map(|_| reader.u64()).collect::<Result<_>>()?,
            kind: reader.u32()?,
            offset: reader.u64()?,
        })
    }
}

fn tensor(
    data: &WeightBytes,
    info: &Info<'_>,
    alignment: u32,
    file: &Arc<str>,
) -> Result<StoredTensor, String> {
    let shape: Vec<usize> = info
        .dimensions
        .iter()
        .rev()
        .map(|&dimension| usize::try_from(dimension))
        .collect::<Result<_, _>>()
        .map_err(|_| format!("has the invalid shape {:?}", info.dimensions))?;
    let kind = match weight_type(info.kind) {
        Ok(kind) => kind,
        Err(name) => {
            let kind = StoredType::Unsupported(name.into());
            return Ok(StoredTensor::new(
                kind,
                shape,
                WeightBytes::owned([]),
                file.clone(),
            ));
        }
    };
    let size = byte_count(kind, &shape).ok_or_else(|| {
        let block = kind.block_weights();
        format!(
            "has the invalid shape {shape:?}: it must not be empty, and rows of {kind:?} must be \
             multiples of {block}"
        )
    })?;
    let offset = info.offset;
    if !offset.is_multiple_of(u64::from(alignment)) {
        return Err(format!(
            "has the offset {offset}, which is not a multiple of {alignment}"
        ));
    }
    let length = data.as_slice().len();
    let bytes = usize::try_from(offset)
        .ok()
        .and_then(|from| data.slice(from..from.checked_add(size)?))
        .ok_or_else(|| {
            format!(
                "of shape {shape:?} and type {kind:?} needs {size} bytes at offset {offset}, but \
                 the file has {length} bytes of data: it is truncated or corrupt"
            )
        })?;
    Ok(StoredTensor::new(
        StoredType::Supported(kind),
        shape,
        bytes,
        file.clone(),
    ))
}

/// The weight type for a number of `enum ggml_type` in `ggml.h`, or the name of an unsupported type.
fn weight_type(number: u32) -> Result<WeightType, String> {
    let name = match number {
        0 => return Ok(WeightType::F32),
        1 => return Ok(WeightType::F16),
        2 => return Ok(WeightType::Q4_0),
        6 => return Ok(WeightType::Q5_0),
        8 => return Ok(WeightType::Q8_0),
        12 => return Ok(WeightType::Q4K),
        13 => return Ok(WeightType::Q5K),
        14 => return Ok(WeightType::Q6K),
        30 => return Ok(WeightType::Bf16),
        3 => "Q4_1",
        7 => "Q5_1",
        9 => "Q8_1",
        10 => "Q2_K",
        11 => "Q3_K",
        15 => "Q8_K",
        16 => "IQ2_XXS",
        17 => "IQ2_XS",
        18 => "IQ3_XXS",
        19 => "IQ1_S",
        20 => "IQ4_NL",
        21 => "IQ3_S",
        22 => "IQ2_S",
        23 => "IQ4_XS",
        24 => "I8",
        25 => "I16",
        26 => "I32",
        27 => "I64",
        28 => "F64",
        29 => "IQ1_M",
        34 => "TQ1_0",
        35 => "TQ2_0",
        39 => "MXFP4",
        _ => return Err(format!("ggml type {number}")),
    };
    Err(name.to_owned())
}

/// A cursor over the file.
struct Reader<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: u64) -> Result<&'a [u8]> {
        let count = usize::try_from(count).map_err(|_| truncated())?;
        let end = self.at.checked_add(count).ok_or_else(truncated)?;
        let bytes = self.all.get(self.at..end).ok_or_else(truncated)?;
        self.at = end;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N as u64)?.try_into().map_err(|_| truncated())
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn name(&mut self) -> Result<&'a str> {
        let length = self.u64()?;
        if length > NAME_LIMIT {
            let message = format!("a name has {length} bytes, more than the limit of {NAME_LIMIT}");
            return Err(Error::model(message));
        }
        let name = self.take(length)?;
        std::str::from_utf8(name).map_err(|_| Error::model("a name is not valid UTF-8"))
    }

    /// Skips a metadata value.
    fn skip(&mut self, kind: u32, depth: u32) -> Result<()> {
        match kind {
            value::STRING => {
                let length = self.u64()?;
                self.take(length)?;
            }
            value::ARRAY => {
                let inner = self.u32()?;
                let count = self.u64()?;
                if depth == DEPTH_LIMIT {
                    let message =
                        format!("metadata arrays are nested more than {DEPTH_LIMIT} deep");
                    return Err(Error::model(message));
                }
                if let Some(size) = scalar_size(inner) {
                    self.take(count.checked_mul(size).ok_or_else(truncated)?)?;
                } else {
                    // Each element takes at least 8 bytes, so a wrong count fails at the end of
                    // the file.
                    for _ in 0..count {
                        self.skip(inner, depth + 1)?;
                    }
                }
            }
            _ => {
                let size = scalar_size(kind)
                    .ok_or_else(|| Error::model(format!("unknown metadata type {kind}")))?;
                self.take(size)?;
            }
        }
        Ok(())
    }
}

/// The size of a metadata number or boolean in bytes.
fn scalar_size(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}
