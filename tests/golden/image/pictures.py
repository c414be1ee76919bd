"""Pictures to encode, and PNG files of every kind, written byte by byte so that no encoder chooses for us."""

import struct
import zlib

import numpy as np

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def noise(seed: int, width: int, height: int) -> np.ndarray:
    """[height, width, 3] bytes; NoiseImage in tests/unit/core/image is the same function."""
    i = np.arange(width * height * 3, dtype=np.uint64) + np.uint64((seed * 0x9E3779B97F4A7C15) & (2**64 - 1))
    i = (i ^ (i >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    i = (i ^ (i >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (i >> np.uint64(56)).astype(np.uint8).reshape(height, width, 3)


def photo(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Smooth colours, hard edges and a little noise, as JPEG encoders meet them."""
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([128 + 100 * np.sin(x / 23 + y / 51), 128 + 100 * np.cos(y / 19),
                       128 + 90 * np.sin((x + y) / 37)], axis=-1)
    edges = rng.integers(0, 256, (height // 8 + 1, width // 8 + 1, 3)).repeat(8, 0).repeat(8, 1)[:height, :width]
    return np.clip((3 * smooth + edges) / 4 + rng.normal(0, 4, smooth.shape), 0, 255).astype(np.uint8)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def paeth(a: int, b: int, c: int) -> int:
    pa, pb, pc = abs(b - c), abs(a - c), abs(a + b - 2 * c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def filtered(rng: np.random.Generator, rows: list[bytes], step: int) -> bytes:
    """The rows with a random filter each."""
    out, above = bytearray(), bytes(len(rows[0]))
    for row in rows:
        kind = int(rng.integers(0, 5))
        out.append(kind)
        for i, v in enumerate(row):
            a, c = (row[i - step], above[i - step]) if i >= step else (0, 0)
            b = above[i]
            out.append((v - (0, a, b, (a + b) // 2, paeth(a, b, c))[kind]) & 255)
        above = row
    return bytes(out)


def packed_rows(samples: np.ndarray, depth: int) -> list[bytes]:
    rows = samples.reshape(samples.shape[0], -1)
    if depth >= 8:
        return [row.astype(">u2" if depth == 16 else "u1").tobytes() for row in rows]
    bits = (rows[:, :, None] >> np.arange(depth - 1, -1, -1)) & 1
    return [np.packbits(row.reshape(-1).astype(np.uint8)).tobytes() for row in bits]


def png(rng: np.random.Generator, width: int, height: int, colour: int, depth: int, interlaced: bool = False,
        before: bytes = b"", after_palette: bytes = b"", num_colours: int | None = None, num_idat: int = 1) -> bytes:
    """A PNG of random samples; `before` and `after_palette` are whole chunks."""
    samples = rng.integers(0, 1 << depth, (height, width, CHANNELS[colour]))
    if colour == 0 and depth == 16:  # half of them where clipping at 255 shows
        samples = np.where(rng.random(samples.shape) < 0.5, samples % 400, samples)
    step = max(1, depth * CHANNELS[colour] // 8)
    parts = [samples[top::down, left::right] for left, top, right, down in ADAM7] if interlaced else [samples]
    stream = zlib.compress(b"".join(filtered(rng, packed_rows(p, depth), step) for p in parts if p.size), 9)
    palette = b""
    if colour == 3:
        n = 1 << depth if num_colours is None else num_colours
        palette = chunk(b"PLTE", rng.integers(0, 256, 3 * n, dtype=np.uint8).tobytes())
    cuts = [len(stream) * i // num_idat for i in range(num_idat + 1)]
    data = b"".join(chunk(b"IDAT", stream[a:b]) for a, b in zip(cuts, cuts[1:]))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + palette + after_palette + data +
            chunk(b"IEND", b""))
