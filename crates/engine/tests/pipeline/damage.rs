//! Models whose files are whole and whose numbers are not.

use std::fs;
use std::path::Path;

use candle_core::{Device, safetensors};
use fluxhop_engine::{ErrorKind, Pipeline};

use super::{job, model, options};

/// A copy of the model in which one tensor of a part is NaN.
fn with_nan(part: &str, file: &str, tensor: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&model(), copy.path());
    let path = copy.path().join(part).join(file);
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
fn weights_that_are_no_numbers_are_an_error_that_names_the_part() {
    let diffusers = "diffusion_pytorch_model.safetensors";
    for (part, file, tensor, named) in [
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
        let folder = with_nan(part, file, tensor);
        let mut pipeline = Pipeline::open(folder.path(), options()).unwrap();
        let error = pipeline.draw(&job(&[("a cat", 1)]), &()).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Model, "{part}: {error}");
        assert!(error.message().contains(named), "{part}: {error}");
    }
}
