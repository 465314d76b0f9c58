"""How the built-in model is made: FLUX in miniature, trained on pictures of the sketch world."""

import os

# Nothing here loads from a hub, and torchvision, which some of transformers misses, is not needed.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
for library in ("TRANSFORMERS", "DIFFUSERS"):
    os.environ.setdefault(f"{library}_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
