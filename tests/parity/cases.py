"""What a set is: models, how each is written, and the pictures that are drawn with them."""

from dataclasses import dataclass

from gguf_files import Quantised
from models import Model

LIGHTHOUSE = "A red lighthouse on a grey rock above the sea, evening light, oil painting"

# What a person may type, and what a tokenizer is easily wrong about.
PROMPTS = (
    LIGHTHOUSE,
    "",
    "Кошка спит на синем стуле у окна, мягкий свет",
    "A 🦊 in the ❄️, naïve café — 狐, 4k… ①ﬁ Ａ\u00a0B e\u0301",
    "  two  spaces,\ttabs\nand LINES; it's we'll I'VE 1890 <b>!!!</b>  ",
    "the end </s> of <|endoftext|> a text <extra_id_0> <pad>",
    "a lighthouse above the sea, highly detailed, sharp focus, " * 12,
)


@dataclass(frozen=True)
class Case:
    """One picture. `length` is T5's number of tokens."""

    name: str
    model: str
    about: str
    width: int
    height: int
    steps: int
    seed: int
    dtype: str = "f32"
    length: int = 32
    guidance: float | None = None
    prompts: tuple[str, ...] = (LIGHTHOUSE,)


@dataclass(frozen=True)
class Single:
    """A component in an original single file beside the folder."""

    prefix: str = ""


# How a component that is not in its model's folder is written.
Elsewhere = dict[str, Single | Quantised]


@dataclass(frozen=True)
class Plan:
    models: tuple[tuple[Model, Elsewhere], ...]
    cases: tuple[Case, ...]
