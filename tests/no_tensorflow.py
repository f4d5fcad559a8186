"""Hides TensorFlow from a process, where it is installed: pytest -p no_tensorflow."""

import sys


class NoTensorFlow:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] == "tensorflow":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, NoTensorFlow)
