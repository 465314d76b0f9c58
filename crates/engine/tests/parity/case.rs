//! A case of a set: what was drawn with which model, and what diffusers had at every stage.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor, safetensors};
use fluxhop_engine::NoiseType;
use serde::Deserialize;

use crate::measure::floats;

/// A case's `case.json`.
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

/// A case with its tensors.
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
    folder: PathBuf,
    /// Files that stand beside the folder in the set, and within it for the engine.
    files: Vec<PathBuf>,
}

/// The cases of a set.
pub(crate) fn names(root: &Path) -> Vec<String> {
    let folders = fs::read_dir(root.join("cases")).expect("the set has a folder of cases");
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
                other => panic!("a case in {other}"),
            },
            tolerances: case.tolerances,
            expected: expected.unwrap(),
            folder: root.join(case.model),
            files: case.files.values().map(|file| root.join(file)).collect(),
        }
    }

    /// The folder of the model, whole; a temporary one where files stand beside it.
    pub(crate) fn model(&self) -> (PathBuf, Option<tempfile::TempDir>) {
        if self.files.is_empty() {
            return (self.folder.clone(), None);
        }
        let whole = tempfile::tempdir().unwrap();
        let entries = fs::read_dir(&self.folder).unwrap();
        let inside = entries.map(|entry| entry.unwrap().path());
        for path in inside.chain(self.files.iter().cloned()) {
            let path = fs::canonicalize(path).unwrap();
            symlink(&path, whole.path().join(path.file_name().unwrap())).unwrap();
        }
        (whole.path().to_owned(), Some(whole))
    }

    pub(crate) fn allowed(&self, what: &str) -> f64 {
        self.tolerances[what]
    }

    pub(crate) fn tensor(&self, name: &str) -> &Tensor {
        let tensor = self.expected.get(name);
        tensor.unwrap_or_else(|| panic!("{} has no {name}", self.name))
    }

    pub(crate) fn floats(&self, name: &str) -> Vec<f32> {
        floats(self.tensor(name))
    }

    /// Rows of token ids.
    pub(crate) fn ids(&self, name: &str) -> Vec<Vec<u32>> {
        let rows: Vec<Vec<i64>> = self.tensor(name).to_vec2().unwrap();
        let id = |id: i64| u32::try_from(id).unwrap();
        rows.into_iter()
            .map(|row| row.into_iter().map(id).collect())
            .collect()
    }
}
