//! Safetensors files: a JSON header that says where each tensor lies, then the tensors.
//!
//! Format: 8 bytes of header length, the header, the data; offsets count from the data's start.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use super::entry::{DIMENSION_LIMIT, Kind, Listing, Stored, TENSOR_LIMIT, byte_count};
use super::overlap::refuse_overlaps;
use crate::{Error, Result, WeightBytes, WeightType};

/// The longest header, as the format's own library has it.
pub(super) const HEADER_LIMIT: usize = 100_000_000;

/// The header, but for what it says of the whole file.
struct Header(BTreeMap<String, Info>);

/// What the header says of a tensor.
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
                        A::Error::custom(format_args!("the tensor `{name}`: {error}"))
                    })?;
                    if tensors.len() == TENSOR_LIMIT {
                        let message = format!("more than {TENSOR_LIMIT} tensors");
                        return Err(A::Error::custom(message));
                    }
                    if tensors.contains_key(&name) {
                        let message = format!("the tensor `{name}` is there twice");
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

/// The tensors of a file of these bytes.
pub(super) fn parse(bytes: &WeightBytes, file: &Arc<str>) -> Result<Listing> {
    let all = bytes.as_slice();
    let short = || Error::model("the file ends within its header: it is cut short");
    let (length, rest) = all.split_first_chunk::<8>().ok_or_else(short)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| short())?;
    if length > HEADER_LIMIT {
        let message = format!("a header of {length} bytes; {HEADER_LIMIT} are the most");
        return Err(Error::model(message));
    }
    let header = rest.get(..length).ok_or_else(short)?;
    let Header(tensors) = serde_json::from_slice(header)
        .map_err(|error| Error::model(format!("the header cannot be read: {error}")))?;
    let data = bytes.slice(8 + length..all.len()).ok_or_else(short)?;
    let mut listing = Listing::new();
    for (name, info) in tensors {
        let stored = tensor(&data, info, file)
            .map_err(|what| Error::model(format!("the tensor `{name}` {what}")))?;
        listing.insert(name, stored);
    }
    refuse_overlaps(&listing)?;
    Ok(listing)
}

fn tensor(data: &WeightBytes, info: Info, file: &Arc<str>) -> Result<Stored, String> {
    let Info {
        dtype,
        shape,
        data_offsets: [from, to],
    } = info;
    if shape.len() > DIMENSION_LIMIT {
        let dimensions = shape.len();
        return Err(format!(
            "has {dimensions} dimensions; {DIMENSION_LIMIT} are the most"
        ));
    }
    let length = data.as_slice().len();
    let bytes = data.slice(from..to).ok_or_else(|| {
        format!("lies at {from} to {to} of {length} bytes of data: the file is cut short or lies")
    })?;
    let kind = match dtype.as_str() {
        "F32" => WeightType::F32,
        "F16" => WeightType::F16,
        "BF16" => WeightType::Bf16,
        _ => {
            let kind = Kind::Other(dtype.into());
            return Ok(Stored::new(
                kind,
                shape,
                WeightBytes::owned([]),
                file.clone(),
            ));
        }
    };
    if shape.contains(&0) && from == to {
        let kind = Kind::Other("an empty tensor".into());
        return Ok(Stored::new(kind, shape, bytes, file.clone()));
    }
    let found = bytes.as_slice().len();
    match byte_count(kind, &shape) {
        Some(expected) if expected == found => {
            Ok(Stored::new(Kind::Known(kind), shape, bytes, file.clone()))
        }
        Some(expected) => Err(format!(
            "has {found} bytes, not the {expected} of shape {shape:?} and type {dtype}"
        )),
        None => Err(format!("is of the impossible shape {shape:?}")),
    }
}
