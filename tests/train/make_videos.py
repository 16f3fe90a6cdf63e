"""Makes the videos of `src/train/tests/data/fixtures/` with ffmpeg, and beside each the time and the hash of every picture
as torchcodec (FFmpeg) decodes it, on x86.

usage: make_videos.py OUT

h264-b       three B-frames in a row, pyramid: shown in another order than decoded
h264-bt709   BT.709 at full range
h264-cut     cut within a group of pictures: its edit list hides what only helps to decode
av1          as LeRobot writes it by default
"""

import subprocess
import sys
from pathlib import Path

import av
import numpy as np
from torchcodec.decoders import VideoDecoder

HEIGHT, WIDTH, COUNT = 64, 96, 14
X264 = ["-c:v", "libx264", "-crf", "28", "-pix_fmt", "yuv420p"]
ENCODERS = {
    "h264-b": [*X264, "-g", "10", "-bf", "3", "-x264-params", "b-pyramid=normal:b-adapt=0"],
    "h264-bt709": [
        "-vf", "scale=out_color_matrix=bt709:out_range=full", *X264, "-g", "8", "-colorspace", "bt709", "-color_range", "pc",
    ],
    "h264-cut": [*X264, "-g", "6", "-bf", "2"],
    "av1": ["-c:v", "libsvtav1", "-g", "2", "-crf", "30", "-preset", "10", "-pix_fmt", "yuv420p"],
}


def main():
    out = Path(sys.argv[1])
    raw = b"".join(picture(frame).tobytes() for frame in range(COUNT))
    for name, options in ENCODERS.items():
        path = out / f"{name}.mp4"
        ffmpeg("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", "10", "-i", "-", *options, path, input=raw)
        if name == "h264-cut":
            whole = path.rename(out / "whole.mp4")
            ffmpeg("-ss", "0.95", "-i", whole, "-c", "copy", path)
            whole.unlink()
        lines = [f"{time:.6f} {fnv(pixels.tobytes()):016x}" for time, pixels in shown(path)]
        (out / f"{name}.txt").write_text("\n".join(lines) + "\n")


def shown(path):
    """Every picture that is shown, and when."""
    if path.stem == "h264-cut":  # torchcodec counts those that are hidden, and then does not find them
        with av.open(str(path)) as container:
            yield from ((frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0))
        return
    decoder = VideoDecoder(path)  # which, unlike PyAV, heeds matrix and range
    for place in range(len(decoder)):
        frame = decoder.get_frame_at(place)
        yield frame.pts_seconds, frame.data.permute(1, 2, 0).numpy()


def picture(frame):
    """A disc that moves over a coloured slope."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    slope = np.stack([x * 2.5, y * 4, 255 - x - y * 2], -1)
    slope[(y - 20 - frame * 0.9) ** 2 + (x - 24 - frame * 2.7) ** 2 < 90] = [230, 30, 40]
    return np.clip(slope, 0, 255).astype(np.uint8)


def ffmpeg(*arguments, input=None):
    subprocess.run(["ffmpeg", "-y", "-v", "error", *map(str, arguments)], input=input, check=True)


def fnv(data):
    """Fowler, Noll and Vo's hash, FNV-1a, of 64 bits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


if __name__ == "__main__":
    main()
