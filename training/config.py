"""The hyperparameters of each preset."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Stage:
    """The hyperparameters of a stage."""

    steps: int
    batch: int
    #: Learning rate of AdamW. Muon's updates are scaled to the same size and use `matrix_rate`.
    rate: float
    matrix_rate: float = 0.0
    weight_decay: float = 0.01
    #: Steps of linear warm-up.
    warmup: int = 50
    #: Fraction of the steps at the end over which the rate falls linearly to zero.
    cooldown: float = 0.3
    #: Decay of the averaged weights, after enough steps.
    ema: float = 0.999
    #: Images generated in a round, and how often each is used before the next round.
    round: int = 16384
    passes: int = 1


@dataclass(frozen=True)
class Preset:
    """A model and the training of its components."""

    name: str
    #: Side of the images in pixels; a multiple of 16, as FLUX requires.
    side: int
    #: Tokens of each vocabulary, and the length to which the T5 prompt is padded. FLUX attends to the
    #: padding, so the model must be used with the length that it was trained with.
    t5_vocabulary: int
    clip_vocabulary: int
    text_length: int
    autoencoder: dict
    t5: dict
    clip: dict
    transformer: dict
    judge_width: int

    autoencoder_stage: Stage
    judge_stage: Stage
    flow_stage: Stage
    distill_stage: Stage

    #: Captions that the tokenizers are trained on.
    tokenizer_captions: int = 100_000
    kl_weight: float = 1e-5
    #: Probability of dropping a caption, required for guidance.
    caption_dropout: float = 0.1
    #: Noise levels are sampled as sigmoid(normal(mean, deviation)).
    noise_mean: float = 0.0
    noise_deviation: float = 1.0
    #: The velocity's squared error is weighted with sigma to this power: 0 is the plain velocity
    #: loss, 2 the squared error of the clean image that the velocity implies.
    sigma_power: float = 0.0
    #: Range of guidance of the distilled model, and the noise level below which it is off.
    guidance_range: tuple = (1.0, 5.0)
    guidance_until: float = 0.3
    #: Recommended parameters of the exported model.
    steps: int = 12
    guidance: float = 3.0
    shift: float = 1.0
    evaluation_prompts: int = 1000
    seed: int = 20260

    #: The images of each stage: the high half of their seeds.
    roles: dict = field(
        default_factory=lambda: {"tokenizers": 1, "autoencoder": 2, "flow": 3, "distill": 4, "judge": 5, "evaluate": 6}
    )

    def stage(self, name):
        return getattr(self, f"{name}_stage")


def autoencoder(*widths, latents):
    return {"block_out_channels": list(widths), "layers_per_block": 1, "latent_channels": latents, "norm_num_groups": 8}


def t5(width, head, feed_forward, layers):
    return {"d_model": width, "d_kv": head, "d_ff": feed_forward, "num_layers": layers, "num_heads": width // head}


def clip(width, feed_forward):
    return {
        "hidden_size": width,
        "intermediate_size": feed_forward,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
    }


def transformer(head, heads, single):
    """One double block and `single` single ones. Three eighths of a head each are rotated by row and column,
    a quarter is not rotated."""
    return {
        "num_layers": 1,
        "num_single_layers": single,
        "attention_head_dim": head,
        "num_attention_heads": heads,
        "axes_dims_rope": [head // 4, head * 3 // 8, head * 3 // 8],
    }


#: The complete pipeline in minutes on two cores, as a test; not a usable model.
TINY = Preset(
    name="tiny",
    side=64,
    t5_vocabulary=1792,
    clip_vocabulary=2560,
    text_length=64,
    autoencoder=autoencoder(16, 32, 32, 48, latents=8),
    t5=t5(width=96, head=32, feed_forward=256, layers=2),
    clip=clip(width=64, feed_forward=256),
    transformer=transformer(head=32, heads=4, single=2),
    judge_width=32,
    autoencoder_stage=Stage(steps=250, batch=12, rate=3e-3, matrix_rate=1e-2, warmup=20, ema=0.98, round=8192),
    judge_stage=Stage(steps=2000, batch=32, rate=2e-3, matrix_rate=5e-3, ema=0.99, round=16384),
    flow_stage=Stage(steps=250, batch=48, rate=2e-3, matrix_rate=5e-3, warmup=20, ema=0.98, round=16384),
    distill_stage=Stage(steps=60, batch=32, rate=3e-4, matrix_rate=1e-3, warmup=10, ema=0.95, round=4096),
    tokenizer_captions=20_000,
    evaluation_prompts=64,
    steps=8,
)

#: Days of training on a CPU.
CPU = replace(
    TINY,
    name="cpu",
    autoencoder=autoencoder(24, 48, 64, 96, latents=8),
    t5=t5(width=128, head=32, feed_forward=384, layers=3),
    transformer=transformer(head=32, heads=6, single=5),
    judge_width=48,
    autoencoder_stage=Stage(steps=6000, batch=32, rate=2e-3, matrix_rate=8e-3, warmup=200, ema=0.998, round=65536),
    judge_stage=Stage(steps=9000, batch=32, rate=2e-3, matrix_rate=5e-3, ema=0.995, round=65536),
    flow_stage=Stage(steps=60_000, batch=128, rate=1e-3, matrix_rate=3e-3, warmup=300, round=131_072, passes=2),
    distill_stage=Stage(steps=2000, batch=64, rate=2e-4, matrix_rate=6e-4, warmup=100, ema=0.998, round=65536),
    tokenizer_captions=100_000,
    evaluation_prompts=1000,
    steps=12,
)

#: The model for the binary: 128², at most 24 MB in f16, for one GPU of the H100 class.
SMALL = Preset(
    name="small",
    side=128,
    t5_vocabulary=1792,
    clip_vocabulary=2048,
    text_length=64,
    autoencoder=autoencoder(24, 48, 64, 64, latents=16),
    t5=t5(width=192, head=64, feed_forward=256, layers=3),
    clip=clip(width=64, feed_forward=128),
    transformer=transformer(head=64, heads=4, single=6),
    judge_width=128,
    autoencoder_stage=Stage(
        steps=12_000, batch=256, rate=1.5e-3, matrix_rate=8e-3, warmup=300, round=131_072, passes=2
    ),
    judge_stage=Stage(steps=8000, batch=256, rate=2e-3, matrix_rate=5e-3, warmup=300, ema=0.998, round=131_072),
    flow_stage=Stage(steps=10_000, batch=1024, rate=1e-3, matrix_rate=4e-3, warmup=300, ema=0.9993, round=131_072),
    distill_stage=Stage(steps=1500, batch=1024, rate=2e-4, matrix_rate=6e-4, warmup=100, ema=0.998, round=131_072),
)

PRESETS = {preset.name: preset for preset in (TINY, CPU, SMALL)}
