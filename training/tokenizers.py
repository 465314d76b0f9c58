"""Trains both tokenizers on captions, with T5's and CLIP's own tools.

T5: a SentencePiece unigram model (`nmt_nfkc_cf`: compatibility forms and case are folded). CLIP:
byte-level BPE of lowercase text.
"""

import io
import json
from pathlib import Path

import sentencepiece
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import CLIPTokenizer, T5TokenizerFast

from . import loop
from .data import Rounds
from .models import CLIP_LENGTH


def captions(preset, folder):
    """The captions for training, in both languages."""
    rounds = Rounds(folder, preset.roles["tokenizers"], 64, preset.tokenizer_captions)
    packed = rounds.finish(0, rounds.begin(0))
    labels, indices = rounds.select(packed)
    rounds.path(0).unlink()
    for index in indices:
        yield labels[index]["en"]
        yield labels[index]["ru"]


def train_t5(texts, size):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=model,
        model_type="unigram",
        vocab_size=size,
        normalization_rule_name="nmt_nfkc_cf",
        character_coverage=1.0,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        num_threads=1,
        minloglevel=2,
    )
    return model.getvalue()


def save_t5(folder, model, length):
    """Saved as `spiece.model` and as transformers' `tokenizer.json`."""
    folder.mkdir(parents=True)
    (folder / "spiece.model").write_bytes(model)
    tokenizer = T5TokenizerFast.from_pretrained(folder, extra_ids=0, model_max_length=length)
    tokenizer.save_pretrained(folder)
    path = folder / "tokenizer_config.json"
    config = json.loads(path.read_text())
    for key in ("is_local", "local_files_only"):  # how it was loaded, not part of the tokenizer
        config.pop(key, None)
    path.write_text(json.dumps(config, indent=2) + "\n")


def save_clip(folder, texts, size):
    """CLIPTokenizer's normaliser and pre-tokenizer, and merges trained with them."""
    pattern = CLIPTokenizer()._tokenizer
    bpe = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    bpe.normalizer, bpe.pre_tokenizer = pattern.normalizer, pattern.pre_tokenizer
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=size - 2, initial_alphabet=alphabet, end_of_word_suffix="</w>", show_progress=False
    )
    bpe.train_from_iterator(texts, trainer)
    bpe_model = json.loads(bpe.to_str())["model"]
    # A word may end in any byte, so the final form of each byte precedes the merges.
    merges = [tuple(merge) for merge in bpe_model["merges"]]
    base = alphabet + [f"{byte}</w>" for byte in alphabet]
    merges = merges[: size - 2 - len(base)]
    vocabulary = base + ["".join(merge) for merge in merges]
    vocabulary = list(dict.fromkeys(vocabulary))
    vocabulary += [f"<unused{number}>" for number in range(size - 2 - len(vocabulary))]
    vocabulary += ["<|startoftext|>", "<|endoftext|>"]
    ids = {token: number for number, token in enumerate(vocabulary)}
    tokenizer = CLIPTokenizer(vocab=ids, merges=merges, model_max_length=CLIP_LENGTH)
    tokenizer.save_pretrained(folder)
    (folder / "vocab.json").write_text(json.dumps(ids, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))


class TextTokenizer:
    """Both tokenizers for training, read from the exported files."""

    def __init__(self, folder, length):
        self.t5 = Tokenizer.from_file(str(folder / "tokenizer_2/tokenizer.json"))
        self.clip = Tokenizer.from_file(str(folder / "tokenizer/tokenizer.json"))
        self.t5.enable_truncation(length)
        self.t5.enable_padding(pad_id=0, pad_token="<pad>", length=length)
        self.clip.enable_truncation(CLIP_LENGTH)
        self.clip.enable_padding(pad_id=self.clip.token_to_id("<|endoftext|>"), pad_token="<|endoftext|>")

    def __call__(self, texts):
        """Token ids [n, length]. CLIP's are padded to the longest of the batch, because its attention is causal."""
        both = {"t5": self.t5, "clip": self.clip}
        return {name: torch.tensor([text.ids for text in one.encode_batch(list(texts))]) for name, one in both.items()}


def check_tokenizers(folder, tokenizer, texts):
    """Fails unless transformers and SentencePiece read the files like training does."""
    t5, clip = (
        T5TokenizerFast.from_pretrained(folder / "tokenizer_2"),
        CLIPTokenizer.from_pretrained(folder / "tokenizer"),
    )
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer_2/spiece.model"))
    ours = tokenizer(texts)
    theirs = {
        "t5": t5(texts, padding="max_length", truncation=True, return_tensors="pt").input_ids,
        "clip": clip(texts, padding="longest", truncation=True, return_tensors="pt").input_ids,
    }
    for name, ids in theirs.items():
        if not torch.equal(ours[name], ids):
            raise SystemExit(f"tokenizers: {name}'s files are read differently by transformers")
    for text, row in zip(texts, ours["t5"].tolist(), strict=True):
        if ([*pieces.encode(text), 1] + [0] * len(row))[: len(row)] != row and row[-1] == 0:
            raise SystemExit(f"tokenizers: {text!r} has different pieces in spiece.model")


def main():
    options = loop.arguments(__doc__)
    preset, folder = options.preset, options.out / "tokenizers"
    if folder.exists():
        return print("tokenizers: done already")
    texts = list(captions(preset, options.out / "images"))
    new = Path(f"{folder}.new")
    loop.remove(new)
    save_t5(new / "tokenizer_2", train_t5(texts, preset.t5_vocabulary), preset.text_length)
    save_clip(new / "tokenizer", texts, preset.clip_vocabulary)
    tokenizer = TextTokenizer(new, preset.text_length)
    check_tokenizers(new, tokenizer, [*texts[:500], "", "  A RED Cat\n½ of it, 漢字"])
    new.rename(folder)
    tokenizer.t5.no_truncation()
    lengths = sorted(sum(text.attention_mask) for text in tokenizer.t5.encode_batch(texts[:20_000]))
    longer = sum(length > preset.text_length for length in lengths) / len(lengths)
    print(f"tokenizers: T5 tokens per caption: median {lengths[len(lengths) // 2]}, longest {lengths[-1]},", end=" ")
    print(f"{longer:.3%} over {preset.text_length}")


if __name__ == "__main__":
    main()
