//! The components of a model, detected in a file by the names of its tensors.

use std::fmt;

use super::tensor::FileTensors;

/// A component of a model with its own weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Component {
    /// The FLUX transformer.
    Transformer,
    /// The autoencoder. Only its decoder is used.
    Autoencoder,
    /// The T5 text encoder.
    T5,
    /// The CLIP text encoder.
    Clip,
}

impl Component {
    /// All components.
    pub const ALL: [Self; 4] = [Self::Transformer, Self::Autoencoder, Self::T5, Self::Clip];

    /// Its folder in the layout of diffusers.
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

    /// Prefixes of its tensor names, used in files that contain several components.
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

    /// Names that identify the component, a set for each naming scheme. A file contains the
    /// component if it contains all names of a set.
    fn signatures(self) -> &'static [&'static [&'static str]] {
        match self {
            // FLUX.2 and Chroma have no pooled text input, ControlNets have no output layer.
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

    /// The prefix of the component's tensor names in a file; `None` if the file does not contain it.
    pub(crate) fn prefix_in(self, tensors: &FileTensors) -> Option<&'static str> {
        let is_complete = |prefix: &&&str| {
            let has = |name: &&str| tensors.contains_key(&format!("{prefix}{name}"));
            self.signatures().iter().any(|names| names.iter().all(has))
        };
        self.prefixes().iter().find(is_complete).copied()
    }

    /// The components in a file.
    pub(crate) fn all_in(tensors: &FileTensors) -> Vec<Self> {
        let contains = |component: &Self| component.prefix_in(tensors).is_some();
        Self::ALL.into_iter().filter(contains).collect()
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

/// Describes a file without any component, judged by its tensor names.
pub(crate) fn describe_foreign(tensors: &FileTensors) -> &'static str {
    let any = |words: &[&str]| {
        let names = || tensors.keys();
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
        "a LoRA, not a complete model"
    } else if any(&["double_stream_modulation", "single_stream_modulation"]) {
        "a FLUX.2 transformer; only FLUX.1 is supported"
    } else if any(&["distilled_guidance_layer"]) {
        "a Chroma transformer; only FLUX.1 is supported"
    } else if any(&["controlnet_"]) {
        "a ControlNet, not a complete model"
    } else if any(&["joint_blocks.0.", "transformer_blocks.0.norm1_context"]) {
        "a Stable Diffusion 3 transformer; only FLUX.1 is supported"
    } else if any(&[
        "input_blocks.0.",
        "down_blocks.0.attentions",
        "time_embedding.linear_1",
    ]) {
        "a Stable Diffusion UNet; only FLUX.1 is supported"
    } else if any(&["cond_stage_model.", "conditioner.embedders."]) {
        "a Stable Diffusion checkpoint; only FLUX.1 is supported"
    } else if any(&["vision_model."]) {
        "a vision encoder"
    } else if any(&["model.layers.0.self_attn", "blk.0.attn_q."]) {
        "a language model"
    } else if tensors.is_empty() {
        "no tensors"
    } else {
        "the tensors of an unknown model"
    }
}
