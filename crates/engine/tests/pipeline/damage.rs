//! Models with intact files but NaN weights.

use std::fs;
use std::path::Path;

use candle_core::{Device, safetensors};
use fluxhop_engine::{ErrorKind, Pipeline};

use super::{job, model, options};

/// Copies the model and replaces one tensor of a component with NaN.
fn with_nan(component: &str, file: &str, tensor: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&model(), copy.path());
    let path = copy.path().join(component).join(file);
    let mut tensors = safetensors::load(&path, &Device::Cpu).unwrap();
    let damaged = tensors.get_mut(tensor).unwrap();
    *damaged = (&*damaged * f64::NAN).unwrap();
    safetensors::save(&tensors, &path).unwrap();
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn nan_weights_are_an_error_that_names_the_component() {
    let diffusers = "diffusion_pytorch_model.safetensors";
    for (component, file, tensor, name) in [
        (
            "text_encoder",
            "model.safetensors",
            "text_model.final_layer_norm.bias",
            "CLIP",
        ),
        (
            "text_encoder_2",
            "model.safetensors",
            "encoder.final_layer_norm.weight",
            "T5",
        ),
        ("transformer", diffusers, "x_embedder.weight", "transformer"),
        ("vae", diffusers, "decoder.conv_out.weight", "autoencoder"),
    ] {
        let folder = with_nan(component, file, tensor);
        let mut pipeline = Pipeline::open(folder.path(), options()).unwrap();
        let error = pipeline.draw(&job(&[("a cat", 1)]), &()).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Model, "{component}: {error}");
        assert!(error.message().contains(name), "{component}: {error}");
    }
}
