"""Reads the files of `sketch-dataset`: pictures without a copy, labels as lines."""

import json
import struct

import numpy

HEADER = 64
MAGIC = b"FLUXSKT1"


class Packed:
    """One file: `pictures` is [count, height, width, 3] of bytes, `lines` a label each."""

    def __init__(self, path):
        with open(path, "rb") as file:
            header = file.read(HEADER)
            if len(header) < HEADER or header[:8] != MAGIC:
                raise ValueError(f"{path}: begins with {header[:8]!r}, not {MAGIC!r}: no file of sketch-dataset")
            width, height, count, labels_at = struct.unpack_from("<IIQQ", header, 8)
            wanted = HEADER + count * height * width * 3
            if labels_at != wanted:
                raise ValueError(
                    f"{path}: labels at {labels_at}, but {count} pictures of {width}x{height} end at {wanted}"
                )
            file.seek(labels_at)
            self.lines = file.read().splitlines()
        if len(self.lines) != count:
            raise ValueError(f"{path}: {len(self.lines)} labels for {count} pictures")
        self.pictures = numpy.memmap(path, "uint8", "r", HEADER, (count, height, width, 3))

    def label(self, index):
        """{"seed", "en", "ru", "scene", "placed"} of one picture."""
        return json.loads(self.lines[index])
