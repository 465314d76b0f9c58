"""Generates `vocabularies/`: small vocabularies of T5's and CLIP's kind, and transformers' tokens.

    python vocabularies.py vocabularies
        with transformers 5.24.0, tokenizers 0.23.3, sentencepiece 0.2.3, protobuf 7.36.2
"""

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from transformers import CLIPTokenizer, T5Tokenizer

TEXT = """A red lighthouse stands on a grey rock above the sea, and the evening light falls on it.
A small cat sleeps on a blue chair beside the window while the rain runs down the glass.
Two children fly a kite on the beach; the kite is green and white, the sky is full of clouds.
The market at noon: baskets of bread, bottles of oil, a woman in a yellow hat. It's 1890.
Кошка спит на синем стуле у окна, а за окном идёт дождь.
Красный маяк стоит на серой скале над морем; вечерний свет падает на него.
"""
PIECES, MERGES = 110, 120

# A few rules of NFKC; the complete table is 240 kB.
RULES = {
    **dict.fromkeys("\t\n\r\u00a0\u3000", " "),
    "\u2026": "...",
    "\ufb01": "fi",
    "\u2460": "1",
    "e\u0301": "\u00e9",
    "\u0001": "",
    **{chr(0xFF21 + i): chr(0x41 + i) for i in range(26)},
}

PROMPTS = (
    "",
    " ",
    "A red lighthouse above the sea",
    "the cat's window, WE'LL and I've 1890",
    "  two  spaces,\ttabs\r\nand\u00a0LINES \u3000 ",
    "Красный маяк, ёлка и Кошка на стуле",
    "A 🦊 in the ❄️, naïve café — 狐, 4k… ①ﬁ ＡB e\u0301 👩‍👩‍👧",
    "the end </s> of <|endoftext|> a text <extra_id_0><pad> <unk> <|ENDOFTEXT|>",
    "▁ ▁the \u0001\u0000 \ufeff \u200b \u00ad",
    "the sea, " * 60,
    "ж" * 400,
    "🦊" * 90,
)
LENGTHS = ((256, 77), (8, 8), (1, 2))


def t5(folder: Path) -> T5Tokenizer:
    with tempfile.TemporaryDirectory() as temporary:
        text, rules = Path(temporary, "text.txt"), Path(temporary, "rules.tsv")
        text.write_text(TEXT, encoding="utf-8")
        sides = (
            "\t".join(" ".join(f"{ord(char):X}" for char in side) for side in rule)
            for rule in RULES.items()
        )
        rules.write_text("\n".join(sides) + "\n", encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            input=str(text),
            model_prefix=f"{temporary}/spiece",
            model_type="unigram",
            vocab_size=PIECES,
            character_coverage=1.0,
            pad_id=0,
            eos_id=1,
            unk_id=2,
            bos_id=-1,
            num_threads=1,
            minloglevel=2,
            normalization_rule_tsv=str(rules),
        )
        model = sentencepiece_model_pb2.ModelProto.FromString(
            Path(temporary, "spiece.model").read_bytes()
        )
    # Removes the paths of this machine from the model.
    del model.trainer_spec.input[:]
    model.trainer_spec.model_prefix = "spiece"
    model.normalizer_spec.ClearField("normalization_rule_tsv")
    (folder / "spiece.model").write_bytes(model.SerializeToString(deterministic=True))
    tokenizer = T5Tokenizer.from_pretrained(folder)
    # As older versions wrote it.
    data = json.loads(tokenizer.backend_tokenizer.to_str())
    data["normalizer"] = {
        "type": "Sequence",
        "normalizers": [
            data["normalizer"],
            {"type": "Strip", "strip_left": False, "strip_right": True},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"},
        ],
    }
    data["pre_tokenizer"] = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}
    (folder / "t5.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return tokenizer


def clip(folder: Path) -> CLIPTokenizer:
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    characters = {byte: chr(byte) for byte in printable}
    characters |= {byte: chr(256 + index) for index, byte in enumerate(others)}
    words = Counter()
    for word in TEXT.lower().split():
        symbols = [characters[byte] for byte in word.encode()]
        words[(*symbols[:-1], symbols[-1] + "</w>")] += 1
    merges = []
    while len(merges) < MERGES:
        pairs = Counter()
        for word, times in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += times
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        joined = Counter()
        for word, times in words.items():
            symbols, index = [], 0
            while index < len(word):
                step = 2 if word[index : index + 2] == best else 1
                symbols.append("".join(word[index : index + step]))
                index += step
            joined[tuple(symbols)] += times
        words = joined
    tokens = [*characters.values(), *(f"{char}</w>" for char in characters.values())]
    tokens += ["".join(pair) for pair in merges] + ["<|startoftext|>", "<|endoftext|>"]
    vocab = {token: index for index, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    # As older versions wrote it, with truncation and padding that callers must override.
    data = json.loads(tokenizer.backend_tokenizer.to_str())
    data["model"]["merges"] = [" ".join(pair) for pair in data["model"]["merges"]]
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
        "pad_id": 5,
        "pad_type_id": 0,
        "pad_token": "!",
    }
    (folder / "clip.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return tokenizer


def main(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    tokenizers = {"t5": t5(folder), "clip": clip(folder)}
    cases = []
    for text in PROMPTS:
        for lengths in LENGTHS:
            case = {"text": text}
            for (name, tokenizer), length in zip(tokenizers.items(), lengths):
                values = tokenizer(text, padding="max_length", max_length=length, truncation=True)
                assert len(values.input_ids) == length
                case[name] = values.input_ids
            cases.append(case)
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (folder / "tokens.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


main(Path(sys.argv[1]))
