#!/bin/sh
# Guess: libsndfile gives the two channels of a stereo 8SVX file (samples of the Amiga) as left and right.
# Happens: the format keeps the channels one behind the other; libsndfile reads them as if they took turns. Left and right
#   are then both made of every second sample of one channel after the other, an octave too high. ffmpeg reads them right.
# Seen: soundfile 0.13.1 with libsndfile 1.2.2 (and Debian's 1.2.0) against ffmpeg 7.0.2 (imageio-ffmpeg 0.6.0).
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
python3 -m venv v; v/bin/pip -q install soundfile==0.13.1 numpy==2.3.5 imageio-ffmpeg==0.6.0
v/bin/python - <<'P'
import struct, subprocess, sys
import imageio_ffmpeg, numpy as np, soundfile as sf
time = np.arange(8000) / 8000
left, right = ((a * np.sin(2 * np.pi * f * time)).astype("i1") for a, f in ((60, 200), (20, 1000)))

def chunk(name, data):
    return name + struct.pack(">I", len(data)) + data

form = (b"8SVX" + chunk(b"VHDR", struct.pack(">IIIHBBI", 8000, 0, 0, 8000, 1, 0, 65536)) + chunk(b"CHAN", struct.pack(">I", 6))
        + chunk(b"BODY", left.tobytes() + right.tobytes()))
open("x.8svx", "wb").write(chunk(b"FORM", form))
command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", "x.8svx", "-f", "f32le", "-"]
ffmpeg = np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.float32).reshape(-1, 2)
sndfile, _ = sf.read("x.8svx")
like = [abs(np.corrcoef(x[:, 0], left)[0, 1]) for x in (sndfile, ffmpeg)]
print(f"correlation of the left channel with what was written: libsndfile {like[0]:.2f}, ffmpeg {like[1]:.2f}")
sys.exit(0 if like[0] < 0.1 and like[1] > 0.99 else "changed")
P
