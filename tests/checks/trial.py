"""A check on trial: a sound tree must pass, and each violation must be noticed exactly once."""
import pathlib
import tempfile


def write(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def self_test(title, check, sound, broken):
    """`check(root)` returns a tuple that begins with the number of violations; `sound` and `broken` map
    file names to contents. How many trials went wrong."""
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in sound.items():
            write(root, name, text)
        if check(root)[0] != 0:
            print("the sound tree was refused")
            failures += 1
        for name, text in broken.items():
            path = write(root, name, text)
            if check(root)[0] != 1:
                print(f"not noticed, or more than once: {name}")
                failures += 1
            path.unlink()
    print(f"{title} --self-test: {len(broken)} violations tried, {failures} not noticed")
    return failures
