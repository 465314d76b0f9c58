//! Where each part of a model lies: in the file that was named, in a folder of its own, or among
//! the files of the model's folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::shards::{file_name, files_in, format, in_folder};
use crate::config::Fields;
use crate::weights::{Listing, Table, foreign, read, table};
use crate::{Component, Error, Result};

/// A file among others, and what it holds.
struct Loose {
    path: PathBuf,
    listing: Result<Listing>,
    parts: Vec<Component>,
}

impl Loose {
    fn open(path: PathBuf) -> Self {
        let listing = read(&path);
        let parts = listing.as_ref().map(Component::all_in).unwrap_or_default();
        Self {
            path,
            listing,
            parts,
        }
    }

    fn holds(&self, part: Component) -> Option<&Listing> {
        let listing = self.listing.as_ref().ok()?;
        self.parts.contains(&part).then_some(listing)
    }

    /// What it is, for an error.
    fn describe(&self) -> String {
        let name = file_name(&self.path);
        let what = match &self.listing {
            Ok(listing) if self.parts.is_empty() => foreign(listing).to_owned(),
            Ok(_) => {
                let parts: Vec<_> = self.parts.iter().map(ToString::to_string).collect();
                parts.join(", ")
            }
            Err(error) => error.message().to_owned(),
        };
        format!("`{name}` ({what})")
    }
}

/// A search for the parts of a model.
pub(super) struct Search {
    /// What was asked for.
    path: PathBuf,
    /// The model's folder.
    base: PathBuf,
    /// The file that was named, where one was.
    named: Option<Loose>,
    /// The other files in the model's folder that are of weights.
    loose: Vec<Loose>,
}

impl Search {
    pub(super) fn new(path: &Path) -> Result<Self> {
        let wrong =
            |what: String| Error::model(what).with_context("path", path.display().to_string());
        if path.is_file() {
            let named = Loose::open(path.to_owned());
            if let Err(error) = &named.listing {
                return Err(error.clone());
            }
            if named.parts.is_empty() {
                let what = named.describe();
                return Err(wrong(format!("this is no part of a FLUX.1 model: {what}")));
            }
            let folder = path
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            // A file in `transformer/` belongs to the model in the folder above.
            let base = whole_model(folder).unwrap_or_else(|| folder.to_owned());
            let same = path.canonicalize().ok();
            let loose = loose_in(&base, |other| other.canonicalize().ok() != same)?;
            return Ok(Self {
                path: path.to_owned(),
                base,
                named: Some(named),
                loose,
            });
        }
        if !path.is_dir() {
            return Err(wrong("there is no such file or folder".into()));
        }
        if let Some(whole) = whole_model(path) {
            let (name, whole) = (file_name(path), whole.display().to_string());
            return Err(wrong(format!(
                "`{name}` is a part of the model in `{whole}`: give that folder"
            )));
        }
        check_pipeline(path)?;
        Ok(Self {
            path: path.to_owned(),
            base: path.to_owned(),
            named: None,
            loose: loose_in(path, |_| true)?,
        })
    }

    /// The model's folder, where configurations and tokenizers are.
    pub(super) fn base(&self) -> &Path {
        &self.base
    }

    /// The model's name, by its repository, folder or file.
    pub(super) fn name(&self) -> String {
        let path = self
            .path
            .canonicalize()
            .unwrap_or_else(|_| self.path.clone());
        if self.named.is_some() {
            let stem = self.path.file_stem().map(|stem| stem.to_string_lossy());
            return stem.unwrap_or_default().into_owned();
        }
        // The hub's cache: models--OWNER--NAME/snapshots/REVISION.
        let mut above = path.ancestors().skip(1).map(file_name);
        if above.next().as_deref() == Some("snapshots")
            && let Some(repository) = above.next()
            && let Some(name) = repository.strip_prefix("models--")
        {
            return name.replacen("--", "/", 1);
        }
        file_name(&path)
    }

    /// The tensors of the transformer, the autoencoder, the T5 and the CLIP encoder.
    pub(super) fn parts(&self) -> Result<[Arc<Table>; 4]> {
        let [transformer, autoencoder, t5, clip] = Component::ALL;
        Ok([
            self.part(transformer)?,
            self.part(autoencoder)?,
            self.part(t5)?,
            self.part(clip)?,
        ])
    }

    fn part(&self, part: Component) -> Result<Arc<Table>> {
        if let Some(listing) = self.named.as_ref().and_then(|named| named.holds(part)) {
            return table(part, listing).map(Arc::new);
        }
        let folder = self.base.join(part.folder());
        if folder.is_dir()
            && let Some(listing) = in_folder(&folder, part)?
        {
            let table = table(part, &listing);
            let at = folder.display().to_string();
            return table
                .map(Arc::new)
                .map_err(|error| error.with_context("folder", at));
        }
        let holders: Vec<_> = self
            .loose
            .iter()
            .filter(|file| file.holds(part).is_some())
            .collect();
        match holders.as_slice() {
            [file] => match file.holds(part) {
                Some(listing) => table(part, listing).map(Arc::new),
                None => Err(self.missing(part)),
            },
            [] => Err(self.missing(part)),
            [first, second, ..] => {
                let (first, second) = (file_name(&first.path), file_name(&second.path));
                let help = match part {
                    Component::Transformer => "give the path of the one that is meant",
                    _ => "keep one of them in the folder",
                };
                let what = format!(
                    "both `{first}` and `{second}` hold {}: {help}",
                    part.with_article()
                );
                let at = self.base.display().to_string();
                Err(Error::model(what).with_context("folder", at))
            }
        }
    }

    /// The error that a part is not there, with what was found instead.
    fn missing(&self, part: Component) -> Error {
        // A file that cannot be read may be the part itself.
        if let Some(Err(error)) = self.loose.iter().map(|f| &f.listing).find(|l| l.is_err()) {
            let what = format!(
                "no {part} was found, and a file cannot be read: {}",
                error.message()
            );
            return error
                .context()
                .iter()
                .fold(Error::model(what), |error, (name, value)| {
                    error.with_context(name, value)
                });
        }
        let files = self.named.iter().chain(&self.loose);
        let found: Vec<_> = files.map(Loose::describe).collect();
        let found = if found.is_empty() {
            "no files of weights".to_owned()
        } else {
            found.join(", ")
        };
        let folder = part.folder();
        let example = match part {
            Component::Transformer => "flux1-schnell.safetensors or flux1-schnell-Q4_K.gguf",
            Component::Autoencoder => "ae.safetensors",
            Component::T5 => "t5xxl_fp16.safetensors or t5-v1_1-xxl-encoder-Q8_0.gguf",
            Component::Clip => "clip_l.safetensors",
        };
        let what = format!(
            "no {part} was found; there is {found}. A model's folder has one in `{folder}/`, or a \
             file such as {example}"
        );
        Error::model(what).with_context("folder", self.base.display().to_string())
    }
}

/// The files of weights in a folder that are wanted, opened.
fn loose_in(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<Loose>> {
    let files = files_in(folder)?.into_iter();
    let weights = files.filter(|path| format(path).is_some() && wanted(path));
    Ok(weights.map(Loose::open).collect())
}

/// The folder of the model of which `folder` is one part's; none where it is not.
fn whole_model(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let name = file_name(&folder);
    let part = Component::ALL
        .into_iter()
        .find(|part| part.folder() == name)?;
    let base = folder.parent()?;
    let others = Component::ALL.into_iter().filter(|other| *other != part);
    let whole = base.join("model_index.json").is_file()
        || others
            .into_iter()
            .any(|other| base.join(other.folder()).is_dir());
    whole.then(|| base.to_owned())
}

/// Refuses a folder of another pipeline of diffusers.
fn check_pipeline(folder: &Path) -> Result<()> {
    let path = folder.join("model_index.json");
    if !path.is_file() {
        return Ok(());
    }
    let fields = Fields::read(&path)?;
    match fields.get("_class_name").and_then(Value::as_str) {
        Some("FluxPipeline") => Ok(()),
        Some(other) => Err(fields.wrong(format!(
            "the folder is of diffusers' {other}; FluxPipeline is supported"
        ))),
        None => Err(fields.wrong("`_class_name` is missing; it is `FluxPipeline`")),
    }
}
