"""Arrays that NumPy 1.24 wrote, for tests/lua/io/test_arrays.lua, which has their values.

    python3 tests/golden/make_numpy.py     (Debian's python3-numpy; writes tests/golden/numpy/)
"""
import io
import os
import zipfile

import numpy as np

FOLDER = os.path.join(os.path.dirname(__file__), "numpy")
ROWS = np.arange(6, dtype="f4").reshape(2, 3)
ARRAYS = {
    "column": np.asfortranarray(ROWS), "big": ROWS.astype(">f8"),
    "big_column": np.asfortranarray(ROWS.astype(">i2")), "whole": np.arange(3),
    "complex": np.array([1 + 2j, 3 - 4j]), "complex8": np.array([[1 + 2j]], dtype=">c8"),
    "names": np.array(["a", "épée", "漢字😀", ""]), "grid": np.array([["a", "bb"], ["c", ""]], ">U3"),
    "grid_column": np.asfortranarray(np.array([["a", "b", "c"], ["d", "e", "f"]])),
    "bytes": np.array([b"x", b"abc"]), "text": np.array("hello"), "number": np.array(3.5),
    "yes": np.array([True, False]), "empty": np.zeros((0, 3)), "no_names": np.array([], dtype=str),
}
REFUSED = {
    "structured": np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]), "void": np.zeros(2, dtype="V4"),
    "objects": np.array([{}], dtype=object), "times": np.array(["2020-01-01"], dtype="M8[D]"),
    "long_double": np.zeros(2, dtype="g"),
}


class Pipe(io.RawIOBase):
    """A file that cannot seek: sizes stand behind the members, and not in their headers."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


def main():
    os.makedirs(FOLDER, exist_ok=True)
    np.savez(os.path.join(FOLDER, "plain.npz"), **ARRAYS)
    np.savez_compressed(os.path.join(FOLDER, "packed.npz"), **ARRAYS)
    for name, value in REFUSED.items():
        np.save(os.path.join(FOLDER, name + ".npy"), value, allow_pickle=True)
    block = io.BytesIO()
    np.save(block, ROWS)
    with open(os.path.join(FOLDER, "piped.npz"), "wb") as f:
        with zipfile.ZipFile(Pipe(f), "w", zipfile.ZIP_DEFLATED) as z:
            with z.open("rows.npy", "w", force_zip64=True) as member:
                member.write(block.getvalue())
    with zipfile.ZipFile(os.path.join(FOLDER, "bzip2.npz"), "w", zipfile.ZIP_BZIP2) as z:
        z.writestr("rows.npy", block.getvalue())


main()
