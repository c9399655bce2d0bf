"""What tests and notebooks share, wherever pytest is started."""

import os

# Kernels of notebooks inherit it: no form of theirs may touch a real store.
os.environ["CERTLIB_PRACTICE_ONLY"] = "1"
