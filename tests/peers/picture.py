"""Draws the reference Space's pictures, which depend only on prompt, seed and size.

A picture is a grid of 4 × 4 cells, each of one colour. Cell `i` (row by row, from 0) is coloured by
FNV-1a 64 over the UTF-8 bytes of `"{prompt}\\n{seed}\\n{width}x{height}\\n{i}"`: red is bits 24–31
of the hash, green bits 36–43, blue bits 48–55. Cell boundaries are at `width * column // 4` and
`height * row // 4`. Lossy codecs change the middle of a cell by only a few levels.
"""

from PIL import Image, ImageDraw

GRID = 4


def fnv1a(data: bytes) -> int:
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def colours(prompt: str, seed: int, width: int, height: int) -> list[tuple[int, int, int]]:
    hashes = (
        fnv1a(f"{prompt}\n{seed}\n{width}x{height}\n{cell}".encode())
        for cell in range(GRID * GRID)
    )
    return [(value >> 24 & 255, value >> 36 & 255, value >> 48 & 255) for value in hashes]


def draw(prompt: str, seed: int, width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width, height))
    canvas = ImageDraw.Draw(image)
    for cell, colour in enumerate(colours(prompt, seed, width, height)):
        row, column = divmod(cell, GRID)
        left, right = width * column // GRID, width * (column + 1) // GRID
        top, bottom = height * row // GRID, height * (row + 1) // GRID
        canvas.rectangle((left, top, right - 1, bottom - 1), fill=colour)
    return image


def preview(picture: Image.Image, step: int, steps: int) -> Image.Image:
    """The preview after `step` of `steps` steps: the final picture, smaller and darker."""
    small = picture.resize((max(8, picture.width // 4), max(8, picture.height // 4)))
    return Image.blend(Image.new("RGB", small.size), small, step / (steps + 1))
