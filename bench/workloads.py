"""What is measured: folders of pictures, and what is done to them."""
import dataclasses
import pathlib

import likeness
import measure
import pictures

EVERYBODY = ("Pillow + Pool", "vips", "sharp", "gm mogrify", "mogrify")
JPEGS = ("Pillow + Pool", "Pillow draft + Pool", *EVERYBODY[1:])
UNPROTECTED = "pixpool --sandbox=off --sync=none"
FIVE = "gray,contrast=1.2,gamma=1.2,blur=2,sharpen=0.6"
BOX = 1600


@dataclasses.dataclass
class Workload:
    """One folder and one task. The last group is filled when its pictures are there."""
    key: str
    title: str
    source: str  # the set of pictures, see samples.py
    beside: tuple
    chain: str = "gray"
    quality: int = 0  # of JPEG output; 0: each source's own
    box: int = 0      # pixels a side at most; 0: the size is left
    five: bool = False
    small: bool = False  # so many files or so small that starting a process for each is all one sees
    flags: tuple = ()    # of pixpool, in place of -j
    repeat: int = 1      # runs in each round, of which the median counts

    folder: pathlib.Path = None
    expected: dict = dataclasses.field(default_factory=dict)   # name: (width, height)
    qualities: dict = dataclasses.field(default_factory=dict)  # name: the quality nearest to its own
    transparent: frozenset = frozenset()  # names of outputs that must have alpha
    looks: dict = dataclasses.field(default_factory=dict)      # name: what a few are to look like
    pixels: int = 0
    size: int = 0  # bytes
    extension: str = ""

    def fill(self, folder):
        """Take the pictures of `folder`."""
        self.folder = folder
        for path in sorted(folder.iterdir()):
            header = pictures.header(path)
            self.expected[path.name] = fitted(header.width, header.height, self.box)
            self.pixels += header.pixels
            self.size += path.stat().st_size
            self.extension = path.suffix
            if self.extension == ".jpg" and not self.quality:
                self.qualities[path.name] = pictures.quality(path)

    def names(self):
        return list(self.expected)

    def quality_of(self, name):
        return self.quality or self.qualities.get(name, 0)

    def take_reference(self, out):
        """What pixpool wrote into `out` is what others are held to: how the pictures look, and
        which must have alpha (a channel that is opaque everywhere need not be kept)."""
        self.looks = likeness.looks_of(self.names(), out)
        if self.extension == ".png":
            self.transparent = frozenset(
                name for name in self.expected if pictures.header(out / name).alpha)


def fitted(width, height, box):
    scale = min(1.0, box / max(width, height)) if box else 1.0
    return round(width * scale), round(height * scale)


def all_workloads():
    return [
        Workload("keep", "photos, quality kept", "photos", (*JPEGS, "jpegtran", "floor", UNPROTECTED)),
        Workload("q75", "photos, q 75", "photos", (*JPEGS, "floor", "plain libjpeg", UNPROTECTED), quality=75),
        Workload("to1600", "photos to 1600 px, q 80", "photos", EVERYBODY, quality=80, box=BOX,
                 chain=f"gray,resize={BOX}x{BOX}"),
        Workload("web", "web photos, q 75", "web", JPEGS, quality=75, small=True),
        Workload("png", "PNG pictures", "png", (*EVERYBODY, "floor")),
        Workload("png-large", "large PNG pictures", "png-large", (*EVERYBODY, "floor")),
        Workload("icons", "icons, PNG", "icons", EVERYBODY, small=True),
        Workload("five", "five filters, q 80", "some", ("Pillow + Pool", *EVERYBODY[2:]),
                 chain=FIVE, quality=80, five=True),
        Workload("threads", "one PNG of 100 MP, -t 2", "huge", ("pixpool -t 1",),
                 flags=("-j", "1", "-t", "2")),
        Workload("jobs", "photos, q 75, -j 2", "photos", ("pixpool -j 1",), quality=75,
                 flags=("-j", "2", "-t", "1")),
        Workload("tiny", "20,000 files of 1 KB", "tiny", ("Pillow + Pool", UNPROTECTED)),
        Workload("cold", "one small file, cold", "one",
                 ("Pillow", "vips", "gm mogrify", "mogrify", "jpegtran"), repeat=15),
    ]


def check_known(keys):
    """Failed when one of `keys` is no workload."""
    known = [workload.key for workload in all_workloads()]
    for key in keys or ():
        if key not in known:
            raise measure.Failed(f"no workload is called {key}: they are {', '.join(known)}")
