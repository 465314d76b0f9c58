"""Converts transformer and autoencoder from diffusers' names and shapes to the original ones.

Diffusers' own converter then converts the result back, and the two are compared.
"""

import inspect
import re
import textwrap

import torch
from diffusers.loaders import single_file_utils

from models import Model, Weights

TIME_TEXT = {
    "time_text_embed.timestep_embedder": "time_in",
    "time_text_embed.text_embedder": "vector_in",
    "time_text_embed.guidance_embedder": "guidance_in",
}
MLP = {"linear_1": "in_layer", "linear_2": "out_layer"}

# A double block's two streams: original name; diffusers' modulation, q, k and v, output, MLP.
STREAMS = (
    ("img", "norm1", ("to_q", "to_k", "to_v"), "to_out.0", "ff"),
    (
        "txt",
        "norm1_context",
        ("add_q_proj", "add_k_proj", "add_v_proj"),
        "to_add_out",
        "ff_context",
    ),
)


def _swap_halves(value: torch.Tensor) -> torch.Tensor:
    scale, shift = value.chunk(2)
    return torch.cat([shift, scale])


def _blocks(weights: Weights, kind: str) -> list[int]:
    return sorted({int(name.split(".")[1]) for name in weights if name.startswith(f"{kind}.")})


def transformer(weights: Weights) -> Weights:
    """The transformer's tensors as in `flux1-schnell.safetensors`."""
    rest = dict(weights)
    out: Weights = {}

    def joined(*names: str) -> torch.Tensor:
        return torch.cat([rest.pop(name) for name in names])

    for ours, theirs in TIME_TEXT.items():
        for layer, part in MLP.items():
            for kind in ("weight", "bias"):
                if f"{ours}.{layer}.{kind}" in rest:
                    out[f"{theirs}.{part}.{kind}"] = rest.pop(f"{ours}.{layer}.{kind}")
    for kind in ("weight", "bias"):
        out[f"txt_in.{kind}"] = rest.pop(f"context_embedder.{kind}")
        out[f"img_in.{kind}"] = rest.pop(f"x_embedder.{kind}")
        out[f"final_layer.linear.{kind}"] = rest.pop(f"proj_out.{kind}")
        out[f"final_layer.adaLN_modulation.1.{kind}"] = _swap_halves(
            rest.pop(f"norm_out.linear.{kind}")
        )
    for i in _blocks(rest, "transformer_blocks"):
        ours, theirs = f"transformer_blocks.{i}", f"double_blocks.{i}"
        for kind in ("weight", "bias"):
            for stream, norm, qkv, proj, mlp in STREAMS:
                out[f"{theirs}.{stream}_mod.lin.{kind}"] = rest.pop(f"{ours}.{norm}.linear.{kind}")
                out[f"{theirs}.{stream}_attn.qkv.{kind}"] = joined(
                    *(f"{ours}.attn.{name}.{kind}" for name in qkv)
                )
                out[f"{theirs}.{stream}_attn.proj.{kind}"] = rest.pop(f"{ours}.attn.{proj}.{kind}")
                out[f"{theirs}.{stream}_mlp.0.{kind}"] = rest.pop(f"{ours}.{mlp}.net.0.proj.{kind}")
                out[f"{theirs}.{stream}_mlp.2.{kind}"] = rest.pop(f"{ours}.{mlp}.net.2.{kind}")
        for stream, added in (("img", ""), ("txt", "added_")):
            for short, long in (("q", "query"), ("k", "key")):
                out[f"{theirs}.{stream}_attn.norm.{long}_norm.scale"] = rest.pop(
                    f"{ours}.attn.norm_{added}{short}.weight"
                )
    for i in _blocks(rest, "single_transformer_blocks"):
        ours, theirs = f"single_transformer_blocks.{i}", f"single_blocks.{i}"
        for kind in ("weight", "bias"):
            out[f"{theirs}.modulation.lin.{kind}"] = rest.pop(f"{ours}.norm.linear.{kind}")
            out[f"{theirs}.linear1.{kind}"] = joined(
                *(
                    f"{ours}.{name}.{kind}"
                    for name in ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp")
                )
            )
            out[f"{theirs}.linear2.{kind}"] = rest.pop(f"{ours}.proj_out.{kind}")
        for short, long in (("q", "query"), ("k", "key")):
            out[f"{theirs}.norm.{long}_norm.scale"] = rest.pop(f"{ours}.attn.norm_{short}.weight")
    assert not rest, sorted(rest)
    return out


def transformer_back(model: Model, weights: Weights) -> Weights:
    """The inverse, by diffusers' converter with its hard-coded width replaced by the model's."""
    reader = single_file_utils.convert_flux_transformer_checkpoint_to_diffusers
    source = textwrap.dedent(inspect.getsource(reader))
    assert "inner_dim = 3072" in source
    source = source.replace("inner_dim = 3072", f"inner_dim = {model.width}")
    # The converter counts the blocks by an arbitrary element of a set, and fails if there are none.
    for kind, count in (("double", model.double_blocks), ("single", model.single_blocks)):
        source = re.sub(
            rf"= list\(set\(.*\"{kind}_blocks\.\" in k\)\)\[-1\] \+ 1", f"= {count}", source
        )
    assert "list(set(" not in source
    names = dict(vars(single_file_utils))
    exec(compile(source, "diffusers", "exec"), names)
    return names[reader.__name__](dict(weights))


def autoencoder(model: Model, weights: Weights) -> Weights:
    """The autoencoder's tensors as in `ae.safetensors`."""
    last = len(model.decoder_channels) - 1
    out: Weights = {}
    for name, value in weights.items():
        new = re.sub(
            r"^decoder\.up_blocks\.(\d+)", lambda m: f"decoder.up.{last - int(m[1])}", name
        )
        for pattern, replacement in (
            (r"^encoder\.down_blocks\.", "encoder.down."),
            (r"\.resnets\.", ".block."),
            (r"\.(up|down)samplers\.0\.", r".\1sample."),
            (r"\.mid_block\.block\.0\.", ".mid.block_1."),
            (r"\.mid_block\.block\.1\.", ".mid.block_2."),
            (r"\.mid_block\.attentions\.0\.", ".mid.attn_1."),
            (r"attn_1\.group_norm\.", "attn_1.norm."),
            (r"attn_1\.to_out\.0\.", "attn_1.proj_out."),
            (r"attn_1\.to_([qkv])\.", r"attn_1.\1."),
            (r"\.conv_shortcut\.", ".nin_shortcut."),
            (r"\.conv_norm_out\.", ".norm_out."),
        ):
            new = re.sub(pattern, replacement, new)
        if re.search(r"attn_1\.(q|k|v|proj_out)\.weight$", new):
            value = value[:, :, None, None]
        out[new] = value
    return out


def autoencoder_back(model: Model, weights: Weights) -> Weights:
    return single_file_utils.convert_ldm_vae_checkpoint(dict(weights), model.vae_config())


def check(expected: Weights, back: Weights) -> None:
    assert expected.keys() == back.keys(), expected.keys() ^ back.keys()
    for name, value in expected.items():
        assert value.shape == back[name].shape and torch.equal(value, back[name]), name
