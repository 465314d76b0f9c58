"""The committed set: every feature at least once, in at most 4 MB."""

from cases import PROMPTS, Case, CaseSet, OriginalFile
from gguf_files import Quantised
from models import DEV, SHIFTED, Model
from vocabularies import ClipFiles, T5Files


def case_set() -> CaseSet:
    tiny = {"clip_width": 16, "decoder_channels": (8, 8, 8, 8)}
    plain = Model(
        "plain",
        "2 heads of 16, f32 in single files, T5's vocabulary from spiece.model alone",
        file_type="f32",
        t5_layers=1,
        t5_files=T5Files(tokenizer_json=False),
        **tiny,
    )
    guided = Model(
        "guided",
        "3 heads of 16, guidance, dynamic shift, bf16 in shards, CLIP from vocab.json and merges.txt",
        heads=3,
        guidance=True,
        shards=3,
        scheduler=DEV,
        scaling=0.5,
        shift=-0.25,
        clip_width=16,
        decoder_channels=(8, 8, 16, 16),
        t5_names=("shared.weight", "encoder.embed_tokens.weight"),
        t5_files=T5Files(old_format=True, spiece=False),
        clip_files=ClipFiles(tokenizer_json=False),
    )
    original = Model(
        "original",
        "2 heads of 16, f16 in original single files, shift 3",
        double_blocks=2,
        single_blocks=2,
        file_type="f16",
        single_files=("transformer", "vae"),
        scheduler=SHIFTED,
        with_encoder=True,
        clip_end=None,
        t5_names=("encoder.embed_tokens.weight",),
        t5_files=T5Files(spiece=False),
        clip_files=ClipFiles(old_format=True, vocab_and_merges=False),
        clip_width=16,
        decoder_channels=(8, 8, 16, 16),
    )
    blocks = Model(
        "gguf-blocks",
        "1 head of 64, GGUF of Q8_0, Q4_0, Q5_0, F16 and BF16 for transformer and T5, bare names",
        heads=1,
        head_dim=64,
        axes=(8, 28, 28),
        single_files=("transformer", "text_encoder_2"),
        t5_files=T5Files(spiece=False),
        **tiny,
    )
    k_blocks = Model(
        "gguf-k",
        "2 heads of 128, no double block, GGUF of Q4_K, Q5_K and Q6_K, prefixed names",
        heads=2,
        head_dim=128,
        axes=(16, 56, 56),
        double_blocks=0,
        t5_width=256,
        t5_heads=1,
        t5_head_dim=64,
        t5_hidden=256,
        t5_layers=1,
        clip_prefix="",
        clip_end=None,
        single_files=("transformer", "text_encoder_2"),
        t5_files=T5Files(tokenizer_json=False),
        clip_files=ClipFiles(tokenizer_json=False),
        **tiny,
    )
    # The largest matrices take the first type to keep the set small.
    mixed = Quantised(("Q4_0", "Q8_0", "Q5_0", "F16", "BF16"), large=16_000)
    return CaseSet(
        (
            (plain, {}),
            (guided, {}),
            (
                original,
                {
                    "transformer": OriginalFile("model.diffusion_model."),
                    "vae": OriginalFile(),
                },
            ),
            (blocks, {"transformer": mixed, "text_encoder_2": mixed}),
            (
                k_blocks,
                {
                    "transformer": Quantised(
                        ("Q4_K", "Q6_K", "Q4_K", "Q5_K", "Q4_K"), prefixed=True, large=66_000
                    ),
                    "text_encoder_2": Quantised(("Q4_K", "Q5_K", "Q6_K"), large=60_000),
                },
            ),
        ),
        (
            Case(
                "plain-f32",
                "plain",
                "four steps, odd sides, every kind of prompt",
                80,
                48,
                4,
                42,
                prompts=PROMPTS,
            ),
            Case(
                "plain-bf16",
                "plain",
                "f32 files run in bf16, another noise",
                32,
                64,
                2,
                2**32 - 1,
                "bf16",
            ),
            Case(
                "plain-256-tokens",
                "plain",
                "the smallest picture, T5's full length",
                16,
                16,
                1,
                0,
                length=256,
            ),
            Case(
                "guided-bf16",
                "guided",
                "guidance and dynamic shift in bf16",
                48,
                48,
                3,
                7,
                "bf16",
                guidance=3.5,
                prompts=PROMPTS,
            ),
            Case("guided-f32", "guided", "bf16 files run in f32", 16, 64, 3, 2**63, guidance=2.0),
            Case(
                "original-f32",
                "original",
                "f16 single files run in f32",
                48,
                32,
                2,
                1,
                prompts=PROMPTS,
            ),
            Case("gguf-blocks", "gguf-blocks", "blocks of 32", 32, 32, 2, 3, prompts=PROMPTS[:2]),
            Case("gguf-k", "gguf-k", "blocks of 256", 48, 32, 2, 4, length=16),
        ),
    )
