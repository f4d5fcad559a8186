"""Shared code of the gannotes notebooks."""

import contextlib
from glob import glob
import os
import sys
import tempfile


@contextlib.contextmanager
def _silent_stderr():
    """Keeps what C++ libraries print to file descriptor 2 away from the reader."""
    kept = os.dup(2)
    with tempfile.TemporaryFile() as sink:
        os.dup2(sink.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


# without it TensorFlow keeps its fast convolutions to processors with AVX-512
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
if "ipykernel" in sys.modules:  # in a notebook, TensorFlow's start-up log would be the first output
    # later a graph optimizer of its says of each convolutional GAN that it gave up; what fails raises
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _silent_stderr():
        from gannotes.training import backend
    if glob("/dev/nvidia[0-9]*") and not backend.sees_gpu():
        print("There is a GPU, and the backend does not see it; TF_CPP_MIN_LOG_LEVEL=0 says why")
