"""The sets of pictures: taken from a folder of real ones where there is one, else made by pixpool
from the project's own samples. All files get plain names, so that no program stumbles over them."""
import pathlib
import shutil
import subprocess

import pictures

TESTDATA = pathlib.Path(__file__).resolve().parent.parent / "testdata"
EXTENSIONS = {"photos": ".jpg", "web": ".jpg", "png": ".png", "png-large": ".png", "icons": ".png"}
WINDOWS = ("crop=50%:0:0", "crop=50%", "crop=40%:200:100", "crop=30%:0:300", "crop=60%:100:0")
TRANSPARENT = ("rgba-8.png", "palette-8-transparent.png", "gray-alpha-8.png", "rgb-8.png",
               "rgba-8-opaque.png", "palette-4.png")
TINY_FILES, TINY_MOST = 20000, 1400
SOME = 8


def suffix(path):
    return ".jpg" if path.suffix.lower() == ".jpeg" else path.suffix.lower()


def pictures_of(folder, extension):
    return sorted(path for path in folder.rglob("*")
                  if path.is_file() and suffix(path) == extension)


def usable(path):
    """Whether every program can be asked for the same: 8 bits a sample, and no inks."""
    try:
        header = pictures.header(path)
    except pictures.NoPicture:
        return False
    return header.depth <= 8 and not header.inks


def copy(sources, folder, copies=1):
    """The files of `sources`, each `copies` times, under numbers."""
    folder.mkdir()
    for number, source in enumerate(list(sources) * copies):
        shutil.copyfile(source, folder / f"{number:05}{suffix(source)}")
    return folder


class Samples:
    """The sets, each made when it is first asked for, below `scratch`."""

    def __init__(self, pixpool, corpus, scratch):
        self.pixpool, self.corpus, self.scratch = pixpool, corpus, scratch
        self.made = {}
        self.left_out = 0
        if corpus:
            self.title = f"the pictures of {corpus.name}/"
        else:
            self.title = "pictures made of the project's samples, testdata/"

    def folder(self, name):
        """The folder of a set; None where the corpus has no such pictures."""
        if name not in self.made:
            self.made[name] = self.make(name)
        return self.made[name]

    def make(self, name):
        derived = {"some": self.some, "huge": self.huge, "tiny": self.tiny, "one": self.one}
        if name in derived:
            return derived[name](self.scratch / name)
        if self.corpus:
            return self.taken(name, self.scratch / name)
        made = {"photos": self.photos, "web": self.web, "png": self.png,
                "png-large": self.png_large, "icons": self.icons}
        return made[name](self.scratch / name)

    # ---- from a corpus ----

    def taken(self, name, folder):
        """Corpus/name; of a corpus without such folders, all JPEGs are photos and all PNGs png."""
        source = self.corpus / name
        if not source.is_dir():
            if name not in ("photos", "png") or any((self.corpus / other).is_dir()
                                                    for other in EXTENSIONS):
                return None
            source = self.corpus
        found = pictures_of(source, EXTENSIONS[name])
        kept = [path for path in found if usable(path)]
        self.left_out += len(found) - len(kept)
        return copy(kept, folder) if kept else None

    # ---- made of the samples ----

    def run(self, chain, sources, folder, *options):
        """pixpool, on `sources`, into a folder that is then listed."""
        subprocess.run([self.pixpool, chain, *map(str, sources), "-o", str(folder), "--quiet",
                        *options], check=True)
        return sorted(path for path in folder.iterdir())

    def cuttings(self, then, options):
        """A few windows of each sample photo, through the chain `then`."""
        photos = pictures_of(TESTDATA / "photos", ".jpg")
        found = []
        for number, window in enumerate(WINDOWS):
            folder = self.scratch / f"cut-{len(self.made)}-{number}"
            found += self.run(f"{window},{then}", photos, folder, *options)
        return found

    def photos(self, folder):
        return copy(pictures_of(TESTDATA / "photos", ".jpg"), folder, 3)

    def web(self, folder):
        return copy(self.cuttings("resize=600x", ("-q", "85")), folder, 8)

    def png(self, folder):
        photos = pictures_of(TESTDATA / "photos", ".jpg")
        half = self.run("resize=40%", photos, self.scratch / "half", "-f", "png")
        return copy(half + pictures_of(TESTDATA / "photos", ".png"), folder, 3)

    def png_large(self, folder):
        photos = pictures_of(TESTDATA / "photos", ".jpg")
        return copy(self.run("depth=8", photos, self.scratch / "whole", "-f", "png"), folder)

    def icons(self, folder):
        small = self.cuttings("resize=64x64", ("-f", "png"))
        return copy(small + [TESTDATA / "png" / name for name in TRANSPARENT], folder, 16)

    # ---- derived of either ----

    def sources(self):
        folder = self.folder("photos")
        return sorted(folder.iterdir()) if folder else pictures_of(TESTDATA / "photos", ".jpg")

    def some(self, folder):
        """A few photos, for what takes the others long."""
        sources = self.sources()
        return copy(sources[::max(1, len(sources) // SOME)][:SOME], folder)

    def huge(self, folder):
        self.run("resize=10000x10000:fill:enlarge=1", self.sources()[:1], folder, "-f", "png",
                 "--png-level", "1", "--max-pixels", "0")
        return folder

    def tiny(self, folder):
        """Of samples without metadata, which would be most of such a file."""
        plain = [path for path in self.cuttings("resize=56x56", ("-q", "75"))
                 if path.stat().st_size < TINY_MOST]
        few = plain[:next(n for n in range(len(plain), 0, -1) if TINY_FILES % n == 0)]
        return copy(few, folder, TINY_FILES // len(few))

    def one(self, folder):
        source = self.folder("web")
        return copy([sorted(source.iterdir())[0] if source else self.sources()[0]], folder)
