"""The figures as a picture: a bar for each program and workload, in two columns, on a logarithmic
scale that begins at pixpool's own time."""
import math

from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
WIDTH, MARGIN, LABELS, VALUES = 800, 14, 128, 40
COLUMN = (WIDTH - MARGIN) // 2
ROW, BAR, GAP, HEAD, TOP, BOTTOM = 17, 11, 10, 22, 62, 30
TICKS = (0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)
INK, FAINT, LINE = (32, 36, 42), (110, 118, 128), (222, 226, 231)
BASE = (198, 40, 40)
COLOURS = {"Pillow": (62, 108, 173), "vips": (96, 148, 84), "sharp": (60, 148, 142),
           "gm": (211, 138, 56), "mogrify": (176, 98, 66), "jpegtran": (126, 100, 160)}


def fonts():
    """For text, small text and the title; where the font is not there, what Pillow has itself."""
    try:
        return [ImageFont.truetype(FONT, size) for size in (13, 11, 16)]
    except OSError:
        return [ImageFont.load_default()] * 3


def value_text(value):
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}" if value >= 3 else f"{value:.2f}"


def height_of(group):
    return HEAD + ROW * len(group[1]) + GAP


def columns(groups):
    """The groups in two columns as even as their order allows."""
    def tallest(split):
        return max(sum(map(height_of, groups[:split])), sum(map(height_of, groups[split:])))
    split = min(range(1, len(groups) + 1), key=tallest)
    return [groups[:split], groups[split:]]


def groups_of(results):
    """(title, rows) of each workload that others did; pixpool beside itself is left out."""
    for own in results["pixpool"]:
        rows = [row for row in results["rows"] if row["workload"] == own["workload"]
                and not row["program"].startswith("pixpool")]
        if rows:
            yield own["title"], rows


class Chart:
    """One picture under way."""

    def __init__(self, groups):
        self.columns = columns(groups)
        values = [row["wall"]["median"] for _, rows in groups for row in rows if "wall" in row]
        self.low = min([1.0, *values]) * 0.95
        self.high = max([2.0, *values]) * 1.05
        self.bottom = TOP + max(sum(map(height_of, column)) for column in self.columns)
        self.picture = Image.new("RGB", (WIDTH, self.bottom + BOTTOM), "white")
        self.draw = ImageDraw.Draw(self.picture)
        self.font, self.small, self.large = fonts()

    def x(self, left, ratio):
        span = COLUMN - LABELS - VALUES
        part = math.log(ratio / self.low) / math.log(self.high / self.low)
        return left + LABELS + round(span * part)

    def text(self, x, y, words, font, fill, anchor=0.0):
        """One line whose middle is at `y`; `anchor` is the part of its length left of `x`."""
        left, top, end, bottom = self.draw.textbbox((0, 0), words, font=font)
        self.draw.text((x - (end - left) * anchor, y - (top + bottom) / 2), words, font=font,
                       fill=fill)

    def scale(self, left):
        for tick in TICKS:
            if self.low <= tick <= self.high:
                x, colour = self.x(left, tick), BASE if tick == 1 else LINE
                self.draw.line((x, TOP, x, self.bottom), fill=colour)
                self.text(x, self.bottom + 10, f"{tick:g}", self.small,
                          BASE if tick == 1 else FAINT, 0.5)

    def bar(self, left, y, row):
        """One program's; one that failed has none and says so."""
        name, base, middle = row["program"], self.x(left, 1), y + ROW / 2
        self.text(left + LABELS - 8, middle, name, self.small, INK, 1.0)
        if "failed" in row:
            self.text(base + 6, middle, "failed", self.small, FAINT)
            return
        value = row["wall"]["median"]
        begin, end = sorted((base, self.x(left, value)))
        self.draw.rectangle((begin, middle - BAR / 2, max(end, begin + 1), middle + BAR / 2),
                            fill=COLOURS.get(name.split()[0], FAINT))
        self.text(end + 5, middle, value_text(value), self.small, INK)

    def paint(self, subtitle):
        self.text(MARGIN, 20, "Time beside pixpool", self.large, INK)
        self.text(MARGIN, 42, subtitle, self.small, FAINT)
        for number, column in enumerate(self.columns):
            left, y = MARGIN + number * COLUMN, TOP
            if column:
                self.scale(left)
            for title, rows in column:
                self.text(left, y + HEAD / 2, title, self.font, INK)
                y += HEAD
                for row in rows:
                    self.bar(left, y, row)
                    y += ROW
                y += GAP
        return self.picture


def draw(results, path):
    """Write the picture of `results` to `path`; nothing when there are no others."""
    groups = list(groups_of(results))
    if not groups:
        return False
    subtitle = ("others' wall time as a multiple of pixpool's: right of the line is slower; "
                f"{results['jobs']} processes each, median of {results['rounds']} rounds")
    Chart(groups).paint(subtitle).save(path, optimize=True)
    return True
