//! Safetensors files: the length of the header (8 bytes), a JSON header with the type, shape and
//! range of each tensor, and the data. Offsets are relative to the start of the data.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use super::overlaps::check_overlaps;
use super::tensor::{
    DIMENSION_LIMIT, FileTensors, StoredTensor, StoredType, TENSOR_LIMIT, byte_count,
};
use crate::{Error, Result, WeightBytes, WeightType};

/// The maximum size of a header in bytes, the same limit as in the safetensors library.
pub(super) const HEADER_LIMIT: usize = 100_000_000;

/// The header without `__metadata__`.
struct Header(BTreeMap<String, Info>);

/// The header's entry of a tensor.
#[derive(Deserialize)]
struct Info {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Tensors;
        impl<'de> Visitor<'de> for Tensors {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let mut tensors = BTreeMap::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "__metadata__" {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    let info = map.next_value().map_err(|error| {
                        A::Error::custom(format_args!("tensor `{name}`: {error}"))
                    })?;
                    if tensors.len() == TENSOR_LIMIT {
                        let message = format!("more than {TENSOR_LIMIT} tensors");
                        return Err(A::Error::custom(message));
                    }
                    if tensors.contains_key(&name) {
                        let message = format!("duplicate tensor `{name}`");
                        return Err(A::Error::custom(message));
                    }
                    tensors.insert(name, info);
                }
                Ok(Header(tensors))
            }
        }
        deserializer.deserialize_map(Tensors)
    }
}

/// Parses the header of a file.
pub(super) fn parse(bytes: &WeightBytes, file: &Arc<str>) -> Result<FileTensors> {
    let all = bytes.as_slice();
    let truncated = || Error::model("the file ends within its header: it is truncated");
    let (length, rest) = all.split_first_chunk::<8>().ok_or_else(truncated)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| truncated())?;
    if length > HEADER_LIMIT {
        let message =
            format!("the header has {length} bytes, more than the limit of {HEADER_LIMIT}");
        return Err(Error::model(message));
    }
    let header = rest.get(..length).ok_or_else(truncated)?;
    let Header(tensors) = serde_json::from_slice(header)
        .map_err(|error| Error::model(format!("cannot parse the header: {error}")))?;
    let data = bytes.slice(8 + length..all.len()).ok_or_else(truncated)?;
    let mut all_tensors = FileTensors::new();
    for (name, info) in tensors {
        let stored = tensor(&data, info, file)
            .map_err(|problem| Error::model(format!("tensor `{name}` {problem}")))?;
        all_tensors.insert(name, stored);
    }
    check_overlaps(&all_tensors)?;
    Ok(all_tensors)
}

fn tensor(data: &WeightBytes, info: Info, file: &Arc<str>) -> Result<StoredTensor, String> {
    let Info {
        dtype,
        shape,
        data_offsets: [from, to],
    } = info;
    if shape.len() > DIMENSION_LIMIT {
        let dimensions = shape.len();
        return Err(format!(
            "has {dimensions} dimensions, more than the limit of {DIMENSION_LIMIT}"
        ));
    }
    let length = data.as_slice().len();
    let bytes = data.slice(from..to).ok_or_else(|| {
        format!(
            "has the range {from}..{to}, but the file has {length} bytes of data: it is truncated or \
             corrupt"
        )
    })?;
    let kind = match dtype.as_str() {
        "F32" => WeightType::F32,
        "F16" => WeightType::F16,
        "BF16" => WeightType::Bf16,
        _ => {
            let kind = StoredType::Unsupported(dtype.into());
            return Ok(StoredTensor::new(
                kind,
                shape,
                WeightBytes::owned([]),
                file.clone(),
            ));
        }
    };
    if shape.contains(&0) && from == to {
        let kind = StoredType::Unsupported(format!("{dtype} (empty)").into());
        return Ok(StoredTensor::new(kind, shape, bytes, file.clone()));
    }
    let found = bytes.as_slice().len();
    match byte_count(kind, &shape) {
        Some(expected) if expected == found => Ok(StoredTensor::new(
            StoredType::Supported(kind),
            shape,
            bytes,
            file.clone(),
        )),
        Some(expected) => Err(format!(
            "has {found} bytes, but shape {shape:?} and type {dtype} need {expected}"
        )),
        None => Err(format!("has the invalid shape {shape:?}")),
    }
}
