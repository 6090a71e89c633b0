#!/bin/sh
# Guess: a WAV of 24 valid bits in 32-bit containers (WAVE_FORMAT_EXTENSIBLE, subformat PCM; the valid bits on the left, as the format's
#   definition has them) is read alike by everybody.
# Happens: ffmpeg takes it for an old kind of 24-bit floats (pcm_f24le) and decodes without a word to numbers up to 1e29. libsndfile
#   reads the sine of half scale that is in it. Whoever decodes such recordings through ffmpeg trains on noise.
# Seen: ffmpeg 7.0.2 (imageio-ffmpeg 0.6.0) and Debian's 5.1 against soundfile 0.13.1 with libsndfile 1.2.2: peaks 3e29 and 0.5.
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
python3 -m venv v; v/bin/pip -q install soundfile==0.13.1 numpy==2.3.5 imageio-ffmpeg==0.6.0
v/bin/python - <<'P'
import struct, subprocess, sys
import imageio_ffmpeg, numpy as np, soundfile as sf
wave = (0.5 * np.sin(2 * np.pi * 441 * np.arange(4410) / 44100) * 8388607).astype("<i4") << 8
pcm = bytes.fromhex("0100000000001000800000aa00389b71")
fmt = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 44100, 4 * 44100, 4, 32, 22, 24, 4) + pcm
data = wave.astype("<i4").tobytes()
body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", len(data)) + data
open("x.wav", "wb").write(b"RIFF" + struct.pack("<I", len(body)) + body)
command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", "x.wav", "-f", "f32le", "-"]
ffmpeg = np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.float32)
sndfile, _ = sf.read("x.wav")
print(f"largest number: libsndfile {abs(sndfile).max():.3g}, ffmpeg {abs(ffmpeg).max():.3g}")
sys.exit(0 if abs(abs(sndfile).max() - 0.5) < 1e-3 and abs(ffmpeg).max() > 1e6 else "changed")
P
