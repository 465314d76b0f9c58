"""The targets and questions of the judge, and a test that it learns."""

import argparse
import tempfile
import unittest
from pathlib import Path

import torch

from training import judge, models
from training.config import TINY, Stage
from training.data import Rounds
from training.optimiser import Optimiser
from training.questions import PLACES, Questions, Tally

KINDS = ["box", "cat", "hat", "sun"]
CATS = {"kind": "cat", "count": 2, "paint": {"color": "red", "shade": "dark"}, "worn": [{"item": "hat"}]}
BOX, SUN = {"kind": "box", "count": 1}, {"kind": "sun", "count": 1}
LABEL = {
    "scene": {"subjects": [BOX, CATS], "relations": [{"subject": 1, "place": "left_of", "object": 0}]},
    "placed": [[0, 40.0, 20.0, 60.0, 40.0], [1, 8.3, 20.0, 14.0, 31.7], [1, 24.0, 28.1, 32.9, 36.0]],
}


class QuestionTests(unittest.TestCase):
    def test_things_have_counts_and_colours_and_relations_have_rows(self):
        questions = Questions([{"subjects": [SUN]}, LABEL["scene"]], KINDS)
        self.assertEqual(questions.things.T.tolist(), [[0, 3, 0, -1], [1, 0, 0, -1], [1, 1, 1, 0]])
        self.assertEqual((questions.ends.T.tolist(), questions.places), ([[1, 2, 1, -1]], ["left_of"]))

    def test_a_worn_hat_is_neither_present_nor_absent(self):
        questions = Questions([LABEL["scene"]], KINDS)
        self.assertEqual(questions.present[0].tolist(), [True, True, False, False])
        self.assertEqual(questions.absent[0].tolist(), [False, False, False, True])

    def test_between_needs_a_neighbour_on_each_side(self):
        scene = {
            "subjects": [CATS, BOX, SUN],
            "relations": [{"subject": 0, "place": "between", "object": 1, "other": 2}],
        }

        def at(*centres):
            """The probability of a relation between things represented by their horizontal position."""

            def pair(both):
                side = torch.zeros(len(both), len(PLACES))
                side[:, 0], side[:, 1] = 20 * (both[:, 1] - both[:, 0]), 20 * (both[:, 0] - both[:, 1])
                return side

            pooled = torch.tensor(centres)[:, None]
            return Questions([scene], KINDS).probabilities(argparse.Namespace(pair=pair), pooled).item()

        self.assertGreater(at(0.0, -1.0, 1.0), 0.99)
        self.assertGreater(at(0.0, 1.0, -1.0), 0.99)
        self.assertLess(at(0.0, 1.0, 2.0), 0.01)

    def test_a_scene_without_relations_has_no_probabilities(self):
        self.assertEqual(Questions([{"subjects": [SUN]}], KINDS).probabilities(None, torch.zeros(1, 4)).shape, (0,))


class TargetTests(unittest.TestCase):
    def setUp(self):
        self.targets = judge.Targets([LABEL], KINDS, 64)

    def test_the_sum_of_a_map_is_a_count_at_any_position(self):
        counts = self.targets.heatmap.sum(-1) / judge.GAUSSIAN_SUM
        self.assertLess((counts - torch.tensor([[1.0, 2.0, 0.0, 0.0]])).abs().max(), 0.02)

    def test_a_centre_is_in_its_cell(self):
        self.assertEqual(self.targets.cell.tolist(), [7 * 16 + 12, 6 * 16 + 2, 8 * 16 + 7])

    def test_boxes_are_found_for_perfect_predictions(self):
        outputs = (torch.zeros(1, 16, 256), self.targets.heatmap.clamp(1e-6, 1 - 1e-6).logit(), torch.zeros(1, 4, 256))
        for cell in range(256):  # every cell predicts the thing with the nearest centre
            at = torch.tensor([cell % 16 + 0.5, cell // 16 + 0.5]) / 16
            distance = (self.targets.boxes.unflatten(1, (2, 2)).mean(1) - at).norm(dim=1)
            outputs[2][0, :, cell] = self.targets.boxes[distance.argmin()]
        model = judge.Judge(KINDS, 16, 64)
        box, cats = model.pooled(outputs, torch.tensor([0, 0]), torch.tensor([0, 1]))
        self.assertAlmostEqual(box[-2].item(), 1, delta=0.02)
        self.assertAlmostEqual(cats[-2].item(), 2, delta=0.02)
        self.assertLess((box[32:36] * 64 - torch.tensor([40.0, 20.0, 60.0, 40.0])).abs().max(), 0.5)

    def test_worn_items_are_not_trained_as_absent(self):
        heatmap = torch.full((1, 4, 256), -9.0)
        heatmap[0, 2, 5] = 9.0
        boxes, none = torch.zeros(1, 4, 256), torch.zeros(1, 4, dtype=torch.bool)
        worn = Questions([LABEL["scene"]], KINDS).worn
        including_worn = judge.position_losses(heatmap, boxes, self.targets, none)["heatmap"]
        excluding_worn = judge.position_losses(heatmap, boxes, self.targets, worn)["heatmap"]
        self.assertGreater(including_worn - excluding_worn, 1)


class JudgeTraining(unittest.TestCase):
    def test_the_judge_overfits_a_few_images(self):
        threads = torch.get_num_threads()
        self.addCleanup(torch.set_num_threads, threads)
        torch.set_num_threads(1)  # two threads on shared cores would wait for each other
        torch.manual_seed(0)
        with tempfile.TemporaryDirectory() as folder:
            rounds = Rounds(Path(folder), 94, 64, 16, held_out=None, threads=1)
            source = rounds.batches(16)
            batch = next(source)
            source.close()
        scenes = [label["scene"] for label in batch.labels]
        kinds = sorted({subject["kind"] for scene in scenes for subject in scene["subjects"]})
        model, images = judge.Judge(kinds, 32, 64), models.to_range(batch.images, "cpu")
        stage = Stage(steps=80, batch=16, rate=2e-3, matrix_rate=5e-3)
        optimiser = Optimiser(model.named_parameters(), stage, lambda name: judge.is_matrix(f"judge.{name}"))
        questions, targets = Questions(scenes, kinds), judge.Targets(batch.labels, kinds, TINY.side)
        for step in range(stage.steps):
            judge.batch_loss(model, model(images), questions, targets)[0].backward()
            optimiser.step(step, min(1.0, (stage.steps - step) / 30))
        tally = Tally()
        tally.batch(model, images, scenes)
        figures = tally.figures()
        for name in ("things", "colours", "counts"):
            self.assertGreater(figures[name], 0.8, figures)
        self.assertLess(figures["falsely detected"], 0.05)


if __name__ == "__main__":
    unittest.main()
