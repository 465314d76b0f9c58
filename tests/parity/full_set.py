"""The larger set: FLUX's widths, depths and image sizes, and a file for each block type."""

from cases import LIGHTHOUSE, PROMPTS, Case, CaseSet, OriginalFile
from gguf_files import Quantised
from models import DEV, SHIFTED, Model
from quantisers import TYPES
from vocabularies import ClipFiles, T5Files

CLIP_L = {"clip_width": 768, "clip_heads": 12, "clip_layers": 12}
FLUX_DECODER = {
    "decoder_channels": (128, 256, 512, 512),
    "decoder_layers": 2,
    "decoder_groups": 32,
}
MEDIUM = {
    "clip_width": 128,
    "t5_width": 256,
    "t5_heads": 4,
    "t5_head_dim": 64,
    "t5_hidden": 512,
    "decoder_channels": (32, 64, 64, 64),
    "decoder_layers": 2,
    "decoder_groups": 32,
}


def case_set() -> CaseSet:
    tiny = Model("tiny", "2 heads of 16, for large and unusual image sizes", file_type="f32")
    many_heads = Model(
        "many-heads",
        "24 heads of 16, 3 double and 4 single blocks, f32",
        heads=24,
        double_blocks=3,
        single_blocks=4,
        file_type="f32",
        t5_files=T5Files(full_table=True, tokenizer_json=False),
        clip_files=ClipFiles(tokenizer_json=False),
    )
    deep = Model(
        "deep",
        "FLUX.1-schnell's 19 double and 38 single blocks, 2 heads of 64, bf16",
        heads=2,
        head_dim=64,
        axes=(8, 28, 28),
        double_blocks=19,
        single_blocks=38,
        t5_layers=24,
        shards=2,
        with_encoder=True,
        t5_files=T5Files(full_table=True),
    )
    wide = Model(
        "wide",
        "8 heads of 128, the dimensions of CLIP-L, bf16 in shards",
        heads=8,
        head_dim=128,
        axes=(16, 56, 56),
        double_blocks=2,
        single_blocks=3,
        shards=4,
        **MEDIUM | CLIP_L | {"t5_width": 512, "t5_heads": 8, "t5_hidden": 1280, "t5_layers": 4},
    )
    widest = Model(
        "widest",
        "12 heads of 128, guidance, dynamic shift, f32 in one file",
        heads=12,
        head_dim=128,
        axes=(16, 56, 56),
        guidance=True,
        scheduler=DEV,
        file_type="f32",
        t5_files=T5Files(old_format=True),
        **MEDIUM,
    )
    decoder = Model(
        "decoder",
        "the dimensions of FLUX's decoder, 6 heads of 64, guidance, f16",
        heads=6,
        head_dim=64,
        axes=(8, 28, 28),
        double_blocks=2,
        single_blocks=4,
        guidance=True,
        file_type="f16",
        scheduler=SHIFTED,
        **MEDIUM | FLUX_DECODER,
    )
    original = Model(
        "original",
        "4 heads of 128 and the decoder in original single files, bf16",
        heads=4,
        head_dim=128,
        axes=(16, 56, 56),
        guidance=True,
        double_blocks=2,
        single_blocks=2,
        scaling=0.7,
        shift=0.05,
        single_files=("transformer", "vae"),
        with_encoder=True,
        clip_files=ClipFiles(old_format=True),
        **MEDIUM,
    )
    models = [
        (tiny, {}),
        (many_heads, {}),
        (deep, {}),
        (wide, {}),
        (widest, {}),
        (decoder, {}),
        (original, {"transformer": OriginalFile(), "vae": OriginalFile()}),
    ]
    # fmt: off
    cases = [
        Case("large-picture", "tiny", "positions up to 64, 4096 tokens", 1024, 1024, 1, 5, length=256),
        Case("wide-picture", "tiny", "much wider than tall", 1360, 208, 2, 6),
        Case("tall-picture-bf16", "tiny", "one column of tokens", 16, 400, 3, 2**64 - 1, "bf16"),
        Case("empty-prompt", "tiny", "an empty prompt", 64, 64, 4, 2**32, prompts=("",)),
        Case("many-heads-f32", "many-heads", "every kind of prompt, 512 tokens", 240, 176, 4, 0, length=512, prompts=PROMPTS),
        Case("deep-f32", "deep", "FLUX's depth", 96, 64, 4, 42, length=256, prompts=PROMPTS),
        Case("deep-bf16", "deep", "FLUX's depth", 96, 64, 4, 42, "bf16", length=256),
        Case("wide-f32", "wide", "four steps", 256, 256, 4, 1, length=256),
        Case("wide-bf16", "wide", "two steps", 128, 160, 2, 1, "bf16", length=64),
        Case("widest-f32", "widest", "512 tokens of text", 320, 512, 2, 11, length=512, guidance=3.5),
        Case("widest-eight-steps", "widest", "another guidance", 112, 64, 8, 12, guidance=1.0),
        Case("widest-bf16", "widest", "f32 files run in bf16", 64, 112, 2, 13, "bf16", guidance=7.5),
        Case("decoder-f32", "decoder", "FLUX's decoder", 192, 128, 2, 2**63, guidance=4.0),
        Case("decoder-bf16", "decoder", "FLUX's decoder", 64, 96, 1, 9, "bf16", guidance=4.0),
        Case("original-f32", "original", "bf16 single files run in f32", 208, 144, 3, 8, guidance=2.5, prompts=PROMPTS),
        Case("original-bf16", "original", "bf16 single files", 96, 80, 2, 8, "bf16", guidance=2.5),
    ]
    # fmt: on
    for index, name in enumerate(TYPES):
        model, single_files = _quantised(name.lower().replace("_", ""), (name,), 4, index % 2 == 1)
        models.append((model, single_files))
        cases.append(
            Case(f"{model.name}", model.name, f"every matrix {name}", 96, 128, 2, index, length=64)
        )
    model, single_files = _quantised("mixed", tuple(TYPES), 8, True)
    models.append((model, single_files))
    cases.append(
        Case(
            model.name,
            model.name,
            "all types in one file",
            160,
            96,
            4,
            99,
            length=256,
            prompts=(LIGHTHOUSE, ""),
        )
    )
    return CaseSet(tuple(models), tuple(cases))


def _quantised(name: str, types: tuple[str, ...], heads: int, prefixed: bool):
    model = Model(
        f"gguf-{name}",
        f"{heads} heads of 128, transformer and T5 in GGUF of {', '.join(types)}",
        heads=heads,
        head_dim=128,
        axes=(16, 56, 56),
        single_blocks=2,
        single_files=("transformer", "text_encoder_2"),
        **MEDIUM,
    )
    return model, {
        "transformer": Quantised(types, prefixed=prefixed),
        "text_encoder_2": Quantised(types),
    }
