"""Makes gannotes/page.wasm, which pages of sliders hold, from page.wat: python scripts/build_kernel.py"""

from gannotes import files
from wasmtime import wat2wasm

if __name__ == "__main__":
    text = (files.PACKAGE / "page.wat").read_text(encoding="utf-8")
    files.write_bytes(files.PACKAGE / "page.wasm", bytes(wat2wasm(text)))
