#!/bin/sh
# Guess: an MP3 encoder keeps the level of the sound, or at least does the same at every bit rate.
# Happens: LAME scales the input by 0.95 at constant bit rates up to 160 kbit/s and by 0.97 at 192; at 256 and 320 and with variable bit
#   rates it leaves it. No decoder puts it back. A score that forgives a gain (SI-SDR) does not see it; a plain SDR of an otherwise
#   perfect 128 kbit/s file cannot exceed 26 dB.
# Seen: LAME in ffmpeg 7.0.2 (imageio-ffmpeg 0.6.0) and Debian's 5.1 with LAME 3.100: 0.950, 0.970, 1.000.
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
python3 -m venv v; v/bin/pip -q install soundfile==0.13.1 numpy==2.3.5 imageio-ffmpeg==0.6.0
v/bin/python - <<'P'
import subprocess, sys
import imageio_ffmpeg, numpy as np, soundfile as sf
ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
x = 0.4 * np.sin(2 * np.pi * 441 * np.arange(5 * 44100) / 44100)
sf.write("x.wav", x, 44100)
gain = {}
for name, option in ("128k", "-b:a"), ("192k", "-b:a"), ("320k", "-b:a"), ("2", "-q:a"):
    subprocess.run([ffmpeg, "-v", "error", "-y", "-i", "x.wav", option, name, "x.mp3"], check=True)
    out = subprocess.run([ffmpeg, "-v", "error", "-i", "x.mp3", "-f", "f32le", "-"], check=True, capture_output=True).stdout
    y = np.frombuffer(out, np.float32)[44100:132300]
    gain[name] = (y ** 2).mean() ** 0.5 / (x[44100:132300] ** 2).mean() ** 0.5
    print(f"{option} {name}: level {gain[name]:.3f}")
want = {"128k": 0.95, "192k": 0.97, "320k": 1.0, "2": 1.0}
sys.exit(0 if all(abs(gain[k] - v) < 2e-3 for k, v in want.items()) else "changed")
P
