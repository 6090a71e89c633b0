#!/usr/bin/env python3
"""Mean taggrams of ten recordings as the package musicnn 0.1.0 computes them, for tests/musicnn.lua.

    moonstem tests/musicnn.lua --waves WAVES [SONGS]
    TF_USE_LEGACY_KERAS=1 PYTHONPATH=FOLDER_WITH_musicnn make_musicnn.py WAVES musicnn.json

Needs tensorflow-cpu, tf_keras and librosa from PyPI. The package decodes and resamples by librosa; here it
gets waves at its own rate, so that front end and networks alone are compared.
"""
import json
import os
import sys

import numpy as np
import soundfile
from musicnn.extractor import extractor

NETWORKS = ["MTT_musicnn", "MTT_vgg", "MSD_musicnn", "MSD_vgg"]


def recordings():
    """The names as tests/musicnn.lua has them, and their files."""
    lines = open(os.path.join(os.path.dirname(__file__), "..", "musicnn.lua")).read()
    for name in lines.split("LIST = {")[1].split("}")[0].replace("\n", " ").split('"')[1::2]:
        yield name, os.path.join(sys.argv[1], name.replace("/", "_").replace(" ", "_") + ".npy")


def main():
    found = {network: {} for network in NETWORKS}
    for name, path in recordings():
        wave = path[:-4] + ".wav"
        soundfile.write(wave, np.load(path), 16000, subtype="FLOAT")
        for network in NETWORKS:
            taggram, _ = extractor(wave, network, extract_features=False)
            found[network][name] = [round(float(p), 6) for p in taggram.mean(axis=0)]
    sys.stderr.write("%d recordings\n" % len(found["MTT_musicnn"]))
    json.dump(found, open(sys.argv[2], "w"))


main()
