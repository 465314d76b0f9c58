"""Pipelines with random weights: their configurations, their weights, and their files.

A weight depends only on the seed, its component and its name, so a layer can be added without
changing the others. The scales keep activations near 1 and make every tensor affect the result:
gates, biases, norms and modulations are not close to 0.
"""

import hashlib
import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy
import torch
from diffusers import AutoencoderKL, FluxTransformer2DModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

from vocabularies import SENTINELS, ClipFiles, T5Files, write_clip, write_json, write_t5

Weights = dict[str, torch.Tensor]

FILE_TYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}

SCHNELL = {"shift": 1.0, "use_dynamic_shifting": False}
DEV = {"shift": 3.0, "use_dynamic_shifting": True}
SHIFTED = {"shift": 3.0, "use_dynamic_shifting": False}


@dataclass(frozen=True)
class Model:
    """A pipeline, with the names, types and sharding of its files."""

    name: str
    about: str
    heads: int = 2
    head_dim: int = 16
    axes: tuple[int, int, int] = (4, 6, 6)
    double_blocks: int = 1
    single_blocks: int = 1
    guidance: bool = False
    t5_width: int = 32
    t5_heads: int = 2
    t5_head_dim: int = 16
    t5_hidden: int = 64
    t5_layers: int = 2
    t5_names: tuple[str, ...] = ("shared.weight",)
    clip_width: int = 32
    clip_heads: int = 2
    clip_layers: int = 2
    clip_prefix: str = "text_model."
    # The hub's files have 2 as the end token's id, a known error that readers must handle.
    clip_end: int | None = 2
    decoder_channels: tuple[int, ...] = (8, 16, 16, 16)
    decoder_layers: int = 1
    decoder_groups: int = 4
    scaling: float = 0.3611
    shift: float = 0.1159
    with_encoder: bool = False
    scheduler: dict = field(default_factory=lambda: SCHNELL)
    file_type: str = "bf16"
    shards: int = 1
    # Components whose weights are in a single file next to the folder.
    single_files: tuple[str, ...] = ()
    t5_files: T5Files = T5Files()
    clip_files: ClipFiles = ClipFiles()

    @property
    def width(self) -> int:
        return self.heads * self.head_dim

    def transformer_config(self) -> dict:
        return {
            "patch_size": 1,
            "in_channels": 64,
            "num_layers": self.double_blocks,
            "num_single_layers": self.single_blocks,
            "attention_head_dim": self.head_dim,
            "num_attention_heads": self.heads,
            "joint_attention_dim": self.t5_width,
            "pooled_projection_dim": self.clip_width,
            "guidance_embeds": self.guidance,
            "axes_dims_rope": list(self.axes),
        }

    def t5_config(self) -> dict:
        return {
            "vocab_size": self.t5_files.pieces + SENTINELS + 8,
            "d_model": self.t5_width,
            "d_kv": self.t5_head_dim,
            "d_ff": self.t5_hidden,
            "num_layers": self.t5_layers,
            "num_decoder_layers": self.t5_layers,
            "num_heads": self.t5_heads,
            "feed_forward_proj": "gated-gelu",
            "dense_act_fn": "gelu_new",
            "is_gated_act": True,
            "is_encoder_decoder": True,
            "layer_norm_epsilon": 1e-6,
            "relative_attention_num_buckets": 32,
            "relative_attention_max_distance": 128,
            "tie_word_embeddings": False,
            "dropout_rate": 0.1,
            "pad_token_id": 0,
            "eos_token_id": 1,
            "decoder_start_token_id": 0,
        }

    def clip_config(self) -> dict:
        vocabulary = self.clip_files.vocabulary
        return {
            "vocab_size": vocabulary,
            "hidden_size": self.clip_width,
            "intermediate_size": 4 * self.clip_width,
            "projection_dim": self.clip_width,
            "num_hidden_layers": self.clip_layers,
            "num_attention_heads": self.clip_heads,
            "max_position_embeddings": 77,
            "hidden_act": "quick_gelu",
            "layer_norm_eps": 1e-5,
            "bos_token_id": 0 if self.clip_end == 2 else vocabulary - 2,
            "eos_token_id": vocabulary - 1 if self.clip_end is None else self.clip_end,
            "pad_token_id": 1,
        }

    def vae_config(self) -> dict:
        levels = len(self.decoder_channels)
        return {
            "in_channels": 3,
            "out_channels": 3,
            "latent_channels": 16,
            "block_out_channels": list(self.decoder_channels),
            "down_block_types": ["DownEncoderBlock2D"] * levels,
            "up_block_types": ["UpDecoderBlock2D"] * levels,
            "layers_per_block": self.decoder_layers,
            "norm_num_groups": self.decoder_groups,
            "act_fn": "silu",
            "sample_size": 1024,
            "scaling_factor": self.scaling,
            "shift_factor": self.shift,
            "force_upcast": True,
            "mid_block_add_attention": True,
            "use_quant_conv": False,
            "use_post_quant_conv": False,
        }

    def scheduler_config(self) -> dict:
        return {
            "num_train_timesteps": 1000,
            "base_image_seq_len": 256,
            "max_image_seq_len": 4096,
            "base_shift": 0.5,
            "max_shift": 1.15,
            **self.scheduler,
        }

    def empty(self, component: str) -> torch.nn.Module:
        """The component without its weights, on the meta device."""
        with torch.device("meta"):
            match component:
                case "transformer":
                    return FluxTransformer2DModel.from_config(self.transformer_config())
                case "vae":
                    return AutoencoderKL.from_config(self.vae_config())
                case "text_encoder":
                    return CLIPTextModel(CLIPTextConfig(**self.clip_config()))
                case "text_encoder_2":
                    return T5EncoderModel(T5Config(**self.t5_config()))
        raise ValueError(component)

    def weights(self, component: str) -> Weights:
        """The component's tensors in f32, rounded to the file type."""
        shapes = {name: value.shape for name, value in self.empty(component).state_dict().items()}
        shapes.pop("encoder.embed_tokens.weight", None)  # T5's second name for `shared.weight`
        dtype = FILE_TYPES[self.file_type]
        return {
            name: torch.from_numpy(_random(self, component, name, tuple(shape))).to(dtype).float()
            for name, shape in shapes.items()
        }


def _random(model: Model, component: str, name: str, shape: tuple[int, ...]) -> numpy.ndarray:
    seed = hashlib.sha256(f"{model.name}/{component}/{name}".encode()).digest()[:8]
    generator = numpy.random.Generator(numpy.random.PCG64(int.from_bytes(seed)))
    centre, scale = _distribution(model, component, name, shape)
    return centre + numpy.float32(scale) * generator.standard_normal(shape, dtype=numpy.float32)


def _distribution(
    model: Model, component: str, name: str, shape: tuple[int, ...]
) -> tuple[float, float]:
    """The mean and standard deviation of a tensor's values."""
    if len(shape) == 1:
        is_norm = "norm" in name and name.endswith("weight") and "linear" not in name
        return (1.0, 0.2) if is_norm else (0.0, 0.2)
    fan_in = math.prod(shape[1:])
    if "relative_attention_bias" in name:
        return 0.0, 1.0
    if name == "shared.weight":
        return 0.0, 1.0
    if "embedding" in name and component == "text_encoder":
        return 0.0, 0.5
    if component == "text_encoder_2" and name.endswith("SelfAttention.q.weight"):
        # T5 does not divide its scores by sqrt(d); the query's weights are scaled instead.
        return 0.0, 1.5 / math.sqrt(fan_in * model.t5_head_dim)
    if name == "decoder.conv_out.weight":
        return 0.0, 0.5 / math.sqrt(fan_in)
    return 0.0, 1.0 / math.sqrt(fan_in)


def write_model(model: Model, folder: Path) -> None:
    """Writes the diffusers folder, without the weights of components in single files."""
    folder.mkdir(parents=True)
    write_json(
        folder / "model_index.json",
        {
            "_class_name": "FluxPipeline",
            "_diffusers_version": "0.30.0.dev0",
            "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
            "text_encoder": ["transformers", "CLIPTextModel"],
            "text_encoder_2": ["transformers", "T5EncoderModel"],
            "tokenizer": ["transformers", "CLIPTokenizer"],
            "tokenizer_2": ["transformers", "T5TokenizerFast"],
            "transformer": ["diffusers", "FluxTransformer2DModel"],
            "vae": ["diffusers", "AutoencoderKL"],
        },
    )
    write_clip(folder / "tokenizer", model.clip_files)
    write_t5(folder / "tokenizer_2", model.t5_files)
    configs = {
        "scheduler": {
            "_class_name": "FlowMatchEulerDiscreteScheduler",
            **model.scheduler_config(),
        },
        "text_encoder": {
            "architectures": ["CLIPTextModel"],
            "model_type": "clip_text_model",
            **model.clip_config(),
        },
        "text_encoder_2": {
            "architectures": ["T5EncoderModel"],
            "model_type": "t5",
            **model.t5_config(),
        },
        "transformer": {"_class_name": "FluxTransformer2DModel", **model.transformer_config()},
        "vae": {"_class_name": "AutoencoderKL", **model.vae_config()},
    }
    for component, config in configs.items():
        (folder / component).mkdir()
        file = "scheduler_config.json" if component == "scheduler" else "config.json"
        write_json(folder / component / file, config)
        if component == "scheduler" or component in model.single_files:
            continue
        stem = "model" if component.startswith("text") else "diffusion_pytorch_model"
        dtype = FILE_TYPES[model.file_type]
        weights = {name: value.to(dtype) for name, value in file_weights(model, component).items()}
        write_weights(weights, folder / component, stem, model.shards)


def file_weights(model: Model, component: str) -> Weights:
    """The component's tensors in f32, with the names of the hub's files."""
    weights = model.weights(component)
    if component == "text_encoder":
        return {model.clip_prefix + name: value for name, value in weights.items()}
    if component == "text_encoder_2":
        shared = weights.pop("shared.weight")
        return weights | {name: shared.clone() for name in model.t5_names}
    if component == "vae" and not model.with_encoder:
        return {name: value for name, value in weights.items() if name.startswith("decoder.")}
    return weights


def write_weights(weights: Weights, folder: Path, stem: str, shards: int) -> None:
    """Writes one safetensors file, or several with an index."""
    if shards == 1:
        save_file(weights, folder / f"{stem}.safetensors", metadata={"format": "pt"})
        return
    names = sorted(weights)
    total = sum(value.nbytes for value in weights.values())
    parts: list[Weights] = [{} for _ in range(shards)]
    offset = 0
    for name in names:
        parts[offset * shards // total][name] = weights[name]
        offset += weights[name].nbytes
    files = [f"{stem}-{i + 1:05}-of-{shards:05}.safetensors" for i in range(shards)]
    for file, part in zip(files, parts):
        save_file(part, folder / file, metadata={"format": "pt"})
    weight_map = {name: file for file, part in zip(files, parts) for name in part}
    (folder / f"{stem}.safetensors.index.json").write_text(
        json.dumps({"metadata": {"total_size": total}, "weight_map": weight_map}, indent=1) + "\n"
    )


def load(model: Model, component: str, weights: Weights) -> torch.nn.Module:
    """The component with these tensors, in f32, on the CPU."""
    module = model.empty(component).to_empty(device="cpu").eval()
    missing, unexpected = module.load_state_dict(weights, strict=False)
    assert not unexpected, unexpected
    if component == "vae" and not model.with_encoder:
        missing = [name for name in missing if not name.startswith("encoder.")]
    if component == "text_encoder_2":
        module.encoder.embed_tokens = module.shared
        missing = [name for name in missing if name != "encoder.embed_tokens.weight"]
    assert not missing, missing
    for name, buffer in module.named_buffers():
        if name.endswith("position_ids"):
            buffer.copy_(torch.arange(buffer.shape[-1]).expand(buffer.shape))
    return module
