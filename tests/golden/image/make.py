"""Writes the golden files of core/image beside itself: see ../MANIFEST.md.

Needs Pillow 10.4.0, numpy, torch, and cjpeg of libjpeg-turbo; the specification is tests/reference/md2_reference.py.
"""

import base64
import io
import json
import struct
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

from pictures import chunk, noise, photo, png

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "reference"))

import md2_reference


def fnv(data: bytes, state: int = 0xCBF29CE484222325) -> int:
    for byte in data:
        state = ((state ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return state


def row(name: str, data: bytes) -> dict:
    rgb = np.array(Image.open(io.BytesIO(data)).convert("RGB"))
    return {"name": name, "width": rgb.shape[1], "height": rgb.shape[0],
            "file": base64.b64encode(data).decode(), "rgb": base64.b64encode(rgb.tobytes()).decode()}


def write_jsonl(name: str, rows: list[dict]) -> None:
    (HERE / name).write_text("".join(json.dumps(r) + "\n" for r in rows))


# --- Decoding.


def png_rows() -> list[dict]:
    rng = np.random.default_rng(1)
    rows = []
    transparent = {0: b"\0\1", 2: b"\0\1\0\2\0\3", 3: b"\0\x80\xff"}
    for colour, word in ((0, "grey"), (2, "rgb"), (3, "palette"), (4, "grey-alpha"), (6, "rgba")):
        for depth in {0: (1, 2, 4, 8, 16), 3: (1, 2, 4, 8)}.get(colour, (8, 16)):
            for interlaced in (False, True):
                name = f"{word}-{depth}" + ("-interlaced" if interlaced else "")
                rows.append(row(name, png(rng, 13, 11, colour, depth, interlaced)))
            if colour in transparent:
                data = transparent[colour][:2] if colour == 3 and depth == 1 else transparent[colour]
                rows.append(row(f"{word}-{depth}-transparent",
                                png(rng, 9, 7, colour, depth, after_palette=chunk(b"tRNS", data))))
    rows.append(row("palette-8-of-3-colours", png(rng, 9, 7, 3, 8, num_colours=3)))
    rows.append(row("palette-2-of-1-colour", png(rng, 9, 7, 3, 2, num_colours=1)))
    for width, height in ((1, 1), (1, 9), (9, 1), (2, 3), (5, 2)):
        for interlaced in (False, True):
            rows.append(row(f"rgb-8-{width}x{height}" + ("-interlaced" if interlaced else ""),
                            png(rng, width, height, 2, 8, interlaced)))
    rows.append(row("rgb-8-many-idat", png(rng, 13, 11, 2, 8, num_idat=7)))
    profile = chunk(b"iCCP", b"name\0\0" + b"x\x9c\x03\0\0\0\0\1")
    gamma = chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"cHRM", struct.pack(">8I", *range(1, 9)))
    rows.append(row("rgb-8-gamma-and-profile", png(rng, 13, 11, 2, 8, before=profile + gamma)))
    return rows


def saved(picture: np.ndarray, mode: str = "RGB", **options) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture, mode).save(out, "JPEG", **options)
    return out.getvalue()


def cjpeg(picture: np.ndarray, *options: str) -> bytes:
    ppm = io.BytesIO()
    Image.fromarray(picture).save(ppm, "PPM")
    return subprocess.run(["cjpeg", "-quality", "85", *options], input=ppm.getvalue(), stdout=subprocess.PIPE,
                          check=True).stdout


def jpeg_rows() -> list[dict]:
    rng = np.random.default_rng(2)
    p = lambda w=51, h=37: photo(rng, w, h)
    rows = [row("grey", saved(p()[:, :, 0], "L", quality=85)),
            row("grey-progressive", saved(p()[:, :, 0], "L", quality=85, progressive=True))]
    for word, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        rows.append(row(word, saved(p(), quality=85, subsampling=subsampling)))
        rows.append(row(word + "-progressive", saved(p(), quality=85, subsampling=subsampling, progressive=True)))
    rows += [row("420-quality-20", saved(p(), quality=20)), row("420-quality-100", saved(p(), quality=100)),
             row("420-optimised", saved(p(), quality=85, optimize=True)),
             row("420-restart-rows", saved(p(), quality=85, restart_marker_rows=1)),
             row("420-restart-blocks", saved(p(), quality=85, restart_marker_blocks=2)),
             row("420-progressive-restart", saved(p(), quality=85, progressive=True, restart_marker_blocks=3)),
             row("440", cjpeg(p(), "-sample", "1x2")), row("411", cjpeg(p(), "-sample", "4x1")),
             row("rgb", saved(p(), quality=85, keep_rgb=True)),
             row("420-16x16", saved(p(16, 16), quality=85)), row("420-17x33", saved(p(17, 33), quality=85)),
             row("420-1x1", saved(p(1, 1), quality=85)), row("420-3x20", saved(p(3, 20), quality=85)),
             row("420-20x1", saved(p(20, 1), quality=85)), row("422-1x9", saved(p(1, 9), quality=85, subsampling=1))]
    cmyk = saved(np.concatenate([p(), p()[:, :, :1]], axis=2), "CMYK", quality=85)
    adobe = cmyk.index(b"Adobe")
    rows += [row("cmyk-adobe", cmyk), row("ycck-adobe", cmyk[:adobe + 11] + b"\2" + cmyk[adobe + 12:]),
             row("cmyk-without-adobe", cmyk[:adobe - 4] + cmyk[adobe + 12:])]
    arithmetic = cjpeg(p(), "-arithmetic")
    rows.append(row("arithmetic", arithmetic))
    exif = lambda order, tag: b"Exif\0\0" + struct.pack(order + "2sHIHHHIHHI", tag, 42, 8, 1, 0x112, 3, 1, 6, 0, 0)
    rows += [row("420-exif-turned", saved(p(), quality=85, exif=exif(">", b"MM"))),
             row("420-exif-turned-intel", saved(p(), quality=85, exif=exif("<", b"II")))]
    return rows


# --- Resampling and cropping.


def resize_lines() -> list[str]:
    rng = np.random.default_rng(3)
    shapes = [(1, 1, 1, 1), (1, 1, 56, 28), (1, 40, 28, 28), (40, 1, 28, 28), (1, 600, 14, 756), (600, 1, 756, 14),
              (756, 378, 378, 378), (378, 756, 378, 378), (378, 378, 378, 378), (100, 50, 100, 90),
              (100, 50, 170, 50), (2000, 3, 14, 14), (3, 2000, 14, 14), (5, 5, 400, 400), (640, 480, 378, 378),
              (2, 2, 3, 3), (3, 3, 2, 2), (4, 1, 1, 4)]
    while len(shapes) < 300:
        scale = int(rng.choice([4, 20, 60, 150, 400]))
        shapes.append(tuple(int(v) for v in rng.integers(1, scale + 1, 4)))
    lines = []
    for seed, (w, h, to_w, to_h) in enumerate(shapes):
        out = Image.fromarray(noise(seed, w, h)).resize((to_w, to_h), Image.BICUBIC)
        lines.append(f"{seed} {w} {h} {to_w} {to_h} {fnv(out.tobytes()):016x}")
    return lines


def target_size_lines(target_size) -> list[str]:
    def digest(crop: int, sizes) -> int:
        code = {(1, 1): 0, (1, 2): 1, (2, 1): 2, (2, 2): 3}
        return fnv(bytes(code[tuple(side // crop for side in target_size(w, h, crop))] for w, h in sizes))

    lines = []
    for crop, limit in ((14, 80), (28, 150), (42, 200), (56, 300), (98, 420), (126, 500), (252, 600), (378, 1699),
                        (392, 900), (448, 1000)):
        sizes = ((w, h) for w in range(1, limit + 1) for h in range(1, limit + 1))
        lines.append(f"all {crop} {limit} {digest(crop, sizes):016x}")
    for crop in range(14, 1401, 14):  # along the borders of the rule only
        limit = 3 * crop
        sizes = ((w, h) for m in range(3, limit + 1)
                 for w, h in ((m, m), (m, 4 * m // 3), (m, 4 * m // 3 + 1), (m, 4 * m // 3 - 1),
                              (3 * m // 2, m), (3 * m // 2 + 1, m), (3 * m // 2 - 1, m)))
        lines.append(f"borders {crop} {limit} {digest(crop, sizes):016x}")
    return lines


def crops_lines(preprocess) -> list[str]:
    import torch
    cases = [(w, h, 56) for w, h in ((40, 30), (200, 90), (60, 200), (130, 128), (1, 1), (1, 75), (75, 1), (1, 76),
                                     (76, 1), (1, 300), (300, 1), (75, 75), (76, 76), (84, 56), (85, 56), (84, 57),
                                     (90, 120), (90, 121), (120, 90), (83, 84), (84, 84), (85, 84), (112, 112),
                                     (500, 333), (56, 56), (112, 56), (56, 112))]
    cases += [(w, h, c) for c in (14, 28, 42, 70, 98) for w, h in ((3 * c, 3 * c), (3 * c, c), (c, 3 * c), (c, c + 1))]
    cases += [(511, 511, 378), (512, 300, 378), (400, 600, 378), (800, 600, 378), (640, 480, 378)]
    lines = []
    for seed, (w, h, crop) in enumerate(cases):
        image = Image.fromarray(noise(1000 + seed, w, h))
        for tiles in (True, False):
            # Without tiles the image is squashed to one crop, which the specification then keeps as it is.
            source = image if tiles else image.resize((crop, crop), Image.BICUBIC)
            crops, (rows, cols) = preprocess(source, crop)
            assert tiles or (rows, cols) == (0, 0)
            digest = fnv(crops.contiguous().numpy().astype("<f4").tobytes())
            lines.append(f"{1000 + seed} {w} {h} {crop} {int(tiles)} {rows} {cols} {digest:016x}")
    print("torch", torch.__version__)
    return lines


def main() -> None:
    if PIL.__version__ != "10.4.0":
        sys.exit(f"expected Pillow 10.4.0, found {PIL.__version__}")
    warnings.simplefilter("ignore")
    write_jsonl("png.jsonl", png_rows())
    write_jsonl("jpeg.jsonl", jpeg_rows())
    (HERE / "resize.txt").write_text("\n".join(resize_lines()) + "\n")
    (HERE / "target_size.txt").write_text("\n".join(target_size_lines(md2_reference.target_size)) + "\n")
    (HERE / "crops.txt").write_text("\n".join(crops_lines(md2_reference.preprocess)) + "\n")


if __name__ == "__main__":
    main()
