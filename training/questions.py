"""The questions of a batch for the judge, and its accuracy."""

import torch

COLOURS = ["red", "orange", "yellow", "green", "turquoise", "blue", "purple", "pink", "brown", "black", "white", "grey"]
PLACES = ["left_of", "right_of", "above", "below", "on", "in", "in_front_of"]
MAX_COUNT = 5


class Questions:
    """The questions of a batch, as indices into the images and the kinds.

    `things` is [4, things]: image, kind, count minus one, colour (-1 if unspecified).
    `ends` is [4, relations]: image, and the rows of `things` of the subject, the object and the
    other neighbour (-1 if none); `places` names each relation.
    """

    def __init__(self, scenes, kinds, device="cpu"):
        number = {kind: index for index, kind in enumerate(kinds)}
        things, ends, self.places = [], [], []
        present, worn = (torch.zeros(len(scenes), len(kinds), dtype=torch.bool) for _ in range(2))
        for image, scene in enumerate(scenes):
            subjects, first = scene["subjects"], len(things)
            for subject in subjects:
                paint = subject.get("paint")
                colour = COLOURS.index(paint["color"]) if paint else -1
                things.append((image, number[subject["kind"]], subject["count"] - 1, colour))
                present[image, number[subject["kind"]]] = True
                for item in subject.get("worn", ()):
                    if item["item"] in number:
                        worn[image, number[item["item"]]] = True
            for relation in scene.get("relations", ()):
                other = relation.get("other")
                subject_row, object_row = first + relation["subject"], first + relation["object"]
                ends.append((image, subject_row, object_row, -1 if other is None else first + other))
                self.places.append(relation["place"])
        self.things = torch.tensor(things, device=device, dtype=torch.long).reshape(-1, 4).T
        self.ends = torch.tensor(ends, device=device, dtype=torch.long).reshape(-1, 4).T
        self.present = present.to(device)
        #: A worn hat counts as neither present nor absent.
        self.worn = worn.to(device)
        self.absent = ~(self.present | self.worn)

    def probabilities(self, judge, pooled):
        """The probability of each relation; `found` is [things, …]."""
        if not self.places:
            return pooled.new_zeros(0)
        _, subject, thing, other = self.ends

        def pair(end):
            return judge.pair(torch.cat([pooled[subject], pooled[end]], dim=-1)).softmax(-1)

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
        return torch.stack(rows)


class Tally:
    """The four accuracies, accumulated over batches. A thing or a relation is detected if its probability
    is above 0.5; a count or a colour is correct if it is the most likely one."""

    def __init__(self):
        self.correct, self.total = {}, {}

    def add(self, name, correct):
        self.correct[name] = self.correct.get(name, 0) + int(correct.sum())
        self.total[name] = self.total.get(name, 0) + len(correct)

    @torch.no_grad()
    def batch(self, judge, images, scenes):
        questions = Questions(scenes, judge.kinds, images.device)
        outputs = judge(images)
        image, kind, count, colour = questions.things
        presence, pooled = judge.presence(outputs), judge.pooled(outputs, image, kind)
        self.add("things", presence[image, kind] > 0)
        self.add("falsely detected", presence[questions.absent] > 0)
        counted = judge.count(pooled).argmax(-1) == count
        for number in range(MAX_COUNT):
            self.add(f"count {number + 1}", counted[count == number])
        self.add("colours", (judge.colour(pooled).argmax(-1) == colour)[colour >= 0])
        holds = questions.probabilities(judge, pooled) > 0.5
        for place in sorted(set(questions.places)):
            self.add(
                f"place {place}", holds[torch.tensor([name == place for name in questions.places], device=holds.device)]
            )
        self.add("relations", holds)

    def figures(self):
        """Fractions. `counts` is the mean over one, two and three, because one is the most frequent count."""
        shares = {name: self.correct[name] / self.total[name] for name in self.correct if self.total[name]}
        three = [shares[f"count {number}"] for number in (1, 2, 3) if f"count {number}" in shares]
        shares["counts"] = sum(three) / max(1, len(three))
        return {name: round(share, 4) for name, share in sorted(shares.items())}
