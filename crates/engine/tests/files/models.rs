//! The supported layouts of model folders and files.

use std::fs;
use std::path::Path;

use candle_core::{DType, Device};
use fluxhop_engine::{ModelFiles, TokenizerFiles, WeightType};
use tempfile::TempDir;

use crate::support::{assert_error_contains, copy, error_text, golden, numbers, open, safetensors};

/// Copies a model of the parity set, with additional files of the set.
fn model(name: &str, files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("failed to create a temporary folder");
    copy(&golden(name), folder.path());
    for (from, to) in files {
        fs::copy(golden(from), folder.path().join(to)).expect("failed to copy the file");
    }
    folder
}

fn error(path: &Path) -> fluxhop_engine::Error {
    ModelFiles::open(path).expect_err("opened an invalid model")
}

#[test]
fn a_diffusers_folder_is_a_model() {
    let folder = model("plain", &[]);
    let files = ModelFiles::open(folder.path()).expect("failed to open the model");
    assert_eq!(files.transformer_config().num_layers, 1);
    assert!(!files.transformer_config().guidance_embeds);
    assert_eq!(files.defaults().max_tokens, 256);
    assert_eq!(files.stored_type(), WeightType::F32);
    let weights = files
        .transformer(&Device::Cpu, DType::F32)
        .expect("failed to open the weights");
    assert!(weights.contains("double_blocks.0.txt_attn.qkv.bias"));
    let weights = files
        .autoencoder(&Device::Cpu, DType::F32)
        .expect("failed to open the weights");
    assert!(weights.contains("decoder.up.0.block.0.conv1.weight"));
    let weights = files
        .t5(&Device::Cpu, DType::F32)
        .expect("failed to open the weights");
    assert!(weights.contains("shared.weight"));
    let weights = files
        .clip(&Device::Cpu, DType::F32)
        .expect("failed to open the weights");
    assert!(weights.contains("text_model.final_layer_norm.weight"));
    let TokenizerFiles::SentencePiece(path) = files.t5_tokenizer() else {
        panic!("{:?}", files.t5_tokenizer());
    };
    assert!(path.ends_with("tokenizer_2/spiece.model"));
    assert!(matches!(files.clip_tokenizer(), TokenizerFiles::Json(path)
        if path.ends_with("tokenizer/tokenizer.json")));
}

#[test]
fn a_generation_config_sets_the_defaults() {
    let folder = model("guided", &[]);
    let path = folder.path().join("generation_config.json");
    let config = r#"{"num_inference_steps": 8, "guidance_scale": 2.5, "max_sequence_length": 64, "width": 64, "height": 96}"#;
    fs::write(&path, config).expect("failed to write the file");
    let files = ModelFiles::open(folder.path()).expect("failed to open the model");
    let defaults = files.defaults();
    assert_eq!((defaults.steps, defaults.max_tokens), (8, 64));
    assert_eq!(
        (defaults.guidance, defaults.size),
        (Some(2.5), Some((64, 96)))
    );
    fs::write(&path, r#"{"num_inference_steps": 0}"#).expect("failed to write the file");
    assert_error_contains(
        &error(folder.path()),
        &["num_inference_steps", "generation_config.json"],
    );
}

#[test]
fn guidance_and_shards_are_detected() {
    let folder = model("guided", &[]);
    let files = ModelFiles::open(folder.path()).expect("failed to open the model");
    assert!(files.transformer_config().guidance_embeds);
    assert_eq!(files.defaults().max_tokens, 512);
    let weights = files
        .transformer(&Device::Cpu, DType::F32)
        .expect("failed to open the weights");
    assert!(weights.contains("guidance_in.in_layer.weight"));
    assert!(weights.byte_count() > 0);
}

#[test]
fn files_next_to_the_folders_replace_missing_weights() {
    let original = [
        ("original.flux.safetensors", "flux1.sft"),
        ("original.ae.safetensors", "any name"),
    ];
    let folder = model("original", &original);
    let files = ModelFiles::open(folder.path()).expect("failed to open the model");
    let weights = files
        .transformer(&Device::Cpu, DType::F32)
        .expect("failed to open the weights");
    assert!(weights.contains("final_layer.adaLN_modulation.1.weight"));

    for (name, kind) in [
        ("gguf-k", WeightType::Q4K),
        ("gguf-blocks", WeightType::Q4_0),
    ] {
        let (flux, t5) = (
            format!("{name}.flux.gguf"),
            format!("{name}.t5-encoder.gguf"),
        );
        let outside = model(name, &[(&flux, "a.gguf"), (&t5, "b.gguf")]);
        let files = ModelFiles::open(outside.path()).expect("failed to open the model");
        let weights = files
            .t5(&Device::Cpu, DType::F32)
            .expect("failed to open the weights");
        assert!(weights.contains("encoder.block.0.layer.1.DenseReluDense.wi_1.weight"));
        assert!(files.stored_type().is_quantized(), "{kind:?}");

        // In the components' folders, instead of the original weights.
        let inside = [
            (flux.as_str(), "transformer/flux.gguf"),
            (t5.as_str(), "text_encoder_2/t5.gguf"),
        ];
        let inside = model(name, &inside);
        let again = ModelFiles::open(inside.path()).expect("failed to open the model");
        assert_eq!(again.stored_type(), files.stored_type());
        // The path of a file opens the model around it.
        let named = inside.path().join("transformer/flux.gguf");
        let named = ModelFiles::open(&named).expect("failed to open the model");
        assert_eq!(named.name(), "flux");
    }
}

#[test]
fn a_checkpoint_with_prefixes_uses_the_tokenizers_next_to_it() {
    let folder = model("original", &[]);
    let checkpoint = folder.path().join("checkpoint.safetensors");
    let sources = [
        ("original.flux.safetensors", "model.diffusion_model."),
        ("original.ae.safetensors", "first_stage_model."),
        (
            "original/text_encoder/model.safetensors",
            "text_encoders.clip_l.transformer.",
        ),
        (
            "original/text_encoder_2/model.safetensors",
            "text_encoders.t5xxl.transformer.",
        ),
    ];
    let mut tensors = Vec::new();
    for (source, prefix) in sources {
        let weights = open(&[golden(source)]).expect("failed to open the weights");
        for name in weights.names() {
            let bare = name.strip_prefix("model.diffusion_model.").unwrap_or(name);
            let shape = weights.shape(name).expect("tensor has no shape");
            tensors.push((format!("{prefix}{bare}"), shape, numbers(&weights, name)));
        }
    }
    let tensors: Vec<_> = tensors
        .iter()
        .map(|(name, shape, numbers)| (name.as_str(), shape.as_slice(), numbers.clone()))
        .collect();
    fs::write(&checkpoint, safetensors(&tensors)).expect("failed to write the file");
    for part in ["text_encoder", "text_encoder_2"] {
        fs::remove_file(folder.path().join(part).join("model.safetensors"))
            .expect("failed to remove the weights");
    }
    let files = ModelFiles::open(&checkpoint).expect("failed to open the model");
    assert_eq!(files.name(), "checkpoint");
    assert_eq!(files.transformer_config().num_layers, 2);
    ModelFiles::open(folder.path()).expect("failed to open the model");

    fs::remove_dir_all(folder.path().join("tokenizer_2")).expect("failed to remove the tokenizer");
    assert_error_contains(&error(&checkpoint), &["tokenizer", "T5", "spiece.model"]);
    fs::copy(
        golden("plain/tokenizer_2/spiece.model"),
        folder.path().join("spiece.model"),
    )
    .expect("failed to copy the file");
    ModelFiles::open(&checkpoint).expect("failed to open the model");
}

#[test]
fn a_missing_component_is_reported_with_found_and_expected_files() {
    let folder = model(
        "original",
        &[("original.flux.safetensors", "flux1.safetensors")],
    );
    let error = error(folder.path());
    assert_error_contains(
        &error,
        &[
            "no autoencoder",
            "flux1.safetensors",
            "FLUX transformer",
            "vae/",
            "ae.safetensors",
        ],
    );
    let empty = TempDir::new().expect("failed to create a temporary folder");
    assert_error_contains(
        &self::error(empty.path()),
        &["the folder contains no weight files"],
    );
    assert_error_contains(
        &self::error(&empty.path().join("nothing")),
        &["no such file or folder", "nothing"],
    );
}

#[test]
fn the_folder_of_a_component_is_rejected() {
    let folder = model("plain", &[]);
    let part = folder.path().join("transformer");
    assert_error_contains(
        &error(&part),
        &["`transformer` is a component of the model"],
    );
}

#[test]
fn another_pipeline_is_rejected_by_name() {
    let folder = model("plain", &[]);
    let index = r#"{"_class_name": "StableDiffusionXLPipeline"}"#;
    fs::write(folder.path().join("model_index.json"), index).expect("failed to write the file");
    assert_error_contains(
        &error(folder.path()),
        &["StableDiffusionXLPipeline", "FluxPipeline"],
    );
}

#[test]
fn other_models_are_identified() {
    let cases = [
        ("double_blocks.0.img_attn.qkv.lora_A.weight", "LoRA"),
        (
            "lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight",
            "LoRA",
        ),
        (
            "model.diffusion_model.input_blocks.0.0.weight",
            "Stable Diffusion UNet",
        ),
        (
            "model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight",
            "Stable Diffusion 3",
        ),
        ("double_stream_modulation_img.lin.weight", "FLUX.2"),
        (
            "distilled_guidance_layer.layers.0.in_layer.weight",
            "Chroma",
        ),
        ("model.layers.0.self_attn.q_proj.weight", "language model"),
        ("anything", "unknown model"),
    ];
    let folder = TempDir::new().expect("failed to create a temporary folder");
    let file = folder.path().join("model.safetensors");
    for (name, what) in cases {
        fs::write(&file, safetensors(&[(name, &[2], vec![1.0, 2.0])]))
            .expect("failed to write the file");
        assert_error_contains(
            &error(&file),
            &[
                "not a component of a FLUX.1 model",
                what,
                "model.safetensors",
            ],
        );
        assert_error_contains(&error(folder.path()), &["no FLUX transformer", what]);
    }
    let folder = model("plain", &[]);
    fs::copy(
        &file,
        folder
            .path()
            .join("vae/diffusion_pytorch_model.safetensors"),
    )
    .expect("failed to copy the file");
    assert_error_contains(
        &error(folder.path()),
        &["expected an autoencoder", "unknown model", "vae"],
    );
}

#[test]
fn two_sources_of_a_component_are_rejected() {
    let files = [
        ("gguf-k.flux.gguf", "a.gguf"),
        ("gguf-k.flux.gguf", "b.gguf"),
        ("gguf-k.t5-encoder.gguf", "t5.gguf"),
    ];
    let folder = model("gguf-k", &files);
    assert_error_contains(
        &error(folder.path()),
        &["`a.gguf` and `b.gguf`", "use the path"],
    );
    ModelFiles::open(&folder.path().join("b.gguf")).expect("failed to open the model");

    let folder = model("plain", &[("gguf-k.flux.gguf", "transformer/x.gguf")]);
    assert_error_contains(
        &error(folder.path()),
        &["several sources", "x.gguf", "keep one"],
    );
}

#[test]
fn an_invalid_index_is_rejected() {
    let folder = model("guided", &[]);
    let transformer = folder.path().join("transformer");
    let index = transformer.join("diffusion_pytorch_model.safetensors.index.json");
    let text = fs::read_to_string(&index).expect("failed to read the index");
    let first = "diffusion_pytorch_model-00001-of";
    let write = |text: &str| fs::write(&index, text).expect("failed to write the file");

    write(&text.replace(first, "../diffusion_pytorch_model-00001-of"));
    assert_error_contains(&error(folder.path()), &["not a plain file name"]);
    write(&text.replace(first, "another-00001-of"));
    assert_error_contains(&error(folder.path()), &["another-00001-of", "is missing"]);
    write(&text.replace("\"x_embedder.weight\"", "\"x_embedder.other\""));
    assert_error_contains(
        &error(folder.path()),
        &["`x_embedder.other` is missing from"],
    );
    write("{");
    assert_error_contains(
        &error(folder.path()),
        &["cannot parse the index", "index.json"],
    );
}

#[test]
fn a_truncated_shard_and_its_tensor_are_named() {
    let folder = model("guided", &[]);
    let transformer = folder.path().join("transformer");
    let mut shards: Vec<_> = fs::read_dir(&transformer)
        .expect("failed to read the folder")
        .map(|entry| entry.expect("failed to read a folder entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "safetensors"))
        .collect();
    shards.sort();
    let last = shards.last().expect("no shards");
    let bytes = fs::read(last).expect("failed to read the file");
    fs::write(last, &bytes[..bytes.len() - 1]).expect("failed to write the file");
    let name = last.file_name().expect("no file name").to_string_lossy();
    assert_error_contains(&error(folder.path()), &["tensor `", "truncated", &name]);
}

#[test]
fn invalid_configuration_fields_are_rejected() {
    let cases = [
        ("transformer", "num_layers", "-3", "an integer from 0"),
        ("transformer", "num_layers", "1e99", "an integer from 0"),
        (
            "transformer",
            "num_attention_heads",
            "0",
            "an integer from 1",
        ),
        ("transformer", "num_layers", "3", "3 double"),
        ("transformer", "guidance_embeds", "true", "guidance true"),
        (
            "transformer",
            "num_attention_heads",
            "\"two\"",
            "is \"two\"",
        ),
        (
            "transformer",
            "axes_dims_rope",
            "[4, 6, 8]",
            "axes_dims_rope",
        ),
        (
            "transformer",
            "axes_dims_rope",
            "[3, 6, 7]",
            "axes_dims_rope",
        ),
        ("transformer", "out_channels", "32", "Fill"),
        (
            "transformer",
            "joint_attention_dim",
            "31",
            "T5 encoder yields 32",
        ),
        (
            "transformer",
            "pooled_projection_dim",
            "15",
            "CLIP encoder yields 16",
        ),
        ("vae", "block_out_channels", "[]", "block_out_channels"),
        ("vae", "block_out_channels", "[8, 9]", "norm_num_groups"),
        ("vae", "scaling_factor", "0", "scaling_factor"),
        ("vae", "latent_channels", "4", "autoencoder yields 16"),
        ("vae", "latent_channels", "null", "latent_channels"),
        (
            "text_encoder_2",
            "feed_forward_proj",
            "\"relu\"",
            "gated-gelu",
        ),
        ("text_encoder_2", "num_heads", "0", "num_heads"),
        ("text_encoder", "hidden_act", "\"relu\"", "relu"),
        (
            "text_encoder",
            "num_attention_heads",
            "3",
            "num_attention_heads",
        ),
    ];
    for (part, field, value, expected) in cases {
        let folder = model("plain", &[]);
        let path = folder.path().join(part).join("config.json");
        let text = fs::read_to_string(&path).expect("failed to read the file");
        let mut config: serde_json::Value = serde_json::from_str(&text).expect("invalid JSON");
        config[field] = serde_json::from_str(value).expect("invalid JSON");
        fs::write(&path, config.to_string()).expect("failed to write the file");
        let text = error_text(ModelFiles::open(folder.path()));
        assert!(text.contains(expected), "{part} {field} {value}: {text}");
    }
}

#[test]
fn a_cached_model_has_the_name_of_its_repository() {
    let cache = TempDir::new().expect("failed to create a temporary folder");
    let revision = cache
        .path()
        .join("models--black-forest-labs--FLUX.1-schnell/snapshots/abc");
    copy(&golden("plain"), &revision);
    let files = ModelFiles::open(&revision).expect("failed to open the model");
    assert_eq!(files.name(), "black-forest-labs/FLUX.1-schnell");
}
