//! The four parts of a model, and which of them a file holds, told by its tensors.

use std::fmt;

use super::entry::Listing;

/// A part of a model that has weights of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Component {
    /// The FLUX transformer.
    Transformer,
    /// The autoencoder, of which the decoder is used.
    Autoencoder,
    /// The T5 text encoder.
    T5,
    /// The CLIP text encoder.
    Clip,
}

impl Component {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Transformer, Self::Autoencoder, Self::T5, Self::Clip];

    /// The folder that diffusers has for it.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Transformer => "transformer",
            Self::Autoencoder => "vae",
            Self::T5 => "text_encoder_2",
            Self::Clip => "text_encoder",
        }
    }

    /// Its name with an article.
    pub(crate) fn with_article(self) -> String {
        match self {
            Self::Autoencoder => format!("an {self}"),
            _ => format!("a {self}"),
        }
    }

    /// What stands before its names in files that hold several parts.
    fn prefixes(self) -> &'static [&'static str] {
        match self {
            Self::Transformer => &["", "model.diffusion_model.", "diffusion_model."],
            Self::Autoencoder => &["", "first_stage_model.", "vae."],
            Self::T5 => &[
                "",
                "text_encoders.t5xxl.transformer.",
                "text_encoders.t5xxl.",
            ],
            Self::Clip => &[
                "",
                "text_encoders.clip_l.transformer.",
                "text_encoders.clip_l.",
            ],
        }
    }

    /// Sets of names of which one is in every file of the part, a set for each family of files.
    fn signatures(self) -> &'static [&'static [&'static str]] {
        match self {
            // FLUX.2 and Chroma take no pooled text, ControlNets give no picture.
            Self::Transformer => &[
                &[
                    "img_in.weight",
                    "txt_in.weight",
                    "vector_in.in_layer.weight",
                    "final_layer.linear.weight",
                ],
                &[
                    "x_embedder.weight",
                    "context_embedder.weight",
                    "time_text_embed.text_embedder.linear_1.weight",
                    "proj_out.weight",
                ],
            ],
            Self::Autoencoder => &[
                &["decoder.conv_in.weight", "decoder.mid.block_1.conv1.weight"],
                &[
                    "decoder.conv_in.weight",
                    "decoder.mid_block.resnets.0.conv1.weight",
                ],
            ],
            Self::T5 => &[
                &["encoder.block.0.layer.0.SelfAttention.q.weight"],
                &["enc.blk.0.attn_q.weight"],
            ],
            Self::Clip => &[
                &["text_model.encoder.layers.0.self_attn.q_proj.weight"],
                &[
                    "embeddings.token_embedding.weight",
                    "encoder.layers.0.self_attn.q_proj.weight",
                ],
            ],
        }
    }

    /// The prefix of this part's names in a file that holds it.
    pub(crate) fn prefix_in(self, listing: &Listing) -> Option<&'static str> {
        let whole = |prefix: &&&str| {
            let has = |name: &&str| listing.contains_key(&format!("{prefix}{name}"));
            self.signatures().iter().any(|names| names.iter().all(has))
        };
        self.prefixes().iter().find(whole).copied()
    }

    /// The parts that a file holds.
    pub(crate) fn all_in(listing: &Listing) -> Vec<Self> {
        let held = |part: &Self| part.prefix_in(listing).is_some();
        Self::ALL.into_iter().filter(held).collect()
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Transformer => "FLUX transformer",
            Self::Autoencoder => "autoencoder",
            Self::T5 => "T5 encoder",
            Self::Clip => "CLIP text encoder",
        })
    }
}

/// What a file of none of these parts holds, as far as its names tell.
pub(crate) fn foreign(listing: &Listing) -> &'static str {
    let any = |words: &[&str]| {
        let names = || listing.keys();
        words
            .iter()
            .any(|word| names().any(|name| name.contains(word)))
    };
    if any(&[
        "lora_A",
        "lora_B",
        "lora_up",
        "lora_down",
        "lora.up",
        "lora.down",
        "lokr_",
        "hada_w",
    ]) {
        "a LoRA, which changes a model and is none itself"
    } else if any(&["double_stream_modulation", "single_stream_modulation"]) {
        "a FLUX.2 transformer; FLUX.1 is supported"
    } else if any(&["distilled_guidance_layer"]) {
        "a Chroma transformer; FLUX.1 is supported"
    } else if any(&["controlnet_"]) {
        "a ControlNet, which steers a model and is none itself"
    } else if any(&["joint_blocks.0.", "transformer_blocks.0.norm1_context"]) {
        "a Stable Diffusion 3 transformer; FLUX.1 is supported"
    } else if any(&[
        "input_blocks.0.",
        "down_blocks.0.attentions",
        "time_embedding.linear_1",
    ]) {
        "a Stable Diffusion UNet; FLUX.1 is supported"
    } else if any(&["cond_stage_model.", "conditioner.embedders."]) {
        "a Stable Diffusion checkpoint; FLUX.1 is supported"
    } else if any(&["vision_model."]) {
        "a vision encoder"
    } else if any(&["model.layers.0.self_attn", "blk.0.attn_q."]) {
        "a language model"
    } else if listing.is_empty() {
        "no tensors"
    } else {
        "tensors of no known model"
    }
}
