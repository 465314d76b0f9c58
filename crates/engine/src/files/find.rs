//! Finds the components of a model: in the given file, in their own folders, or among the files in
//! the model's folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::shards::{file_name, files_in, format, in_folder};
use crate::config::Fields;
use crate::weights::{FileTensors, ModelTensors, describe_foreign, model_tensors, read};
use crate::{Component, Error, Result};

/// An opened weight file and the components in it.
struct WeightFile {
    path: PathBuf,
    tensors: Result<FileTensors>,
    components: Vec<Component>,
}

impl WeightFile {
    fn open(path: PathBuf) -> Self {
        let tensors = read(&path);
        let components = tensors.as_ref().map(Component::all_in).unwrap_or_default();
        Self {
            path,
            tensors,
            components,
        }
    }

    /// The file's tensors, if it contains the component.
    fn tensors_of(&self, component: Component) -> Option<&FileTensors> {
        let tensors = self.tensors.as_ref().ok()?;
        self.components.contains(&component).then_some(tensors)
    }

    /// Describes the file for an error message.
    fn describe(&self) -> String {
        let name = file_name(&self.path);
        let content = match &self.tensors {
            Ok(tensors) if self.components.is_empty() => describe_foreign(tensors).to_owned(),
            Ok(_) => {
                let names: Vec<_> = self.components.iter().map(ToString::to_string).collect();
                names.join(", ")
            }
            Err(error) => error.message().to_owned(),
        };
        format!("`{name}` ({content})")
    }
}

/// A search for the components of a model.
pub(super) struct Search {
    /// The path given by the user.
    path: PathBuf,
    /// The model's folder.
    base: PathBuf,
    /// The file at `path`, if it is not a folder.
    given: Option<WeightFile>,
    /// The other weight files in the model's folder.
    others: Vec<WeightFile>,
}

impl Search {
    pub(super) fn new(path: &Path) -> Result<Self> {
        let error = |message: String| {
            Error::model(message).with_context("path", path.display().to_string())
        };
        if path.is_file() {
            let given = WeightFile::open(path.to_owned());
            if let Err(error) = &given.tensors {
                return Err(error.clone());
            }
            if given.components.is_empty() {
                let found = given.describe();
                return Err(error(format!("not a component of a FLUX.1 model: {found}")));
            }
            let folder = path
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            // A file in `transformer/` belongs to the model in the parent folder.
            let base = enclosing_model(folder).unwrap_or_else(|| folder.to_owned());
            let canonical = path.canonicalize().ok();
            let is_other = |other: &Path| other.canonicalize().ok() != canonical;
            let others = weight_files(&base, is_other)?;
            return Ok(Self {
                path: path.to_owned(),
                base,
                given: Some(given),
                others,
            });
        }
        if !path.is_dir() {
            return Err(error("no such file or folder".into()));
        }
        if let Some(model) = enclosing_model(path) {
            let (name, model) = (file_name(path), model.display().to_string());
            return Err(error(format!(
                "`{name}` is a component of the model in `{model}`; use that folder"
            )));
        }
        check_pipeline(path)?;
        Ok(Self {
            path: path.to_owned(),
            base: path.to_owned(),
            given: None,
            others: weight_files(path, |_| true)?,
        })
    }

    /// The model's folder, with configurations and tokenizers.
    pub(super) fn base(&self) -> &Path {
        &self.base
    }

    /// The model's name: that of its repository, folder or file.
    pub(super) fn name(&self) -> String {
        let path = self
            .path
            .canonicalize()
            .unwrap_or_else(|_| self.path.clone());
        if self.given.is_some() {
            let stem = self.path.file_stem().map(|stem| stem.to_string_lossy());
            return stem.unwrap_or_default().into_owned();
        }
        // In the hub's cache: models--OWNER--NAME/snapshots/REVISION.
        let mut parents = path.ancestors().skip(1).map(file_name);
        if parents.next().as_deref() == Some("snapshots")
            && let Some(repository) = parents.next()
            && let Some(name) = repository.strip_prefix("models--")
        {
            return name.replacen("--", "/", 1);
        }
        file_name(&path)
    }

    /// The tensors of the transformer, the autoencoder, the T5 and the CLIP encoder.
    pub(super) fn components(&self) -> Result<[Arc<ModelTensors>; 4]> {
        let [transformer, autoencoder, t5, clip] = Component::ALL;
        Ok([
            self.component(transformer)?,
            self.component(autoencoder)?,
            self.component(t5)?,
            self.component(clip)?,
        ])
    }

    fn component(&self, component: Component) -> Result<Arc<ModelTensors>> {
        let given = self.given.as_ref();
        if let Some(tensors) = given.and_then(|file| file.tensors_of(component)) {
            return model_tensors(component, tensors).map(Arc::new);
        }
        let folder = self.base.join(component.folder());
        if folder.is_dir()
            && let Some(tensors) = in_folder(&folder, component)?
        {
            let tensors = model_tensors(component, &tensors);
            let folder = folder.display().to_string();
            return tensors
                .map(Arc::new)
                .map_err(|error| error.with_context("folder", folder));
        }
        let candidates: Vec<_> = self
            .others
            .iter()
            .filter_map(|file| Some((file, file.tensors_of(component)?)))
            .collect();
        match candidates.as_slice() {
            [(_, tensors)] => model_tensors(component, tensors).map(Arc::new),
            [] => Err(self.missing(component)),
            [(first, _), (second, _), ..] => {
                let (first, second) = (file_name(&first.path), file_name(&second.path));
                let help = match component {
                    Component::Transformer => "use the path of one of them",
                    _ => "keep only one of them in the folder",
                };
                let message = format!(
                    "both `{first}` and `{second}` contain {}; {help}",
                    component.with_article()
                );
                let folder = self.base.display().to_string();
                Err(Error::model(message).with_context("folder", folder))
            }
        }
    }

    /// The error for a missing component, with a list of the files found.
    fn missing(&self, component: Component) -> Error {
        // An unreadable file may be the component.
        if let Some(Err(error)) = self.others.iter().map(|f| &f.tensors).find(|t| t.is_err()) {
            let message = format!(
                "no {component} found, and a file could not be read: {}",
                error.message()
            );
            return error
                .context()
                .iter()
                .fold(Error::model(message), |error, (name, value)| {
                    error.with_context(name, value)
                });
        }
        let files = self.given.iter().chain(&self.others);
        let found: Vec<_> = files.map(WeightFile::describe).collect();
        if found.is_empty() {
            let message = "the folder contains no weight files (.safetensors or .gguf)";
            return Error::model(message).with_context("folder", self.base.display().to_string());
        }
        let found = found.join(", ");
        let folder = component.folder();
        let example = match component {
            Component::Transformer => "flux1-schnell.safetensors or flux1-schnell-Q4_K.gguf",
            Component::Autoencoder => "ae.safetensors",
            Component::T5 => "t5xxl_fp16.safetensors or t5-v1_1-xxl-encoder-Q8_0.gguf",
            Component::Clip => "clip_l.safetensors",
        };
        let message = format!(
            "no {component} found, only {found}; expected one in `{folder}/` or in a file such as \
             {example}"
        );
        Error::model(message).with_context("folder", self.base.display().to_string())
    }
}

/// Opens the weight files in a folder that satisfy a predicate.
fn weight_files(folder: &Path, predicate: impl Fn(&Path) -> bool) -> Result<Vec<WeightFile>> {
    let files = files_in(folder)?.into_iter();
    let weights = files.filter(|path| format(path).is_some() && predicate(path));
    Ok(weights.map(WeightFile::open).collect())
}

/// The folder of the model, if `folder` is the folder of one of its components.
fn enclosing_model(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let name = file_name(&folder);
    let component = Component::ALL
        .into_iter()
        .find(|component| component.folder() == name)?;
    let base = folder.parent()?;
    let others = Component::ALL
        .into_iter()
        .filter(|other| *other != component);
    let is_model = base.join("model_index.json").is_file()
        || others
            .into_iter()
            .any(|other| base.join(other.folder()).is_dir());
    is_model.then(|| base.to_owned())
}

/// Fails if the folder contains a pipeline of diffusers other than FLUX's.
fn check_pipeline(folder: &Path) -> Result<()> {
    let path = folder.join("model_index.json");
    if !path.is_file() {
        return Ok(());
    }
    let fields = Fields::read(&path)?;
    match fields.get("_class_name").and_then(Value::as_str) {
        Some("FluxPipeline") => Ok(()),
        Some(other) => Err(fields.error(format!(
            "the folder contains a {other}; only FluxPipeline is supported"
        ))),
        None => Err(fields.error("`_class_name` is missing, expected `FluxPipeline`")),
    }
}
