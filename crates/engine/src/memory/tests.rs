use super::*;

const GIB: u64 = 1 << 30;

fn t5() -> T5Config {
    T5Config {
        vocab_size: 32_128,
        d_model: 4096,
        d_kv: 64,
        d_ff: 10_240,
        num_layers: 24,
        num_heads: 64,
        relative_attention_num_buckets: 32,
        relative_attention_max_distance: 128,
        layer_norm_epsilon: 1e-6,
        feed_forward_proj: "gated-gelu".to_owned(),
    }
}

fn transformer() -> TransformerConfig {
    TransformerConfig {
        in_channels: 64,
        out_channels: 64,
        num_layers: 19,
        num_single_layers: 38,
        attention_head_dim: 128,
        num_attention_heads: 24,
        joint_attention_dim: 4096,
        pooled_projection_dim: 768,
        guidance_embeds: false,
        axes_dims_rope: [16, 56, 56],
    }
}

fn autoencoder() -> AutoencoderConfig {
    AutoencoderConfig {
        block_out_channels: vec![128, 256, 512, 512],
        layers_per_block: 2,
        latent_channels: 16,
        norm_num_groups: 32,
        scaling_factor: 0.3611,
        shift_factor: 0.1159,
        mid_block_add_attention: true,
        use_post_quant_conv: false,
    }
}

/// FLUX.1-schnell in `Q4_K` at `side` × `side` pixels.
fn plan(side: usize, batch: usize, free: Option<u64>) -> MemoryPlan {
    let parts = Parts {
        text: 27 * GIB / 10,
        transformer: 46 * GIB / 10,
        modulations: 17 * GIB / 10,
        decoder: GIB / 5,
    };
    let (t5, transformer, autoencoder) = (t5(), transformer(), autoencoder());
    let shapes = Shapes {
        t5: &t5,
        transformer: &transformer,
        autoencoder: &autoencoder,
        on_cpu: true,
    };
    let demand = Demand {
        width: side,
        height: side,
        batch,
        text_tokens: 256,
    };
    MemoryPlan::new(&parts, shapes, &demand, 128, free)
}

#[test]
fn the_peak_is_the_largest_phase_and_not_the_sum() {
    let plan = plan(512, 1, Some(24 * GIB));
    assert_eq!(plan.peak(), plan.denoise.total());
    assert!((5 * GIB..8 * GIB).contains(&plan.peak()), "{plan}");
    assert!(plan.keeps_all && plan.keeps_transformer);
    plan.check().unwrap();
}

#[test]
fn with_less_memory_the_transformer_is_unloaded_before_decoding() {
    let plan = plan(1024, 1, Some(7 * GIB));
    plan.check().unwrap();
    assert!(!plan.keeps_all && !plan.keeps_transformer, "{plan}");
    assert_eq!(plan.tile, 128);
}

#[test]
fn a_smaller_tile_is_used_if_the_largest_does_not_fit() {
    let plan = plan(1024, 1, Some(2 * GIB));
    assert_eq!(plan.tile, 64);
    assert!(plan.decode.total() <= 2 * GIB, "{plan}");
}

#[test]
fn the_error_states_the_memory_needed_and_a_remedy() {
    let error = plan(512, 1, Some(4 * GIB)).check().unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Memory);
    let text = error.to_string();
    assert!(
        text.contains("the transformer") && text.contains("4.00 GiB"),
        "{text}"
    );
    assert!(text.contains("fewer bits"), "{text}");

    let error = plan(2048, 8, Some(8 * GIB)).check().unwrap_err();
    assert!(error.to_string().contains("smaller image"), "{error}");
}

#[test]
fn unknown_available_memory_rejects_nothing_and_keeps_nothing() {
    let plan = plan(2048, 8, None);
    plan.check().unwrap();
    assert!(!plan.keeps_all);
}

#[test]
fn absurd_sizes_do_not_overflow() {
    let plan = plan(1 << 40, 1 << 20, Some(GIB));
    assert_eq!(*plan.check().unwrap_err().kind(), ErrorKind::Memory);
}
