#!/bin/sh
# Guess: an MP3 of variable bit rate is read to its end, whether or not it carries a Xing or LAME header with its length (recorders,
#   streams and cutting tools leave it out).
# Happens: libsndfile takes the file's size over the size of its first frame for the length and stops there, without an error or a
#   warning: two thirds of the sound are lost, and info() confirms the wrong length.
# Seen: soundfile 0.13.1 with libsndfile 1.2.2 (and 0.12.1 with 1.2.0), file by ffmpeg 7.0.2: 7.2 s of 20 s; with the header 20 s.
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
python3 -m venv v; v/bin/pip -q install soundfile==0.13.1 numpy==2.3.5 imageio-ffmpeg==0.6.0
v/bin/python - <<'P'
import subprocess, sys
import imageio_ffmpeg, numpy as np, soundfile as sf
ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
sf.write("x.wav", np.random.default_rng(1).uniform(-0.3, 0.3, 20 * 44100), 44100)
seconds = []
for header in "1", "0":
    subprocess.run([ffmpeg, "-v", "error", "-y", "-i", "x.wav", "-q:a", "2", "-write_xing", header, "x.mp3"], check=True)
    seconds.append(len(sf.read("x.mp3")[0]) / 44100)
print("with a length header %.2f s, without %.2f s" % tuple(seconds))
sys.exit(0 if abs(seconds[0] - 20) < 0.1 and seconds[1] < 15 else "changed")
P
