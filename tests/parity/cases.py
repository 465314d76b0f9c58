"""The types that describe a set: models, their file formats, and cases."""

from dataclasses import dataclass

from gguf_files import Quantised
from models import Model

LIGHTHOUSE = "A red lighthouse on a grey rock above the sea, evening light, oil painting"

# Typical prompts, and inputs that are difficult for tokenizers.
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
    """One image; `length` is the number of T5 tokens."""

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
class OriginalFile:
    """A component in a single file with the original names."""

    prefix: str = ""


# The formats of the components that are single files next to the model's folder.
SingleFiles = dict[str, OriginalFile | Quantised]


@dataclass(frozen=True)
class CaseSet:
    models: tuple[tuple[Model, SingleFiles], ...]
    cases: tuple[Case, ...]
