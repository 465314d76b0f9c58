"""The judge: a small network that describes an image, trained on its own generated images.

Like CenterNet (https://arxiv.org/abs/1904.07850) it predicts a heat map of object centres for each kind,
and the objects' boxes. The features at the centres give the count and colour of a kind, and the relation
of two objects. `sketch-dataset` reports positions, so all outputs are supervised. The judge is trained on
all combinations, including those held out from the model, so that it is not biased against them.
"""

import torch
from torch import nn
from torch.nn import functional

from . import checkpoint, loop, models
from .data import Rounds
from .questions import COLOURS, MAX_COUNT, PLACES, Questions, Tally

#: Cells on a side of the map.
GRID = 16
#: The target for a centre is a Gaussian with this standard deviation, in cells. Its sum does not depend
#: on the position within a cell, so the sum of a map is a count.
SIGMA = 0.7
GAUSSIAN_SUM = 2 * torch.pi * SIGMA**2
TEST_IMAGES = 4096


class Block(nn.Module):
    """A residual block, initially the identity."""

    def __init__(self, width):
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.first, self.second = nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, x):
        return x + self.second(functional.relu(self.first(functional.relu(self.norm(x)))))


class Trunk(nn.Module):
    """Images to features of the map's size, with context from a map of half the size."""

    def __init__(self, width, side):
        super().__init__()
        halvings = (side // GRID).bit_length() - 1
        layers, channels = [nn.Conv2d(3, width // 2, 4, stride=2, padding=1), Block(width // 2)], width // 2
        for _ in range(halvings - 1):
            layers += [nn.Conv2d(channels, width, 3, stride=2, padding=1), Block(width)]
            channels = width
        self.near = nn.Sequential(*layers, Block(width))
        self.far = nn.Sequential(
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),
            Block(2 * width),
            Block(2 * width),
            nn.Conv2d(2 * width, width, 1),
            nn.Upsample(scale_factor=2),
        )
        self.both = nn.Sequential(Block(width), nn.GroupNorm(8, width), nn.ReLU())

    def forward(self, images):
        near = self.near(images)
        return self.both(near + self.far(near))


class Judge(nn.Module):
    def __init__(self, kinds, width, side):
        super().__init__()
        self.kinds = kinds
        self.trunk = Trunk(width, side)
        self.heatmap, self.box_offsets = nn.Conv2d(width, len(kinds), 1), nn.Conv2d(width, 4, 1)
        nn.init.constant_(self.heatmap.bias, -5.0)
        self.presence_affine = nn.Parameter(torch.tensor([1.0, 0.0]))
        pooled = 2 * width + 8
        self.count = nn.Sequential(nn.Linear(pooled, 2 * width), nn.ReLU(), nn.Linear(2 * width, MAX_COUNT))
        self.colour = nn.Sequential(nn.Linear(pooled, 2 * width), nn.ReLU(), nn.Linear(2 * width, len(COLOURS)))
        self.pair = nn.Sequential(nn.Linear(2 * pooled, 2 * width), nn.ReLU(), nn.Linear(2 * width, len(PLACES)))

    def forward(self, images):
        """Predictions for each cell from images of -1 to 1: features [n, width, cells], logits of the centres
        of each kind [n, kinds, cells], and the left, top, right and bottom, 0 to 1, of the object centred
        there [n, 4, cells]."""
        features = self.trunk(images)
        heatmap = self.heatmap(features).float().flatten(2)
        box_offsets = self.box_offsets(features).float().flatten(2)
        lines = (torch.arange(GRID, device=box_offsets.device) + 0.5) / GRID
        y, x = (one.flatten() for one in torch.meshgrid(lines, lines, indexing="ij"))
        return features.float().flatten(2), heatmap, torch.stack([x, y, x, y]) + box_offsets

    def presence(self, outputs):
        """The logit of the presence of each kind: [n, kinds]."""
        return self.presence_affine[0] * outputs[1].amax(-1) + self.presence_affine[1]

    def pooled(self, outputs, image, kind):
        """The features of a kind in an image, a row for each pair: [pairs, 2 width + 8]."""
        features, heatmap, boxes = outputs
        logits = heatmap[image, kind]
        share, amount = logits.softmax(-1)[:, None], logits.sigmoid()[:, None]
        features, boxes = features[image], boxes[image]
        mean, total = (features * share).sum(-1), (features * amount).sum(-1) / GAUSSIAN_SUM
        middle = (boxes * share).sum(-1)
        spread = ((boxes[:, :2] - middle[:, :2, None]).square() * share).sum(-1).add(1e-6).sqrt()
        count, peak = amount.sum(-1) / GAUSSIAN_SUM, logits.amax(-1)[:, None] / 4
        return torch.cat([mean, total, middle, spread, count, peak], dim=-1)


class Targets:
    """The positions in a batch: `heatmap` [n, kinds, cells] of 0 to 1; for each thing its image, its kind, the
    cell of its centre, and its `boxes` [things, 4] of 0 to 1."""

    def __init__(self, labels, kinds, side):
        number = {kind: index for index, kind in enumerate(kinds)}
        rows = [
            (image, number[label["scene"]["subjects"][subject]["kind"]], *boxes)
            for image, label in enumerate(labels)
            for subject, *boxes in label["placed"]
        ]
        table = torch.tensor(rows, dtype=torch.float32)
        self.image, self.kind = table[:, 0].long(), table[:, 1].long()
        self.boxes = table[:, 2:] / side
        at = (self.boxes[:, :2] + self.boxes[:, 2:]) / 2 * GRID - 0.5
        axis_gaussians = torch.exp(-(torch.arange(GRID) - at[:, :, None]).square() / (2 * SIGMA**2))
        gaussian = (axis_gaussians[:, 1, :, None] * axis_gaussians[:, 0, None, :]).flatten(1)
        self.heatmap = torch.zeros(len(labels), len(kinds), GRID * GRID)
        self.heatmap.index_put_((self.image, self.kind), gaussian, accumulate=True).clamp_(max=1)
        x, y = at.round().long().clamp(0, GRID - 1).T
        self.cell = y * GRID + x

    def to(self, device):
        for name, value in vars(self).items():
            setattr(self, name, value.to(device))
        return self


def position_losses(heatmap, boxes, targets, worn):
    """The losses of the heat map (quality focal loss, https://arxiv.org/abs/2006.04388), of the
    classification of the kind at each centre, which speeds up learning the kinds, and of the boxes."""
    weight = (targets.heatmap - heatmap.sigmoid()).square()
    loss_per_cell = weight * functional.binary_cross_entropy_with_logits(heatmap, targets.heatmap, reduction="none")
    heatmap_loss = (loss_per_cell.sum(-1) * ~worn).sum() / len(targets.cell)
    box_loss = (boxes[targets.image, :, targets.cell] - targets.boxes).abs().sum(-1).mean()
    kind_loss = functional.cross_entropy(heatmap[targets.image, :, targets.cell], targets.kind)
    return {"heatmap": heatmap_loss, "kinds": kind_loss, "boxes": box_loss}


def batch_loss(judge, outputs, questions, targets):
    """The loss of a batch, and its terms."""
    image, kind, count, colour = questions.things
    features, heatmap, boxes = outputs
    # The map is trained only on positions.
    outputs = (features, heatmap.detach(), boxes)
    # Colours and relations are also trained at the true positions, which helps early in training.
    true_outputs = (features, targets.heatmap.clamp(1e-4, 1 - 1e-4).logit(), boxes)
    presence = judge.presence(outputs)
    pooled, pooled_at_truth = judge.pooled(outputs, image, kind), judge.pooled(true_outputs, image, kind)
    sign = questions.absent.float() - questions.present.float()
    probabilities = torch.cat([questions.probabilities(judge, rows) for rows in (pooled, pooled_at_truth)])
    parts = {
        **position_losses(heatmap, boxes, targets, questions.worn),
        "things": (functional.softplus(sign * presence) * sign.abs()).sum() / len(presence),
        "counts": functional.cross_entropy(judge.count(pooled), count),
        "colours": functional.cross_entropy(
            judge.colour(torch.cat([pooled, pooled_at_truth])), colour.repeat(2), ignore_index=-1
        ),
        "relations": -probabilities.clamp(min=1e-4).log().mean() if len(probabilities) else presence.new_zeros(()),
    }
    return sum(parts.values()), {name: part.detach() for name, part in parts.items()}


def augment(images, rng):
    """Adds noise and blur, so that the judge does not rely on exact edges."""
    device = images.device
    count = (images.size(0), 1, 1, 1)
    blur = torch.rand(count, generator=rng, device=device).square()
    soft = functional.avg_pool2d(functional.pad(images, (1, 1, 1, 1), mode="replicate"), 3, 1)
    noise = torch.randn(images.shape, generator=rng, device=device)
    return images.lerp(soft, blur) + noise * 0.08 * torch.rand(count, generator=rng, device=device)


def is_matrix(name):
    """Selects the parameters for Muon: all convolutions except the first."""
    return name.startswith("judge.trunk.") and "near.0." not in name


def load(options):
    metadata = checkpoint.manifest(options.out / "judge/checkpoint")
    if metadata is None:
        raise SystemExit("there is no judge; run `python -m training.judge` first")
    judge = Judge(metadata["kinds"], options.preset.judge_width, options.preset.side)
    loop.load_trained(options, "judge", nn.ModuleDict({"judge": judge}))
    return judge.to(options.device)


def main():
    options = loop.arguments(__doc__)
    preset, stage = options.preset, options.preset.judge_stage
    role, folder = preset.roles["judge"], options.out / "images"
    rounds = Rounds(folder, role, preset.side, stage.round, stage.passes, None, options.threads)
    test = Rounds(folder, role + 100, preset.side, TEST_IMAGES, held_out=None, threads=options.threads)
    packed = test.finish(0, test.begin(0))
    kinds = sorted(
        {subject["kind"] for line in range(len(packed.lines)) for subject in packed.label(line)["scene"]["subjects"]}
    )
    torch.manual_seed(preset.seed + 2)
    judge = Judge(kinds, preset.judge_width, preset.side).to(options.device, memory_format=torch.channels_last)
    if options.compile:
        judge.trunk.compile()

    def prepare(batch):
        scenes = [label["scene"] for label in batch.labels]
        return batch.images, scenes, Targets(batch.labels, kinds, preset.side)

    def loss(step, prepared):
        images, scenes, targets = prepared
        augmented = augment(models.to_range(images, options.device), loop.generator(options, 5, step))
        outputs = judge(augmented.contiguous(memory_format=torch.channels_last))
        with torch.autocast(options.device, enabled=False):
            return batch_loss(judge, outputs, Questions(scenes, kinds, options.device), targets.to(options.device))

    loop.train(
        options, "judge", nn.ModuleDict({"judge": judge}), rounds, prepare, loss, is_matrix, metadata={"kinds": kinds}
    )
    tally = Tally()
    for at in range(0, TEST_IMAGES, 64):
        images = models.to_range(packed.images[at : at + 64], options.device)
        with loop.autocast(options):
            tally.batch(judge, images, [packed.label(line)["scene"] for line in range(at, at + 64)])
    figures = tally.figures()
    checkpoint.annotate(options.out / "judge/checkpoint", {"accuracy": figures})
    print(f"judge: on {TEST_IMAGES} unseen generated images: {figures}")


if __name__ == "__main__":
    main()
