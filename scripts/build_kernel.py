"""Makes the kernels that pages of sliders hold, from gannotes/latent/page/page.wat: python scripts/build_kernel.py

page.wasm is what the text says; page_fused.wasm multiplies and adds in one instruction, which not
every browser has.
"""

import re

from gannotes import files
from wasmtime import wat2wasm

MULTIPLY_ADD = r"\(f32x4\.add (\(local\.get \$\w+\)) \(f32x4\.mul (.*?\)) (.*?\))\)\)"


def kernels():
    """``{name of the file: its bytes}``."""
    text = (files.PACKAGE / "latent" / "page" / "page.wat").read_text(encoding="utf-8")
    fused = re.sub(MULTIPLY_ADD, r"(f32x4.relaxed_madd \2 \3 \1)", text)
    return {"page.wasm": bytes(wat2wasm(text)), "page_fused.wasm": bytes(wat2wasm(fused))}


if __name__ == "__main__":
    for name, kernel in kernels().items():
        files.write_bytes(files.PACKAGE / "latent" / "page" / name, kernel)
