//! The weights in one part's folder: a single file, or shards with the index that lists them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::weights::{Format, HEAD, Listing, merge, read};
use crate::{Component, Error, Result};

/// The end of an index's name.
const INDEX: &str = ".safetensors.index.json";

/// The longest index that is read; that of FLUX.1's transformer has 120 KiB.
const INDEX_LIMIT: u64 = 64 << 20;

/// The files of a folder, by name; what cannot be listed is an error.
pub(super) fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(|error| {
        let error = Error::model("the folder cannot be read").with_source(error);
        error.with_context("folder", folder.display().to_string())
    })?;
    let paths = entries.into_iter().map(|entry| entry.path());
    let mut files: Vec<_> = paths.filter(|path| path.is_file()).collect();
    files.sort();
    Ok(files)
}

/// The format that a file's first bytes tell; none where it is no file of weights or unreadable.
pub(super) fn format(path: &Path) -> Option<Format> {
    let mut head = Vec::with_capacity(HEAD);
    let file = File::open(path).ok()?;
    file.take(HEAD as u64).read_to_end(&mut head).ok()?;
    Format::of(&head)
}

/// A file's name for people.
pub(super) fn file_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy());
    name.unwrap_or_default().into_owned()
}

/// The tensors in a part's folder; none where it has no weights.
pub(super) fn in_folder(folder: &Path, part: Component) -> Result<Option<Listing>> {
    let files = files_in(folder)?;
    let wrong =
        |what: String| Error::model(what).with_context("folder", folder.display().to_string());
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
    // Beside the weights that diffusers loads there may be variants of them (`model.fp16…`); a
    // GGUF file beside them is somebody's choice, and we cannot know which.
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
            Some(path) => Err(wrong(format!(
                "`{}` is a PyTorch pickle, which can hold programs; weights are read from \
                 safetensors and GGUF files",
                file_name(path)
            ))),
            None => Ok(None),
        },
        _ => {
            let names = indices.iter().chain(weights.iter().copied());
            let names: Vec<_> = names.map(|path| file_name(path)).collect();
            let names = names.join("`, `");
            Err(wrong(format!(
                "the folder has several sources of the {part}: `{names}`; keep one, or give the \
                 path of the file that is meant"
            )))
        }
    }
}

fn is_pickle(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| ["bin", "pt", "ckpt"].contains(&extension))
}

/// What an index says; of its metadata we need nothing.
#[derive(Deserialize)]
struct Index {
    /// Tensor to file, in the index's own folder.
    weight_map: BTreeMap<String, String>,
}

/// The tensors of all shards of an index.
fn shards(index: &Path) -> Result<Listing> {
    let wrong = |what: String| Error::model(what).with_context("file", index.display().to_string());
    let mut text = String::new();
    File::open(index)
        .and_then(|file| file.take(INDEX_LIMIT).read_to_string(&mut text))
        .map_err(|error| wrong("the index cannot be read".into()).with_source(error))?;
    let Index { weight_map } = serde_json::from_str(&text)
        .map_err(|error| wrong(format!("this is no index of safetensors: {error}")))?;
    let folder = index.parent().unwrap_or(Path::new("."));
    let mut whole = Listing::new();
    let mut names: Vec<_> = weight_map.values().collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        // An index must not lead out of its folder.
        if Path::new(name).file_name() != Some(name.as_ref()) {
            return Err(wrong(format!("the shard `{name}` is no plain file name")));
        }
        let path = folder.join(name);
        if !path.is_file() {
            return Err(wrong(format!("the shard `{name}` is missing")));
        }
        merge(&mut whole, read(&path)?)?;
    }
    for (tensor, shard) in &weight_map {
        if !whole.contains_key(tensor) {
            let what = format!("the tensor `{tensor}` is not in `{shard}`, where the index has it");
            return Err(wrong(what));
        }
    }
    Ok(whole)
}
