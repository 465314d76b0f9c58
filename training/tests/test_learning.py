"""Checkpoints, resuming, the optimiser, and the arithmetic of flow and guidance."""

import argparse
import contextlib
import io
import json
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

import torch

from training import checkpoint, distill, flow, loop, models, transfer
from training.config import TINY, Stage
from training.data import Rounds
from training.optimiser import Optimiser, orthogonal


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)


class Checkpoints(Folder):
    def test_large_groups_are_split_and_read_again(self):
        tensors = {f"{number}": torch.randn(1 << 20) for number in range(9)}  # 36 MiB
        checkpoint.save(self.folder / "checkpoint", {"weights": tensors}, {"step": 7})
        sizes = [path.stat().st_size for path in (self.folder / "checkpoint").glob("*.safetensors")]
        self.assertEqual(len(sizes), 3)
        self.assertLessEqual(max(sizes), 16 << 20)
        back = checkpoint.load(self.folder / "checkpoint", "weights")
        self.assertTrue(all(torch.equal(back[name], value) for name, value in tensors.items()))
        self.assertEqual(checkpoint.manifest(self.folder / "checkpoint")["step"], 7)

    def test_an_interrupted_save_keeps_the_previous_checkpoint(self):
        checkpoint.save(self.folder / "checkpoint", {"weights": {"a": torch.ones(1)}}, {"step": 1})
        (self.folder / "checkpoint").rename(self.folder / "checkpoint.old")
        (self.folder / "checkpoint.new").mkdir()
        self.assertEqual(checkpoint.manifest(self.folder / "checkpoint")["step"], 1)


class Resuming(Folder):
    """A few training steps of a tiny model, with images from the real `sketch-dataset`."""

    def train(self, out, stop):
        """Trains up to step `stop`, as if the time were up."""
        stage = Stage(steps=6, batch=8, rate=1e-2, matrix_rate=1e-2, warmup=2, round=64)
        preset = replace(TINY, flow_stage=stage)
        options = argparse.Namespace(preset=preset, out=self.folder / out, device="cpu", bf16=False, minutes=1e9)
        torch.manual_seed(1)
        net = torch.nn.Sequential(torch.nn.Linear(192, 16), torch.nn.Tanh(), torch.nn.Linear(16, 192))
        rounds = Rounds(options.out / "images", 93, 64, 64, threads=1)

        def loss(step, images):
            options.minutes = 1e9 if step + 1 < stop else 0
            x = models.to_range(images[:, ::8, ::8], "cpu").flatten(1)
            noise = torch.randn(x.shape, generator=loop.generator(options, 9, step))
            return (net(x + noise) - x).square().mean()

        def images(batch):
            return batch.images

        with contextlib.redirect_stdout(io.StringIO()):
            loop.train(
                options,
                "flow",
                torch.nn.ModuleDict({"net": net}),
                rounds,
                images,
                loss,
                lambda name: "weight" in name,
            )
        return options.out / "flow"

    def test_a_resumed_run_equals_an_uninterrupted_one(self):
        uninterrupted = self.train("uninterrupted", 6)
        for stop in (2, 3, 6):
            parts = self.train("parts", stop)
        for group in ("weights", "average", "optimiser"):
            one, other = checkpoint.load(uninterrupted / "checkpoint", group), checkpoint.load(parts / "checkpoint", group)
            self.assertEqual(set(one), set(other))
            for name, value in one.items():
                self.assertTrue(torch.equal(value, other[name]), f"{group} {name}")
        losses = [
            [json.loads(line)["loss"] for line in (run / "log.jsonl").read_text().splitlines()]
            for run in (uninterrupted, parts)
        ]
        self.assertEqual(losses[0], losses[1])
        self.assertEqual(len(losses[0]), 6)

    def test_an_unpacked_run_resumes_at_its_step(self):
        run = self.train("source", 3).parent
        with contextlib.redirect_stdout(io.StringIO()):
            transfer.pack(run, self.folder / "packed")
            transfer.unpack(self.folder / "packed", self.folder / "target")
        metadata = checkpoint.manifest(self.folder / "target/flow/checkpoint")
        self.assertEqual((metadata["step"], list(metadata["groups"])), (3, ["average"]))
        self.train("target", 6)
        self.assertEqual(checkpoint.manifest(self.folder / "target/flow/checkpoint")["step"], 6)


class Arithmetic(unittest.TestCase):
    def test_newton_schulz_makes_rows_nearly_orthonormal_for_any_shape(self):
        torch.manual_seed(0)
        for shape in ((2, 8, 32), (2, 32, 8)):
            values = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
            self.assertLess((values - 1).abs().max(), 0.5)

    def test_adamw_matches_torch(self):
        torch.manual_seed(0)
        ours, theirs = (torch.nn.Parameter(torch.ones(5)) for _ in range(2))
        stage = Stage(steps=9, batch=1, rate=0.01, weight_decay=0.1)
        optimiser = Optimiser([("weight", ours)], stage)
        reference = torch.optim.AdamW([theirs], lr=0.01, betas=(0.9, 0.98), weight_decay=0.1)
        for step in range(4):
            gradient = torch.randn(5) * 0.1
            ours.grad, theirs.grad = gradient.clone(), gradient.clone()
            optimiser.step(step, 1.0)
            reference.step()
        self.assertLess((ours - theirs).abs().max(), 1e-6)

    def test_one_euler_step_along_the_true_velocity_gives_the_clean_image(self):
        options = argparse.Namespace(preset=TINY, device="cpu")
        clean = torch.randn(4, 16, 32)
        sigma, noise, mixture = flow.add_noise(options, 2, 5, clean)
        self.assertLess((mixture - sigma[:, None, None] * (noise - clean) - clean).abs().max(), 1e-5)

    def test_guidance_of_one_and_low_noise_do_not_change_the_teacher(self):
        caption, none = torch.full((3, 1, 1), 2.0), torch.full((3, 1, 1), 1.0)
        sigma, weight = torch.tensor([0.9, 0.9, 0.1]), torch.tensor([1.0, 3.0, 3.0])
        self.assertEqual(distill.guided(TINY, sigma, weight, caption, none).flatten().tolist(), [2.0, 4.0, 2.0])

    def test_an_untrained_transformer_predicts_zero_and_a_trained_one_uses_every_input(self):
        torch.manual_seed(0)
        model, noisy = models.transformer(TINY), torch.randn(1, 16, 32)
        text, pooled = torch.randn(1, 64, 96), torch.randn(1, 64)
        one = torch.ones(1)
        with torch.no_grad():
            self.assertEqual(models.velocity(model, noisy, one, text, pooled, one).abs().max(), 0)
            for weight in model.parameters():
                weight.add_(torch.randn_like(weight) * 0.1)
            base = models.velocity(model, noisy, one, text, pooled, one)
            changed = [
                (one * 0.5, text, pooled, one),
                (one, text + 1, pooled, one),
                (one, text, pooled + 1, one),
                (one, text, pooled, one * 3),
            ]
            for inputs in changed:
                self.assertGreater((models.velocity(model, noisy, *inputs) - base).abs().max(), 1e-4)


if __name__ == "__main__":
    unittest.main()
