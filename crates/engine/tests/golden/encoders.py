"""Generates `encoders.safetensors`: a small T5 and CLIP with random weights, and their outputs.

    python encoders.py encoders.safetensors     with transformers 5.24.0, torch 2.15.0

`src/text/tests.rs` repeats the shapes and tokens.
"""

import sys

import torch
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

torch.manual_seed(5)


def randomise(model: torch.nn.Module) -> None:
    """Keeps activations near 1, and weights, biases and norms away from 0."""
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            scale = 0.3 if tensor.dim() < 2 or "embed" in name else tensor.shape[-1] ** -0.5
            tensor.normal_(std=scale)
            if tensor.dim() < 2 and "bias" not in name:
                tensor.add_(1)


def tokens(rows: int, count: int, vocabulary: int) -> torch.Tensor:
    return torch.tensor(
        [[(i * 7 + row * 3) % vocabulary for i in range(count)] for row in range(rows)]
    )


out = {}

t5 = T5EncoderModel(
    T5Config(
        vocab_size=32,
        d_model=16,
        d_kv=12,
        d_ff=24,
        num_layers=2,
        num_heads=2,
        feed_forward_proj="gated-gelu",
    )
).eval()
randomise(t5)
with torch.no_grad():
    # The bias dominates for distant keys.
    table = t5.encoder.block[0].layer[0].SelfAttention.relative_attention_bias.weight
    table.normal_(std=1)
    out["expected.t5"] = t5(tokens(2, 150, 32))[0]
for name, tensor in t5.state_dict().items():
    if name != "encoder.embed_tokens.weight":
        out[name] = tensor

SHAPE = {
    "vocab_size": 24,
    "hidden_size": 16,
    "intermediate_size": 20,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 12,
}
# The end by its id (21) and by the old rule (2: the greatest id) are different tokens of row 0.
ids = tokens(2, 12, 24)
state = None
for name, values in {
    "quick": {"hidden_act": "quick_gelu", "eos_token_id": 21},
    "gelu": {"hidden_act": "gelu", "eos_token_id": 2},
}.items():
    clip = CLIPTextModel(CLIPTextConfig(**SHAPE, **values)).eval()
    if state is None:
        randomise(clip)
        state = clip.state_dict()
        out |= {f"text_model.{name}": tensor for name, tensor in state.items()}
    clip.load_state_dict(state)
    with torch.no_grad():
        out[f"expected.clip.{name}"] = clip(ids).pooler_output

save_file({name: tensor.contiguous() for name, tensor in out.items()}, sys.argv[1])
print(ids, (ids == 21).int().argmax(-1), ids.argmax(-1))
print({name: (tuple(tensor.shape), round(tensor.std().item(), 3)) for name, tensor in out.items()})
