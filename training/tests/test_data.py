"""The held-out rule, the packed files, and the order of the images."""

import json
import struct
import tempfile
import unittest
from pathlib import Path

import numpy

from training.data import Batch, Rounds, prefetch
from training.heldout import combinations, is_held_out, is_unseen
from training.packed import Packed

CAT = {"kind": "cat", "count": 2, "paint": {"color": "red", "shade": "dark"}, "worn": [{"item": "hat"}]}
BOX = {"kind": "box", "count": 1}
#: Of five kinds in twelve colours.
UNSEEN = ["tree pink", "house green"]
SCENE = {"subjects": [CAT, BOX], "relations": [{"subject": 0, "place": "on", "object": 1}]}


class HeldOutRule(unittest.TestCase):
    def test_combinations_of_a_scene(self):
        self.assertEqual(
            list(combinations(SCENE)), ["paint cat red", "count cat 2", "worn cat hat", "place cat on box"]
        )

    def test_between_includes_both_neighbours(self):
        scene = {
            "subjects": [BOX, CAT, {"kind": "sun", "count": 1}],
            "relations": [{"subject": 0, "place": "between", "object": 1, "other": 2}],
        }
        self.assertIn("place box between cat", combinations(scene))
        self.assertIn("place box between sun", combinations(scene))

    def test_the_rule_is_stable(self):
        """A model trained with another rule cannot be evaluated with this one."""
        kinds = ["cat", "dog", "tree", "house", "boat"]
        colours = [
            "red",
            "orange",
            "yellow",
            "green",
            "turquoise",
            "blue",
            "purple",
            "pink",
            "brown",
            "black",
            "white",
            "grey",
        ]
        unseen = [f"{kind} {colour}" for kind in kinds for colour in colours if is_unseen(f"paint {kind} {colour}")]
        self.assertEqual(unseen, UNSEEN)

    def test_about_one_in_sixteen_is_held_out(self):
        share = sum(is_unseen(f"paint {number} red") for number in range(16_000)) / 16_000
        self.assertAlmostEqual(share, 1 / 16, delta=0.01)

    def test_one_held_out_combination_holds_out_the_scene(self):
        kind, colour = UNSEEN[0].split()
        painted = {"kind": kind, "count": 1, "paint": {"color": colour, "shade": "plain"}}
        self.assertTrue(is_held_out({"subjects": [BOX, painted]}))
        self.assertFalse(is_held_out({"subjects": [BOX]}))


def pack(path, images, lines, labels_at=None):
    count, height, width, _ = images.shape
    end = 64 + images.size
    header = (
        b"FLUXSKT1" + struct.pack("<IIQQ", width, height, count, end if labels_at is None else labels_at) + bytes(32)
    )
    path.write_bytes(header + images.tobytes() + b"".join(line + b"\n" for line in lines))


class PackedFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "some.skt"
        self.images = numpy.arange(2 * 3 * 4 * 3, dtype="uint8").reshape(2, 3, 4, 3)
        self.lines = [json.dumps({"en": text}).encode() for text in ("one", "two")]

    def test_images_and_labels_are_read(self):
        pack(self.path, self.images, self.lines)
        packed = Packed(self.path)
        self.assertTrue((packed.images == self.images).all())
        self.assertEqual([packed.label(0)["en"], packed.label(1)["en"]], ["one", "two"])

    def test_another_file_is_rejected(self):
        self.path.write_bytes(b"\x89PNG" + bytes(100))
        with self.assertRaisesRegex(ValueError, "not a file of sketch-dataset"):
            Packed(self.path)

    def test_misplaced_labels_are_rejected(self):
        pack(self.path, self.images, self.lines, labels_at=70)
        with self.assertRaisesRegex(ValueError, "labels at 70"):
            Packed(self.path)

    def test_a_truncated_file_is_rejected(self):
        pack(self.path, self.images, self.lines[:1])
        with self.assertRaisesRegex(ValueError, "1 labels for 2 images"):
            Packed(self.path)


class GeneratedImages(unittest.TestCase):
    """With the real `sketch-dataset`."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def take(self, rounds, count, cursor=None):
        source = rounds.batches(16, cursor)
        taken = [next(source) for _ in range(count)]
        source.close()
        return taken

    def test_training_has_no_held_out_scenes_and_evaluation_only_those(self):
        for held_out in (False, True):
            batch = self.take(Rounds(self.folder, 90, 64, 256, held_out=held_out, threads=1), 1)[0]
            self.assertEqual({is_held_out(label["scene"]) for label in batch.labels}, {held_out})

    def test_a_cursor_resumes_across_passes_and_rounds(self):
        rounds = Rounds(self.folder, 91, 64, 64, passes=2, threads=1)
        uninterrupted = self.take(rounds, 9)
        self.assertGreater(uninterrupted[-1].cursor["round"], 0)
        for number in (0, 3, 7):
            resumed = self.take(rounds, 1, uninterrupted[number].cursor)[0]
            self.assertTrue((resumed.images == uninterrupted[number + 1].images).all())
            self.assertEqual(resumed.labels, uninterrupted[number + 1].labels)

    def test_labels_match_their_images(self):
        batch = self.take(Rounds(self.folder, 92, 64, 64, threads=1), 1)[0]
        packed = Packed(self.folder / "92-0-64-64.skt")
        seeds = [packed.label(index)["seed"] for index in range(64)]
        for image, label in zip(batch.images, batch.labels, strict=True):
            self.assertTrue((packed.images[seeds.index(label["seed"])] == image).all())

    def test_errors_of_the_thread_are_raised(self):
        def batches():
            yield Batch(None, [], {})

        def fail(batch):
            raise ValueError("no such caption")

        with self.assertRaisesRegex(ValueError, "no such caption"):
            next(prefetch(batches(), fail))


if __name__ == "__main__":
    unittest.main()
