//! All naming schemes map to the same names.

use std::collections::BTreeSet;

use fluxhop_engine::{Component, Result, Weights};
use tempfile::TempDir;

use crate::support::{error_text, from_bytes, golden, numbers, open, open_component, safetensors};

fn names(weights: &Weights) -> BTreeSet<String> {
    weights.names().map(str::to_owned).collect()
}

/// The transformer of a file with these tensors and those that identify a transformer.
fn transformer(tensors: &[(&str, &[usize], Vec<f32>)]) -> Result<Weights> {
    let identifying = [
        "x_embedder.weight",
        "context_embedder.weight",
        "time_text_embed.text_embedder.linear_1.weight",
        "proj_out.weight",
    ];
    let mut all: Vec<(&str, &[usize], Vec<f32>)> = Vec::new();
    all.extend(identifying.map(|name| (name, [1].as_slice(), vec![0.0])));
    all.extend_from_slice(tensors);
    from_bytes(&safetensors(&all))?.component(Component::Transformer)
}

#[test]
fn diffusers_and_original_files_have_the_same_tensors() {
    // `original` has two blocks of each kind and no guidance, `plain` one.
    let original = open_component(&golden("original.flux.safetensors"), Component::Transformer);
    let plain = golden("plain/transformer/diffusion_pytorch_model.safetensors");
    let plain = open_component(&plain, Component::Transformer);
    let second = |name: &String| !name.contains("_blocks.1.");
    assert_eq!(
        names(&plain),
        names(&original).into_iter().filter(second).collect()
    );

    let original = open_component(&golden("original.ae.safetensors"), Component::Autoencoder);
    let plain = golden("plain/vae/diffusion_pytorch_model.safetensors");
    let plain = open_component(&plain, Component::Autoencoder);
    let decoder = |weights: &Weights| names(&weights.at("decoder"));
    assert!(!decoder(&plain).is_empty());
    for name in decoder(&plain) {
        let name = format!("decoder.{name}");
        assert!(original.contains(&name), "{name}");
    }
    // Only `original` has levels of different width.
    let widening = |name: &&String| !name.contains("nin_shortcut");
    assert_eq!(
        decoder(&plain).len(),
        decoder(&original).iter().filter(widening).count()
    );
}

#[test]
fn llama_cpp_and_transformers_files_have_the_same_tensors() {
    let transformers = open_component(
        &golden("plain/text_encoder_2/model.safetensors"),
        Component::T5,
    );
    let llama = open_component(&golden("gguf-blocks.t5-encoder.gguf"), Component::T5);
    let first = |weights: &Weights| -> BTreeSet<String> {
        let all = names(weights).into_iter();
        all.filter(|name| !name.starts_with("encoder.block.") || name.contains("block.0."))
            .collect()
    };
    assert_eq!(first(&llama), first(&transformers));
    for weights in [llama, transformers] {
        assert!(weights.contains("shared.weight"));
        assert!(!weights.contains("encoder.embed_tokens.weight"));
    }
}

#[test]
fn clip_names_have_a_prefix_even_if_the_file_omits_it() {
    for model in ["plain", "original", "gguf-k", "gguf-blocks"] {
        let file = golden(model).join("text_encoder/model.safetensors");
        let weights = open_component(&file, Component::Clip);
        for name in ["embeddings.token_embedding.weight", "final_layer_norm.bias"] {
            assert!(weights.at("text_model").contains(name), "{model} {name}");
        }
    }
}

#[test]
fn queries_keys_and_values_are_stacked_in_order() {
    let field = |name: &str| format!("transformer_blocks.3.attn.{name}");
    let (q, k, v) = (
        field("to_v.weight"),
        field("to_q.weight"),
        field("to_k.weight"),
    );
    let bias = [
        field("add_v_proj.bias"),
        field("add_k_proj.bias"),
        field("add_q_proj.bias"),
    ];
    let weights = transformer(&[
        (&q, &[1, 2], vec![5.0, 6.0]),
        (&k, &[1, 2], vec![1.0, 2.0]),
        (&v, &[1, 2], vec![3.0, 4.0]),
        (&bias[0], &[2], vec![5.0, 6.0]),
        (&bias[1], &[2], vec![3.0, 4.0]),
        (&bias[2], &[2], vec![1.0, 2.0]),
    ]);
    let weights = weights.expect("failed to open the weights");
    let in_order = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let block = weights.at("double_blocks.3");
    assert_eq!(block.shape("img_attn.qkv.weight"), Some(vec![3, 2]));
    assert_eq!(numbers(&block, "img_attn.qkv.weight"), in_order);
    let matrix = block
        .matrix("img_attn.qkv.weight", 3, 2)
        .expect("invalid matrix");
    assert_eq!(matrix.to_f32(), in_order);
    assert_eq!(numbers(&block, "txt_attn.qkv.bias"), in_order);
}

#[test]
fn a_single_block_stacks_four_tensors_of_different_height() {
    let field = |name: &str| format!("single_transformer_blocks.0.{name}.weight");
    let [mlp, v, q, k] = ["proj_mlp", "attn.to_v", "attn.to_q", "attn.to_k"].map(field);
    let weights = transformer(&[
        (&mlp, &[2, 1], vec![4.0, 5.0]),
        (&v, &[1, 1], vec![3.0]),
        (&q, &[1, 1], vec![1.0]),
        (&k, &[1, 1], vec![2.0]),
    ]);
    let weights = weights.expect("failed to open the weights");
    let linear1 = numbers(&weights, "single_blocks.0.linear1.weight");
    assert_eq!(linear1, [1.0, 2.0, 3.0, 4.0, 5.0]);
}

#[test]
fn the_halves_of_the_last_modulation_are_swapped() {
    let weights = transformer(&[
        ("norm_out.linear.weight", &[2, 2], vec![1.0, 2.0, 3.0, 4.0]),
        ("norm_out.linear.bias", &[4], vec![1.0, 2.0, 3.0, 4.0]),
    ]);
    let weights = weights.expect("failed to open the weights");
    for field in ["weight", "bias"] {
        let name = format!("final_layer.adaLN_modulation.1.{field}");
        assert_eq!(numbers(&weights, &name), [3.0, 4.0, 1.0, 2.0]);
    }
    let indivisible = transformer(&[("norm_out.linear.bias", &[3], vec![0.0; 3])]);
    assert!(error_text(indivisible).contains("in half"));
}

#[test]
fn the_levels_of_the_decoder_are_numbered_from_the_finest() {
    let known: &[&str] = &[
        "decoder.conv_in.weight",
        "decoder.mid_block.resnets.0.conv1.weight",
    ];
    let level = |i: usize| format!("decoder.up_blocks.{i}.resnets.2.conv_shortcut.weight");
    let mut all: Vec<(String, f32)> = known.iter().map(|name| ((*name).to_owned(), 0.0)).collect();
    all.extend((0..3).map(|i| (level(i), i as f32)));
    let others = [
        "decoder.up_blocks.0.upsamplers.0.conv.bias",
        "decoder.mid_block.attentions.0.to_out.0.weight",
        "decoder.mid_block.attentions.0.group_norm.bias",
        "decoder.mid_block.resnets.1.norm2.weight",
        "decoder.conv_norm_out.weight",
        "encoder.down_blocks.1.downsamplers.0.conv.weight",
    ];
    all.extend(others.map(|name| (name.to_owned(), 7.0)));
    let tensors: Vec<_> = all
        .iter()
        .map(|(name, number)| (name.as_str(), [1].as_slice(), vec![*number]))
        .collect();
    let weights =
        from_bytes(&safetensors(&tensors)).and_then(|w| w.component(Component::Autoencoder));
    let weights = weights.expect("failed to open the weights");
    for i in 0..3 {
        let name = format!("decoder.up.{}.block.2.nin_shortcut.weight", 2 - i);
        assert_eq!(numbers(&weights, &name), [i as f32]);
    }
    for name in [
        "decoder.up.2.upsample.conv.bias",
        "decoder.mid.attn_1.proj_out.weight",
        "decoder.mid.attn_1.norm.bias",
        "decoder.mid.block_2.norm2.weight",
        "decoder.norm_out.weight",
        "encoder.down.1.downsample.conv.weight",
    ] {
        assert_eq!(numbers(&weights, name), [7.0], "{name}");
    }
}

#[test]
fn one_by_one_convolutions_are_linear_layers() {
    let file = safetensors(&[
        ("linear", &[2, 2], vec![1.0, 2.0, 3.0, 4.0]),
        ("convolution", &[2, 2, 1, 1], vec![1.0, 2.0, 3.0, 4.0]),
    ]);
    let weights = from_bytes(&file).expect("failed to open the weights");
    for name in ["linear", "convolution"] {
        weights.matrix(name, 2, 2).expect("invalid matrix");
        let tensor = weights
            .tensor(name, &[2, 2, 1, 1])
            .expect("failed to read the tensor");
        assert_eq!(tensor.dims(), [2, 2, 1, 1]);
        let text = error_text(weights.matrix(name, 2, 3));
        assert!(
            text.contains(name) && text.contains("expected [2, 3]"),
            "{text}"
        );
    }
}

#[test]
fn missing_duplicate_and_mismatched_parts_are_named() {
    let [q, k, v] = ["q", "k", "v"].map(|x| format!("transformer_blocks.0.attn.to_{x}.weight"));
    let missing = transformer(&[(&q, &[1, 1], vec![0.0]), (&v, &[1, 1], vec![0.0])]);
    let text = error_text(missing);
    assert!(
        text.contains("needs 3 tensors, but only") && text.contains(&v),
        "{text}"
    );

    let unequal = transformer(&[
        (&q, &[1, 1], vec![0.0]),
        (&k, &[1, 2], vec![0.0; 2]),
        (&v, &[1, 1], vec![0.0]),
    ]);
    let text = error_text(unequal);
    assert!(
        text.contains("cannot assemble") && text.contains("[1, 2]"),
        "{text}"
    );

    let fused = "double_blocks.0.img_attn.qkv.weight";
    let both = transformer(&[(&q, &[1, 1], vec![0.0]), (fused, &[3, 1], vec![0.0; 3])]);
    let text = error_text(both);
    assert!(text.contains(fused) && text.contains(&q), "{text}");

    let twice = transformer(&[("img_in.weight", &[1], vec![0.0])]);
    assert!(error_text(twice).contains("map to the same tensor"));
}

#[test]
fn the_same_tensor_in_two_files_is_rejected() {
    let folder = TempDir::new().expect("failed to create a temporary folder");
    let paths = ["a", "b"].map(|name| folder.path().join(name));
    for path in &paths {
        std::fs::write(path, safetensors(&[("x", &[1], vec![1.0])]))
            .expect("failed to write the file");
    }
    assert!(error_text(open(&paths)).contains("`x` is in two files"));
}
