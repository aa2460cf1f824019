"""Whether two outputs are the same picture, as far as a small copy of each tells. Formulas for gray
differ from program to program, so this finds what went wrong altogether and nothing less."""
try:
    from PIL import Image
    Image.MAX_IMAGE_PIXELS = None  # they are our own
except ImportError:  # then nothing is compared
    Image = None

SIDE = 24
FAR = 40  # root mean square of the difference, of 255; formulas for gray account for 20 at most
LOOKS = 4


def small_copy(path):
    """SIDE x SIDE gray samples on black."""
    with Image.open(path) as picture:
        picture.draft("L", (4 * SIDE, 4 * SIDE))
        gray = picture.convert("LA") if picture.mode != "L" else picture
        if gray.mode == "LA":
            black = Image.new("L", gray.size)
            black.paste(gray.getchannel("L"), mask=gray.getchannel("A"))
            gray = black
        return gray.resize((SIDE, SIDE), Image.Resampling.BOX).tobytes()


def looks_of(names, out):
    """Small copies of a few of the outputs, by name; none where Pillow is missing."""
    if not Image:
        return {}
    some = names[::max(1, len(names) // LOOKS)][:LOOKS]
    return {name: small_copy(out / name) for name in some}


def distance(looks, out):
    """(the largest difference of an output from what it was to look like, its name)."""
    worst = (0.0, "")
    for name, wanted in looks.items():
        found = small_copy(out / name)
        square = sum((a - b) ** 2 for a, b in zip(found, wanted)) / len(wanted)
        worst = max(worst, (square ** 0.5, name))
    return worst
