//! GGUF files, versions 2 and 3: metadata, then where each tensor lies, then the tensors.
//!
//! Format: ggml's `docs/gguf.md`. Every length is compared with what is left of the file before
//! anything is reserved for it.

use std::sync::Arc;

use super::entry::{Kind, Listing, Stored, TENSOR_LIMIT, byte_count};
use super::overlap::refuse_overlaps;
use crate::{Error, Result, WeightBytes, WeightType};

/// The most dimensions that ggml has.
const DIMENSION_LIMIT: u32 = 4;

/// The longest name of a tensor or of a metadata entry; ggml's own limits are 64 and 65535.
const NAME_LIMIT: u64 = 65_535;

/// Arrays within arrays are read this deep; ggml writes none.
const DEPTH_LIMIT: u32 = 4;

/// The largest alignment: more than a page of any machine.
const ALIGNMENT_LIMIT: u32 = 1 << 20;

/// The type numbers of metadata that matter here.
mod value {
    pub(super) const U32: u32 = 4;
    pub(super) const STRING: u32 = 8;
    pub(super) const ARRAY: u32 = 9;
}

/// The tensors of a file of these bytes.
pub(super) fn parse(bytes: &WeightBytes, file: &Arc<str>) -> Result<Listing> {
    let all = bytes.as_slice();
    let mut reader = Reader { all, at: 4 };
    let version = reader.u32()?;
    if !(2..=3).contains(&version) {
        return Err(Error::model(if (2..=3).contains(&version.swap_bytes()) {
            "a GGUF file of a big-endian machine; only little-endian ones are read".to_owned()
        } else {
            format!("GGUF of version {version}; 2 and 3 are read")
        }));
    }
    let tensors = reader.u64()?;
    let entries = reader.u64()?;
    if tensors > TENSOR_LIMIT as u64 {
        let message = format!("{tensors} tensors; {TENSOR_LIMIT} are the most");
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
            "`general.alignment` is {alignment}, not a power of two up to {ALIGNMENT_LIMIT}"
        );
        return Err(Error::model(message));
    }
    let mut infos = Vec::new();
    for _ in 0..tensors {
        infos.push(Info::read(&mut reader)?);
    }
    let start = reader.at.next_multiple_of(alignment as usize);
    // A file of metadata alone may end before the data would begin.
    let data = bytes.slice(start.min(all.len())..all.len());
    let data = data.ok_or_else(cut)?;
    let mut listing = Listing::new();
    for info in infos {
        let name = info.name;
        let stored = tensor(&data, &info, alignment, file)
            .map_err(|what| Error::model(format!("the tensor `{name}` {what}")))?;
        if listing.insert(name.to_owned(), stored).is_some() {
            return Err(Error::model(format!("the tensor `{name}` is there twice")));
        }
    }
    refuse_overlaps(&listing)?;
    Ok(listing)
}

fn cut() -> Error {
    Error::model("the file ends within its header: it is cut short, or its lengths lie")
}

/// What the header says of a tensor.
struct Info<'a> {
    name: &'a str,
    /// The dimension that lies together first.
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
                "the tensor `{name}` has {count} dimensions; {DIMENSION_LIMIT} are the most"
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
) -> Result<Stored, String> {
    let shape: Vec<usize> = info
        .dimensions
        .iter()
        .rev()
        .map(|&dimension| usize::try_from(dimension))
        .collect::<Result<_, _>>()
        .map_err(|_| format!("is of the impossible shape {:?}", info.dimensions))?;
    let kind = match weight_type(info.kind) {
        Ok(kind) => kind,
        Err(name) => {
            let kind = Kind::Other(name.into());
            return Ok(Stored::new(
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
            "is of the impossible shape {shape:?}: rows of {kind:?} are multiples of {block}, \
             none is empty"
        )
    })?;
    let offset = info.offset;
    if !offset.is_multiple_of(u64::from(alignment)) {
        return Err(format!("lies at {offset}, no multiple of {alignment}"));
    }
    let length = data.as_slice().len();
    let bytes = usize::try_from(offset)
        .ok()
        .and_then(|from| data.slice(from..from.checked_add(size)?))
        .ok_or_else(|| {
            format!(
                "of shape {shape:?} and type {kind:?} takes {size} bytes from {offset} on, and \
                 the file has {length} bytes of data: it is cut short or lies"
            )
        })?;
    Ok(Stored::new(Kind::Known(kind), shape, bytes, file.clone()))
}

/// The type of ggml's number, or the name of one that is not read (`enum ggml_type` in `ggml.h`).
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
        _ => return Err(format!("ggml's type {number}")),
    };
    Err(name.to_owned())
}

/// Reads a header from front to back.
struct Reader<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: u64) -> Result<&'a [u8]> {
        let count = usize::try_from(count).map_err(|_| cut())?;
        let end = self.at.checked_add(count).ok_or_else(cut)?;
        let bytes = self.all.get(self.at..end).ok_or_else(cut)?;
        self.at = end;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N as u64)?.try_into().map_err(|_| cut())
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
            let message = format!("a name of {length} bytes; {NAME_LIMIT} are the most");
            return Err(Error::model(message));
        }
        let name = self.take(length)?;
        std::str::from_utf8(name).map_err(|_| Error::model("a name that is no UTF-8"))
    }

    /// Passes over a metadata value.
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
                    let message = format!("metadata arrays more than {DEPTH_LIMIT} deep");
                    return Err(Error::model(message));
                }
                if let Some(size) = scalar_size(inner) {
                    self.take(count.checked_mul(size).ok_or_else(cut)?)?;
                } else {
                    // Each takes at least 8 bytes, so the file's end stops a count that lies.
                    for _ in 0..count {
                        self.skip(inner, depth + 1)?;
                    }
                }
            }
            _ => {
                let size = scalar_size(kind).ok_or_else(|| {
                    Error::model(format!("metadata of type {kind}, which GGUF does not have"))
                })?;
                self.take(size)?;
            }
        }
        Ok(())
    }
}

/// The bytes of a metadata number or truth value.
fn scalar_size(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}
