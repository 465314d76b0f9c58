"""Tokenizers that behave like FLUX's, with small vocabularies trained on `text.txt`.

T5's is a SentencePiece unigram model (pad 0, end 1, unknown 2, a hundred sentinels at the end);
CLIP's is byte-pair encoding of lowercase text with `</w>` at the end of a word.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import regex
import sentencepiece
from tokenizers import Tokenizer
from transformers import CLIPTokenizer, T5Tokenizer

TEXT = Path(__file__).with_name("text.txt")
SENTINELS = 100
CLIP_LENGTH = 77
CLIP_START, CLIP_END = "<|startoftext|>", "<|endoftext|>"
CLIP_WORDS = regex.compile(
    r"""<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""
)

# A few rules of NFKC, for tokenizers without the complete table (240 kB).
FEW_RULES = {
    **dict.fromkeys("\t\n\r\u00a0", " "),
    "\u2026": "...",
    "\ufb01": "fi",
    "\u2460": "1",
    "e\u0301": "\u00e9",
    **{chr(0xFF21 + i): chr(0x41 + i) for i in range(26)},
    **{chr(0xFF41 + i): chr(0x61 + i) for i in range(26)},
}


@dataclass(frozen=True)
class T5Files:
    """The files in T5's folder and their format."""

    pieces: int = 300
    full_table: bool = False  # normalise with nmt_nfkc, otherwise with FEW_RULES
    spiece: bool = True
    tokenizer_json: bool = True
    # The format of older files: a plain Metaspace with `add_prefix_space`, and a normaliser that
    # collapses spaces.
    old_format: bool = False


@dataclass(frozen=True)
class ClipFiles:
    """The files in CLIP's folder and their format."""

    merges: int = 160
    vocab_and_merges: bool = True
    tokenizer_json: bool = True
    # Merges as "a b" strings, and truncation and padding that callers must override.
    old_format: bool = False

    @property
    def vocabulary(self) -> int:
        return 2 * 256 + self.merges + 2


def write_json(path: Path, value, *, indent: int | None = 1) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=indent) + "\n", encoding="utf-8")


def write_t5(folder: Path, files: T5Files) -> None:
    folder.mkdir(parents=True)
    spiece = folder / "spiece.model"
    rules = folder / "rules.tsv"
    normalisation = {"normalization_rule_name": "nmt_nfkc"}
    if not files.full_table:
        lines = (
            "\t".join(" ".join(f"{ord(char):X}" for char in side) for side in rule)
            for rule in FEW_RULES.items()
        )
        rules.write_text("\n".join(lines) + "\n", encoding="utf-8")
        normalisation = {"normalization_rule_tsv": str(rules)}
    sentencepiece.SentencePieceTrainer.train(
        input=str(TEXT),
        model_prefix=str(folder / "spiece"),
        model_type="unigram",
        vocab_size=files.pieces,
        character_coverage=1.0,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        num_threads=1,
        minloglevel=2,
        **normalisation,
    )
    (folder / "spiece.vocab").unlink()
    rules.unlink(missing_ok=True)
    _clear_paths(spiece)
    write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "T5Tokenizer",
            "model_max_length": 512,
            "extra_ids": SENTINELS,
            "eos_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
        },
    )
    if files.tokenizer_json:
        tokenizer = T5Tokenizer.from_pretrained(folder).backend_tokenizer
        data = json.loads(tokenizer.to_str())
        if files.old_format:
            data["normalizer"] = {
                "type": "Sequence",
                "normalizers": [
                    data["normalizer"],
                    {"type": "Strip", "strip_left": False, "strip_right": True},
                    {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"},
                ],
            }
            data["pre_tokenizer"] = {
                "type": "Metaspace",
                "replacement": "▁",
                "add_prefix_space": True,
            }
            data["decoder"] = data["pre_tokenizer"]
        write_json(folder / "tokenizer.json", data, indent=None)
    if not files.spiece:
        spiece.unlink()


def _clear_paths(spiece: Path) -> None:
    """Removes the trainer's paths, which differ between machines, from the model."""
    from sentencepiece import sentencepiece_model_pb2

    model = sentencepiece_model_pb2.ModelProto.FromString(spiece.read_bytes())
    del model.trainer_spec.input[:]
    model.trainer_spec.model_prefix = "spiece"
    model.normalizer_spec.ClearField("normalization_rule_tsv")
    spiece.write_bytes(model.SerializeToString(deterministic=True))


def byte_characters() -> dict[int, str]:
    """The printable character that represents each byte, in CLIP's order."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {
        byte: chr(256 + index) for index, byte in enumerate(others)
    }


def clip_merges(count: int) -> list[tuple[str, str]]:
    """Byte-pair encoding: merges the most frequent pair `count` times; ties are broken by order."""
    characters = byte_characters()
    text = " ".join(TEXT.read_text(encoding="utf-8").split()).lower()
    words = Counter()
    for word in CLIP_WORDS.findall(text):
        symbols = [characters[byte] for byte in word.encode()]
        words[(*symbols[:-1], symbols[-1] + "</w>")] += 1
    merges = []
    for _ in range(count):
        pairs = Counter()
        for word, times in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += times
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        joined = Counter()
        for word, times in words.items():
            joined[_join(word, best)] += times
        words = joined
    return merges


def _join(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    out, index = [], 0
    while index < len(word):
        if word[index : index + 2] == pair:
            out.append("".join(pair))
            index += 2
        else:
            out.append(word[index])
            index += 1
    return tuple(out)


def write_clip(folder: Path, files: ClipFiles) -> None:
    folder.mkdir(parents=True)
    characters = list(byte_characters().values())
    merges = clip_merges(files.merges)
    tokens = [
        *characters,
        *(character + "</w>" for character in characters),
        *("".join(pair) for pair in merges),
        CLIP_START,
        CLIP_END,
    ]
    assert len(set(tokens)) == len(tokens) == files.vocabulary
    vocab, merges_text = folder / "vocab.json", folder / "merges.txt"
    vocab.write_text(
        json.dumps({token: index for index, token in enumerate(tokens)}, ensure_ascii=False),
        encoding="utf-8",
    )
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    merges_text.write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "CLIPTokenizer",
            "model_max_length": CLIP_LENGTH,
            "add_prefix_space": False,
            "do_lower_case": True,
            "bos_token": CLIP_START,
            "eos_token": CLIP_END,
            "pad_token": CLIP_END,
            "unk_token": CLIP_END,
        },
    )
    if files.tokenizer_json:
        tokenizer = CLIPTokenizer.from_pretrained(folder).backend_tokenizer
        data = json.loads(tokenizer.to_str())
        if files.old_format:
            data["model"]["merges"] = [" ".join(pair) for pair in data["model"]["merges"]]
            data["model"].pop("ignore_merges", None)
            data["truncation"] = {
                "direction": "Right",
                "max_length": 9,
                "strategy": "LongestFirst",
                "stride": 0,
            }
            data["padding"] = {
                "strategy": {"Fixed": 11},
                "direction": "Right",
                "pad_to_multiple_of": None,
                "pad_id": files.vocabulary - 1,
                "pad_type_id": 0,
                "pad_token": CLIP_END,
            }
        write_json(folder / "tokenizer.json", data, indent=None)
    if not files.vocab_and_merges:
        vocab.unlink()
        merges_text.unlink()


def check(folder: Path, prompts: list[str], t5_ids, clip_ids) -> None:
    """Checks that `tokenizers` and `sentencepiece` produce the reference's ids from the files."""
    for name, expected in (("tokenizer", clip_ids), ("tokenizer_2", t5_ids)):
        path = folder / name / "tokenizer.json"
        if not path.exists():
            continue
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_padding()
        tokenizer.enable_truncation(expected.shape[1])
        for prompt, row in zip(prompts, expected.tolist(), strict=True):
            ids = tokenizer.encode(prompt).ids
            pad = 0 if name == "tokenizer_2" else tokenizer.token_to_id(CLIP_END)
            assert ids + [pad] * (len(row) - len(ids)) == row, (path, prompt, ids, row)
    path = folder / "tokenizer_2" / "spiece.model"
    if path.exists():
        model = sentencepiece.SentencePieceProcessor(model_file=str(path))
        for prompt, row in zip(prompts, t5_ids.tolist(), strict=True):
            if "<" in prompt:  # special tokens in the text are only handled by transformers
                continue
            ids = model.encode(prompt)[: len(row) - 1] + [1]
            assert ids + [0] * (len(row) - len(ids)) == row, (path, prompt, ids, row)
