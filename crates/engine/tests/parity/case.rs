//! A parity case: the parameters of a job, and the tensors of diffusers at every stage.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor, safetensors};
use fluxhop_engine::NoiseType;
use serde::Deserialize;

use crate::measure::floats;

/// The contents of a case's `case.json`.
#[derive(Deserialize)]
struct Description {
    model: String,
    files: BTreeMap<String, String>,
    dtype: String,
    prompts: Vec<String>,
    max_sequence_length: usize,
    width: usize,
    height: usize,
    steps: usize,
    seed: u64,
    guidance: Option<f32>,
    tolerances: BTreeMap<String, f64>,
}

/// A case with its expected tensors.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) prompts: Vec<String>,
    pub(crate) max_tokens: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) steps: usize,
    pub(crate) seed: u64,
    pub(crate) guidance: Option<f32>,
    pub(crate) noise: NoiseType,
    tolerances: BTreeMap<String, f64>,
    expected: HashMap<String, Tensor>,
    model: PathBuf,
    /// Files of the model that the set keeps outside the model's folder.
    files: Vec<PathBuf>,
}

/// The names of the cases in a set, sorted.
pub(crate) fn names(root: &Path) -> Vec<String> {
    let folders = fs::read_dir(root.join("cases")).expect("failed to read the `cases` folder");
    let name =
        |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = folders.map(name).collect();
    names.sort();
    names
}

impl Case {
    pub(crate) fn read(root: &Path, name: &str) -> Self {
        let folder = root.join("cases").join(name);
        let text = fs::read_to_string(folder.join("case.json")).unwrap();
        let case: Description = serde_json::from_str(&text).unwrap();
        let expected = safetensors::load(folder.join("expected.safetensors"), &Device::Cpu);
        Self {
            name: name.to_owned(),
            prompts: case.prompts,
            max_tokens: case.max_sequence_length,
            width: case.width,
            height: case.height,
            steps: case.steps,
            seed: case.seed,
            guidance: case.guidance,
            noise: match case.dtype.as_str() {
                "bf16" => NoiseType::Bf16,
                "f32" => NoiseType::F32,
                other => panic!("{name}: unknown dtype `{other}`"),
            },
            tolerances: case.tolerances,
            expected: expected.unwrap(),
            model: root.join(case.model),
            files: case.files.values().map(|file| root.join(file)).collect(),
        }
    }

    /// The folder of the complete model. If the model has files outside its folder, this is a
    /// temporary folder of links.
    pub(crate) fn model_folder(&self) -> (PathBuf, Option<tempfile::TempDir>) {
        if self.files.is_empty() {
            return (self.model.clone(), None);
        }
        let complete = tempfile::tempdir().unwrap();
        let entries = fs::read_dir(&self.model).unwrap();
        let inside = entries.map(|entry| entry.unwrap().path());
        for path in inside.chain(self.files.iter().cloned()) {
            let path = fs::canonicalize(path).unwrap();
            symlink(&path, complete.path().join(path.file_name().unwrap())).unwrap();
        }
        (complete.path().to_owned(), Some(complete))
    }

    pub(crate) fn tolerance(&self, stage: &str) -> f64 {
        self.tolerances[stage]
    }

    pub(crate) fn tensor(&self, name: &str) -> &Tensor {
        let tensor = self.expected.get(name);
        tensor.unwrap_or_else(|| panic!("{}: tensor `{name}` is missing", self.name))
    }

    pub(crate) fn floats(&self, name: &str) -> Vec<f32> {
        floats(self.tensor(name))
    }

    /// The token ids of each prompt.
    pub(crate) fn ids(&self, name: &str) -> Vec<Vec<u32>> {
        let rows: Vec<Vec<i64>> = self.tensor(name).to_vec2().unwrap();
        let id = |id: i64| u32::try_from(id).unwrap();
        rows.into_iter()
            .map(|row| row.into_iter().map(id).collect())
            .collect()
    }
}
