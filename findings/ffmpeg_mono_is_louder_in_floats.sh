#!/bin/sh
# Guess: `ffmpeg -ac 1` mixes two channels down in one way, whatever sample format comes out.
# Happens: to integers it gives (L + R) / 2, to floats (L + R) / sqrt(2): the same file is 3 dB louder when a training script asks for
#   f32le than when it asks for s16le. Two equal channels of 0.25 become 0.25 or 0.354.
# Seen: ffmpeg 7.0.2 (imageio-ffmpeg 0.6.0), 4.2.2 (0.5.1) and Debian's 5.1.
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
python3 -m venv v; v/bin/pip -q install soundfile==0.13.1 numpy==2.3.5 imageio-ffmpeg==0.6.0
v/bin/python - <<'P'
import subprocess, sys
import imageio_ffmpeg, numpy as np, soundfile as sf
sf.write("x.wav", np.full((44100, 2), 0.25), 44100, subtype="PCM_16")

def mono(format, kind, scale):
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", "x.wav", "-ac", "1", "-f", format, "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, kind)[1000] / scale

integers, floats = mono("s16le", np.int16, 32768), mono("f32le", np.float32, 1)
print(f"two channels of 0.25: {integers:.4f} as s16le, {floats:.4f} as f32le")
sys.exit(0 if abs(integers - 0.25) < 1e-3 and abs(floats - 0.25 * 2 ** 0.5) < 1e-3 else "changed")
P
