"""Training of the built-in model: FLUX in miniature, trained on images of the sketch world."""

import os

# Nothing is loaded from a hub, and torchvision, which transformers warns about, is not needed.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
for library in ("TRANSFORMERS", "DIFFUSERS"):
    os.environ.setdefault(f"{library}_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
