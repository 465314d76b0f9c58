"""The judge: a small network that says what is in a picture, learnt from drawn pictures of its own.

Each kind of thing asks the picture's features where it is (attention), and from what it finds says
whether it is there, how many, in which colour, and how two of them stand to each other. It learns
from every combination, those held out from the model too: it must not find unseen ones unlikely.
"""

import torch
from torch import nn
from torch.nn import functional

from . import checkpoint, loop, models
from .data import Rounds, prefetch

COLOURS = ["red", "orange", "yellow", "green", "turquoise", "blue", "purple", "pink", "brown", "black", "white", "grey"]
PLACES = ["left_of", "right_of", "above", "below", "on", "in", "in_front_of"]
MOST = 5
HEADS = 4
GRID = 16


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first, self.second = nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        self.norms = nn.ModuleList([nn.GroupNorm(8, width), nn.GroupNorm(8, width)])

    def forward(self, x):
        y = self.first(functional.silu(self.norms[0](x)))
        return x + self.second(functional.silu(self.norms[1](y)))


class Judge(nn.Module):
    def __init__(self, kinds, width, side):
        super().__init__()
        self.kinds = kinds
        channels, levels = width // 2, (side // GRID).bit_length() - 1
        layers = [nn.Conv2d(3, channels, 3, padding=1)]
        for _ in range(levels):
            layers += [nn.Conv2d(channels, width, 3, stride=2, padding=1), Block(width)]
            channels = width
        self.trunk = nn.Sequential(*layers, Block(width), nn.GroupNorm(8, width), nn.SiLU())
        self.place = nn.Parameter(torch.randn(1, width, GRID, GRID) * 0.02)
        self.keys, self.values = nn.Conv2d(width, width, 1), nn.Conv2d(width, width, 1)
        self.queries = nn.Parameter(torch.randn(len(kinds), width))
        self.floor = nn.Parameter(torch.full((len(kinds), HEADS), -3.0))
        found = 2 * width + 3 * HEADS
        self.there = nn.Parameter(torch.zeros(len(kinds), found))
        self.there_bias = nn.Parameter(torch.full((len(kinds),), -3.0))
        self.count = nn.Sequential(nn.Linear(found, 2 * width), nn.SiLU(), nn.Linear(2 * width, MOST))
        self.colour = nn.Sequential(nn.Linear(found, 2 * width), nn.SiLU(), nn.Linear(2 * width, len(COLOURS)))
        self.pair = nn.Sequential(nn.Linear(2 * found, 2 * width), nn.SiLU(), nn.Linear(2 * width, len(PLACES)))

    def forward(self, pictures):
        """Pictures of -1 to 1 to what each kind finds: [n, kinds, found]."""
        features = self.trunk(pictures)
        count, width = features.shape[:2]
        split = (count, HEADS, width // HEADS, GRID * GRID)
        keys = self.keys(features + self.place).reshape(split)
        values = self.values(features).reshape(split)
        queries = self.queries.reshape(-1, HEADS, width // HEADS)
        fit = torch.einsum("khd,nhdc->nhkc", queries, keys).float()
        share, amount = fit.softmax(-1), (fit + self.floor.T[None, :, :, None]).sigmoid()
        lines = torch.linspace(-1, 1, GRID, device=fit.device)
        centres = torch.stack(torch.meshgrid(lines, lines, indexing="ij")).reshape(2, -1)
        mean = torch.einsum("nhkc,nhdc->nkhd", share, values.float()).flatten(2)
        total = torch.einsum("nhkc,nhdc->nkhd", amount, values.float()).flatten(2) / GRID
        where = torch.einsum("nhkc,xc->nkhx", share, centres).flatten(2)
        return torch.cat([mean, total, where, fit.amax(-1).transpose(1, 2)], dim=-1)

    def presence(self, found):
        return (found * self.there).sum(-1) + self.there_bias


class Questions:
    """What the scenes of a batch ask, as indices into the pictures and the kinds."""

    def __init__(self, scenes, kinds, device="cpu"):
        number = {kind: index for index, kind in enumerate(kinds)}
        things, absent, relations = [], torch.ones(len(scenes), len(kinds), dtype=torch.bool), []
        for picture, scene in enumerate(scenes):
            subjects = scene["subjects"]
            for subject in subjects:
                paint = subject.get("paint")
                colour = COLOURS.index(paint["color"]) if paint else -1
                things.append((picture, number[subject["kind"]], subject["count"] - 1, colour))
                absent[picture, number[subject["kind"]]] = False
                for worn in subject.get("worn", ()):  # a hat that is worn is neither a thing nor none
                    if worn["item"] in number:
                        absent[picture, number[worn["item"]]] = False
            for relation in scene.get("relations", ()):
                ends = [number[subjects[end]["kind"]] for end in (relation["subject"], relation["object"])]
                other = relation.get("other")
                ends.append(number[subjects[other]["kind"]] if other is not None else -1)
                relations.append((picture, *ends, relation["place"]))
        self.things = torch.tensor(things, device=device).reshape(-1, 4).T
        self.absent = absent.to(device)
        self.ends = torch.tensor([row[:4] for row in relations], device=device, dtype=torch.long).reshape(-1, 4).T
        self.places = [row[4] for row in relations]

    def odds(self, judge, found):
        """The probability that each relation holds as it was asked."""
        picture, subject, thing, other = self.ends

        def pair(end):
            both = torch.cat([found[picture, subject], found[picture, end]], dim=-1)
            return judge.pair(both).float().softmax(-1)

        first, second = pair(thing), pair(other.clamp(min=0))
        beside, across = first[:, 0] + first[:, 1], first[:, 0] * second[:, 1] + first[:, 1] * second[:, 0]
        rows = [
            beside[row]
            if place == "next_to"
            else across[row]
            if place == "between"
            else first[row, PLACES.index(place)]
            for row, place in enumerate(self.places)
        ]
        return torch.stack(rows) if rows else first.new_zeros(0)


def mistakes(judge, found, questions):
    """The loss of one batch."""
    picture, kind, count, colour = questions.things
    presence = judge.presence(found)
    asked = found[picture, kind]
    loss = (
        functional.softplus(-presence[picture, kind]).mean()
        + functional.softplus(presence)[questions.absent].mean() * 4
    )
    loss = loss + functional.cross_entropy(judge.count(asked).float(), count)
    loss = loss + functional.cross_entropy(judge.colour(asked).float(), colour, ignore_index=-1)
    odds = questions.odds(judge, found)
    return loss - odds.clamp(min=1e-4).log().mean() if len(odds) else loss


def roughen(pictures, draw):
    """Some noise and blur, so that the judge looks at shapes and not at the drawing's exact edges."""
    device = pictures.device
    count = (pictures.size(0), 1, 1, 1)
    blur = torch.rand(count, generator=draw, device=device).square()
    soft = functional.avg_pool2d(functional.pad(pictures, (1, 1, 1, 1), mode="replicate"), 3, 1)
    noise = torch.randn(pictures.shape, generator=draw, device=device)
    return pictures.lerp(soft, blur) + noise * 0.08 * torch.rand(count, generator=draw, device=device)


def is_matrix(name):
    """Muon's: all that is between the pixels and the answers."""
    return "trunk.0." not in name and ("trunk" in name or name.endswith(("keys.weight", "values.weight", ".0.weight")))


class Tally:
    """The four figures, added up over batches. A count is right where the most likely one is; a
    relation where the judge finds it more likely than not."""

    def __init__(self):
        self.right, self.asked = {}, {}

    def add(self, name, right, asked=None):
        self.right[name] = self.right.get(name, 0) + int(right.sum())
        self.asked[name] = self.asked.get(name, 0) + (len(right) if asked is None else asked)

    @torch.no_grad()
    def batch(self, judge, pictures, scenes):
        found = judge(pictures)
        questions = Questions(scenes, judge.kinds, pictures.device)
        picture, kind, count, colour = questions.things
        presence, asked = judge.presence(found), found[picture, kind]
        self.add("things", presence[picture, kind] > 0)
        self.add("not there, yet seen", presence[questions.absent] > 0)
        counted = judge.count(asked).argmax(-1) == count
        for number in range(MOST):
            self.add(f"count {number + 1}", counted[count == number])
        self.add("colours", (judge.colour(asked).argmax(-1) == colour)[colour >= 0])
        held = questions.odds(judge, found) > 0.5
        for place in sorted(set(questions.places)):
            self.add(
                f"place {place}", held[torch.tensor([one == place for one in questions.places], device=held.device)]
            )
        self.add("relations", held)

    def figures(self):
        """Shares of 1. `counts` is the mean over one, two and three, so that the many ones do not hide the rest."""
        shares = {name: self.right[name] / self.asked[name] for name in self.right if self.asked[name]}
        three = [shares[f"count {number}"] for number in (1, 2, 3) if f"count {number}" in shares]
        shares["counts"] = sum(three) / max(1, len(three))
        return {name: round(share, 4) for name, share in sorted(shares.items())}


def load(options):
    facts = checkpoint.manifest(options.out / "judge/checkpoint")
    if facts is None:
        raise SystemExit("no judge yet: run `python -m training.judge` first")
    judge = Judge(facts["kinds"], options.preset.judge_width, options.preset.side)
    loop.trained(options, "judge", nn.ModuleDict({"judge": judge}))
    return judge.to(options.device)


def main():
    options = loop.arguments(__doc__)
    preset, stage = options.preset, options.preset.judge_stage
    role, folder = preset.roles["judge"], options.out / "pictures"
    rounds = Rounds(folder, role, preset.side, stage.round, stage.passes, None, options.threads)
    test = Rounds(folder, role + 100, preset.side, 4096, held_out=None, threads=options.threads)
    packed = test.finish(0, test.begin(0))
    kinds = sorted(
        {subject["kind"] for line in range(len(packed.lines)) for subject in packed.label(line)["scene"]["subjects"]}
    )
    torch.manual_seed(preset.seed + 2)
    judge = Judge(kinds, preset.judge_width, preset.side).to(options.device, memory_format=torch.channels_last)
    if options.compile:
        judge.trunk.compile()

    def loss(step, prepared):
        pictures, scenes = prepared
        rough = roughen(models.to_range(pictures, options.device), loop.generator(options, 5, step))
        return mistakes(judge, judge(rough), Questions(scenes, kinds, options.device))

    def scenes(batch):
        return batch.pictures, [label["scene"] for label in batch.labels]

    loop.learn(
        options, "judge", nn.ModuleDict({"judge": judge}), rounds, scenes, loss, is_matrix, facts={"kinds": kinds}
    )
    tally, seen = Tally(), 0
    for pictures, asked in prefetch(test.batches(64), scenes):
        tally.batch(judge, models.to_range(pictures, options.device), asked)
        seen += len(asked)
        if seen >= 4096:
            break
    checkpoint.annotate(options.out / "judge/checkpoint", {"accuracy": tally.figures()})
    print(f"judge: on {seen} drawn pictures that it never saw: {tally.figures()}")


if __name__ == "__main__":
    main()
