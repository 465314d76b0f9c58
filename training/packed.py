"""Reads the files of `sketch-dataset`: images without copying, labels as lines."""

import json
import struct

import numpy

HEADER = 64
MAGIC = b"FLUXSKT1"


class Packed:
    """A file: `images` is [count, height, width, 3] of bytes, `lines` has the labels."""

    def __init__(self, path):
        with open(path, "rb") as file:
            header = file.read(HEADER)
            if len(header) < HEADER or header[:8] != MAGIC:
                raise ValueError(f"{path}: not a file of sketch-dataset: starts with {header[:8]!r}, expected {MAGIC!r}")
            width, height, count, labels_at = struct.unpack_from("<IIQQ", header, 8)
            expected = HEADER + count * height * width * 3
            if labels_at != expected:
                raise ValueError(
                    f"{path}: labels at {labels_at}, but {count} images of {width}x{height} end at {expected}"
                )
            file.seek(labels_at)
            self.lines = file.read().splitlines()
        if len(self.lines) != count:
            raise ValueError(f"{path}: {len(self.lines)} labels for {count} images")
        self.images = numpy.memmap(path, "uint8", "r", HEADER, (count, height, width, 3))

    def label(self, index):
        """The label of an image: {"seed", "en", "ru", "scene", "placed"}."""
        return json.loads(self.lines[index])
