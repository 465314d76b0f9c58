"""The components of a small FLUX, and the computations between them."""

import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel
from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

#: The length to which FLUX pads the CLIP prompt.
CLIP_LENGTH = 77


def autoencoder(preset):
    """Reduces each side by a factor of eight, like FLUX.1's."""
    levels = len(preset.autoencoder["block_out_channels"])
    return AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * levels,
        up_block_types=["UpDecoderBlock2D"] * levels,
        sample_size=preset.side,
        scaling_factor=1.0,
        shift_factor=0.0,
        use_quant_conv=False,
        use_post_quant_conv=False,
        **preset.autoencoder,
    )


def t5(preset):
    return T5EncoderModel(
        T5Config(
            vocab_size=preset.t5_vocabulary,
            feed_forward_proj="gated-gelu",
            dropout_rate=0.0,
            is_encoder_decoder=False,
            use_cache=False,
            tie_word_embeddings=False,
            pad_token_id=0,
            eos_token_id=1,
            **preset.t5,
        )
    )


def clip(preset):
    """The end token has the highest id, so that both rules for finding it agree."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=preset.clip_vocabulary,
            max_position_embeddings=CLIP_LENGTH,
            projection_dim=preset.clip["hidden_size"],
            bos_token_id=preset.clip_vocabulary - 2,
            eos_token_id=preset.clip_vocabulary - 1,
            pad_token_id=preset.clip_vocabulary - 1,
            **preset.clip,
        )
    )


def transformer(preset):
    """Has a guidance input, like FLUX.1-dev. Initially predicts a velocity of zero."""
    model = FluxTransformer2DModel(
        patch_size=1,
        in_channels=4 * preset.autoencoder["latent_channels"],
        joint_attention_dim=preset.t5["d_model"],
        pooled_projection_dim=preset.clip["hidden_size"],
        guidance_embeds=True,
        **preset.transformer,
    )
    modulations = [
        module
        for name, module in model.named_modules()
        if name.endswith(("norm.linear", "norm1.linear", "norm1_context.linear"))
    ]
    for linear in [*modulations, model.norm_out.linear, model.proj_out]:
        torch.nn.init.zeros_(linear.weight)
        torch.nn.init.zeros_(linear.bias)
    return model


def is_matrix(name):
    """Selects the parameters for Muon: attention and feed-forward, not modulations or embeddings."""
    hidden = ("transformer_blocks.", "encoder.block.", "text_model.encoder.layers.", "encoder.layers.")
    return (
        any(part in name for part in hidden)
        and "norm" not in name
        and "embedding" not in name
        and "relative" not in name
    )


def scheduler(preset):
    return FlowMatchEulerDiscreteScheduler(shift=preset.shift, use_dynamic_shifting=False)


def to_range(images, device):
    """Bytes [n, height, width, 3] to [n, 3, height, width] of -1 to 1."""
    return torch.as_tensor(images, device=device).permute(0, 3, 1, 2).float() / 127.5 - 1


@torch.no_grad()
def latents(model, images):
    """Packed latents [n, side²/256, 4 * channels] of mean 0 and deviation 1."""
    mean = model.encode(images).latent_dist.mode().float()
    mean = (mean - model.config.shift_factor) * model.config.scaling_factor
    return FluxPipeline._pack_latents(mean, *mean.shape)


def velocity(model, noisy, sigma, text, pooled, guidance):
    """The transformer's prediction. `sigma` and `guidance` are [n]; text is [n, length, width]."""
    side = round(noisy.size(1) ** 0.5)
    places = FluxPipeline._prepare_latent_image_ids(1, side, side, noisy.device, noisy.dtype)
    text_places = torch.zeros(text.size(1), 3, device=noisy.device, dtype=noisy.dtype)
    return model(
        hidden_states=noisy,
        timestep=sigma,
        guidance=guidance,
        pooled_projections=pooled,
        encoder_hidden_states=text,
        txt_ids=text_places,
        img_ids=places,
        return_dict=False,
    )[0].float()


def encode_text(t5_model, clip_model, tokens):
    """The two encodings of a batch of tokens, without attention masks, as in FluxPipeline."""
    text = t5_model(tokens["t5"])[0]
    pooled = clip_model(tokens["clip"]).pooler_output
    return text, pooled
