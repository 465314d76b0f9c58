"""The combinations held out from training, by a fixed rule that needs no list."""

import hashlib
from functools import cache

#: One combination in this many is held out.
ONE_IN = 16


def combinations(scene):
    """The combinations in a scene: a thing with a colour, a number, a worn item, or another thing."""
    subjects = scene["subjects"]
    for subject in subjects:
        kind = subject["kind"]
        if subject.get("paint"):
            yield f"paint {kind} {subject['paint']['color']}"
        if subject["count"] > 1:
            yield f"count {kind} {subject['count']}"
        for worn in subject.get("worn", ()):
            yield f"worn {kind} {worn['item']}"
    for relation in scene.get("relations", ()):
        subject_kind = subjects[relation["subject"]]["kind"]
        for end in (relation["object"], relation.get("other")):
            if end is not None:
                yield f"place {subject_kind} {relation['place']} {subjects[end]['kind']}"


@cache
def is_unseen(combination):
    """Whether a combination is held out, by a hash of its words."""
    digest = hashlib.blake2b(combination.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") % ONE_IN == 0


def is_held_out(scene):
    """Whether a scene contains a held-out combination."""
    return any(is_unseen(combination) for combination in combinations(scene))
