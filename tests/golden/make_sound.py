"""Writes sound.safetensors: librosa's features of one wave, which tests/lua/cases/sound.lua makes
again by the same formula. Seen with librosa 0.11.0 and 0.10.2.post1, whose numbers are equal to
1e-7 of the largest. Run: python make_sound.py [sound.safetensors]"""
import json
import struct
import sys
import warnings

import librosa
import numpy as np

warnings.filterwarnings("ignore")
RATE, SIZE, HOP, BANDS = 8000, 256, 128, 20


def wave(count=4000):
    n = np.arange(count)
    t = n / RATE
    y = 0.4 * np.sin(2 * np.pi * 220 * t) + 0.05 * (n * n * 7919 % 1000 / 500 - 1)
    y += 0.3 * np.sin(2 * np.pi * (660 + 300 * t) * t) * np.exp(-5 * ((t * 8) % 1))
    y[3200:] *= 1e-4
    return y


def turned(a):
    return np.swapaxes(a, -1, -2)


y = wave()
spectrum = np.abs(librosa.stft(y, n_fft=SIZE, hop_length=HOP))
f, e = librosa.feature, librosa.effects
of = dict(sr=RATE, n_fft=SIZE, hop_length=HOP)
frames = dict(n_fft=SIZE, hop_length=HOP)
mel = dict(of, n_mels=BANDS, dtype=np.float64)
out = {
    "mel": turned(f.melspectrogram(y=y, **mel)),
    "mel_htk": turned(f.melspectrogram(y=y, htk=True, norm=None, fmin=50, fmax=3000, power=1, **mel)),
    "mel_reflect": turned(f.melspectrogram(y=y, pad_mode="reflect", win_length=200, window="hamming", **mel)),
    "mel_left": turned(f.melspectrogram(y=y, center=False, **mel)),
    "mfcc": turned(f.mfcc(y=y, n_mfcc=13, **mel)),
    "mfcc_lifter": turned(f.mfcc(y=y, n_mfcc=13, lifter=22, **mel)),
    "power_to_db": librosa.power_to_db(y[::100] ** 2, ref=np.max, top_db=30),
    "amplitude_to_db": librosa.amplitude_to_db(y[::100].copy(), top_db=None, ref=2.0),
    "centroid": f.spectral_centroid(y=y, **of)[0],
    "bandwidth": f.spectral_bandwidth(y=y, **of)[0],
    "bandwidth3": f.spectral_bandwidth(y=y, p=3, norm=False, **of)[0],
    "rolloff": f.spectral_rolloff(y=y, **of)[0],
    "contrast": turned(f.spectral_contrast(y=y, fmin=100, n_bands=5, **of)),
    "flatness": f.spectral_flatness(y=y, **frames)[0],
    "rms": f.rms(y=y, frame_length=SIZE, hop_length=HOP, dtype=np.float64)[0],
    "zero_crossings": f.zero_crossing_rate(y=y, frame_length=SIZE, hop_length=HOP)[0],
    "preemphasis": e.preemphasis(y)[:500],
    "delta": turned(f.delta(f.mfcc(y=y, n_mfcc=13, **mel))),
    "delta2": turned(f.delta(f.mfcc(y=y, n_mfcc=13, **mel), order=2, width=7)),
    "chroma": turned(f.chroma_stft(y=y, **of)),
    "chroma0": turned(f.chroma_stft(y=y, tuning=0.0, norm=2, **of)),
    "onset": librosa.onset.onset_strength(y=y, **mel),
    "onset3": librosa.onset.onset_strength(y=y, lag=2, max_size=3, **mel),
    "griffin": librosa.griffinlim(spectrum, n_iter=4, hop_length=HOP, init=None, length=len(y))[::8],
}
for name, more in {"hpss": {}, "hpss2": dict(margin=(2, 3), kernel_size=(7, 9), power=1)}.items():
    out[name] = np.stack([x[::8] for x in e.hpss(y, **frames, **more)])
silent = np.concatenate([np.zeros(1000), y, np.zeros(1000)])
of = dict(frame_length=SIZE, hop_length=HOP)
out["trim"] = e.trim(silent, top_db=40, **of)[1]
out["split"] = e.split(np.tile(y, 2), top_db=30, **of)
for name, more in {"cqt": dict(hop_length=128, fmin=110, n_bins=36),
                   "cqt24": dict(hop_length=128, fmin=300, n_bins=30, bins_per_octave=24, sparsity=0, scale=False)}.items():
    c = turned(librosa.cqt(y, sr=RATE, **more))
    out[name] = np.stack([c.real, c.imag], -1)
print("tuning", librosa.estimate_tuning(y=y, sr=RATE, n_fft=SIZE))

head, data = {"__metadata__": {"librosa": librosa.__version__}}, b""
for name, value in sorted(out.items()):
    raw = np.ascontiguousarray(value, dtype="<f8").tobytes()
    head[name] = {"dtype": "F64", "shape": list(np.shape(value)), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(head).encode()
text += b" " * (-len(text) % 8)
with open(sys.argv[1] if len(sys.argv) > 1 else "sound.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
