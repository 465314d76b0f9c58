//! The weights in a component's folder: a single file, or shards and their index.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::weights::{FileTensors, Format, HEAD_BYTES, merge, read};
use crate::{Component, Error, Result};

/// The suffix of an index's name.
const INDEX: &str = ".safetensors.index.json";

/// The size limit of an index in bytes; that of FLUX.1's transformer has 120 KiB.
const INDEX_LIMIT: u64 = 64 << 20;

/// The files in a folder, sorted by name. Fails if the folder cannot be listed.
pub(super) fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(|error| {
        let error = Error::model("cannot read the folder").with_source(error);
        error.with_context("folder", folder.display().to_string())
    })?;
    let paths = entries.into_iter().map(|entry| entry.path());
    let mut files: Vec<_> = paths.filter(|path| path.is_file()).collect();
    files.sort();
    Ok(files)
}

/// The format of a weight file; `None` if it is another file or unreadable.
pub(super) fn format(path: &Path) -> Option<Format> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    let file = File::open(path).ok()?;
    file.take(HEAD_BYTES as u64).read_to_end(&mut head).ok()?;
    Format::of(&head)
}

/// The file name of a path, for messages.
pub(super) fn file_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy());
    name.unwrap_or_default().into_owned()
}

/// The tensors in a component's folder; `None` if it contains no weights.
pub(super) fn in_folder(folder: &Path, component: Component) -> Result<Option<FileTensors>> {
    let files = files_in(folder)?;
    let error = |message: String| {
        Error::model(message).with_context("folder", folder.display().to_string())
    };
    let (indices, files): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|path| file_name(path).ends_with(INDEX));
    let weights: Vec<_> = files.iter().filter(|path| format(path).is_some()).collect();
    let standard = ["diffusion_pytorch_model", "model"];
    let single = standard.map(|stem| format!("{stem}.safetensors"));
    let sharded = standard.map(|stem| format!("{stem}{INDEX}"));
    let gguf = weights
        .iter()
        .any(|path| format(path) == Some(Format::Gguf));
    // The folder may also contain variants that diffusers does not load by default
    // (`model.fp16…`). With a GGUF file it is unclear which weights to use.
    let by_name = |paths: &[PathBuf], names: &[String]| {
        let found = paths.iter().find(|path| names.contains(&file_name(path)));
        found.filter(|_| !gguf).cloned()
    };
    if let Some(path) = by_name(&files, &single) {
        return read(&path).map(Some);
    }
    if let Some(path) = by_name(&indices, &sharded) {
        return shards(&path).map(Some);
    }
    match (indices.as_slice(), weights.as_slice()) {
        ([], [path]) => read(path).map(Some),
        ([index], _) if !gguf => shards(index).map(Some),
        ([], []) => match files.iter().find(|path| is_pickle(path)) {
            Some(path) => Err(error(format!(
                "`{}` is a PyTorch pickle, which can contain code; supported are safetensors and \
                 GGUF",
                file_name(path)
            ))),
            None => Ok(None),
        },
        _ => {
            let names = indices.iter().chain(weights.iter().copied());
            let names: Vec<_> = names.map(|path| file_name(path)).collect();
            let names = names.join("`, `");
            Err(error(format!(
                "the folder contains several sources of the {component}: `{names}`; keep one, or \
                 use the path of one file"
            )))
        }
    }
}

fn is_pickle(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| ["bin", "pt", "ckpt"].contains(&extension))
}

/// An index of shards, without its metadata.
#[derive(Deserialize)]
struct Index {
    /// Tensor name to file name; the files are in the folder of the index.
    weight_map: BTreeMap<String, String>,
}

/// The tensors of all shards of an index.
fn shards(index: &Path) -> Result<FileTensors> {
    let error =
        |message: String| Error::model(message).with_context("file", index.display().to_string());
    let mut text = String::new();
    File::open(index)
        .and_then(|file| file.take(INDEX_LIMIT).read_to_string(&mut text))
        .map_err(|source| error("cannot read the index".into()).with_source(source))?;
    let Index { weight_map } = serde_json::from_str(&text)
        .map_err(|source| error(format!("cannot parse the index: {source}")))?;
    let folder = index.parent().unwrap_or(Path::new("."));
    let mut tensors = FileTensors::new();
    let mut names: Vec<_> = weight_map.values().collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        // Shards must not be outside the folder.
        if Path::new(name).file_name() != Some(name.as_ref()) {
            return Err(error(format!("shard `{name}` is not a plain file name")));
        }
        let path = folder.join(name);
        if !path.is_file() {
            return Err(error(format!("shard `{name}` is missing")));
        }
        merge(&mut tensors, read(&path)?)?;
    }
    for (tensor, shard) in &weight_map {
        if !tensors.contains_key(tensor) {
            return Err(error(format!(
                "tensor `{tensor}` is missing from shard `{shard}`"
            )));
        }
    }
    Ok(tensors)
}
