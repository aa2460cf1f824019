"""What was measured, as rows, and the rows as text."""
import statistics


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def compared(ours, theirs, floor):
    """The figures of one program beside pixpool, both as lists of runs, one a round. A program's
    time is told as a multiple of pixpool's; pixpool's as a multiple of the floor's."""
    pairs = list(zip(ours, theirs) if floor else zip(theirs, ours))
    return {"wall": spread([a.wall / b.wall for a, b in pairs]),
            "cpu": spread([a.cpu / b.cpu for a, b in pairs]),
            "megabytes": theirs[-1].written / 1e6,
            "seconds": [run.wall for run in theirs],
            "cpu_seconds": [run.cpu for run in theirs]}


def itself(workload, runs, memory):
    """The figures of pixpool alone; times are of this machine, as it was."""
    wall = statistics.median(run.wall for run in runs)
    return {"workload": workload.key, "title": workload.title, "files": len(workload.expected),
            "megapixels": workload.pixels / 1e6, "megabytes_in": workload.size / 1e6,
            "megabytes": runs[-1].written / 1e6, "seconds": [run.wall for run in runs],
            "cpu_seconds": [run.cpu for run in runs], "median_ms": wall * 1e3,
            "files_per_second": len(workload.expected) / wall,
            "megapixels_per_second": workload.pixels / 1e6 / wall,
            "megabytes_per_second": workload.size / 1e6 / wall,
            "supervisor_us_per_file": statistics.median(run.own for run in runs) * 1e6 /
                                      len(workload.expected),
            "memory_mb": memory / 1e6}


# ---- text ---------------------------------------------------------------------------------------

def table(lines, left):
    """A table in Markdown that can be read as it is. The first line is the head; the first `left`
    columns are words."""
    widths = [max(map(len, column)) for column in zip(*lines)]

    def text(cells, fill=" "):
        padded = (cell.ljust(width, fill) if number < left else cell.rjust(width, fill)
                  for number, (cell, width) in enumerate(zip(cells, widths)))
        return "| " + " | ".join(padded) + " |"
    rule = ["-" * width if number < left else "-" * (width - 1) + ":"
            for number, width in enumerate(widths)]
    return "\n".join([text(lines[0]), text(rule), *map(text, lines[1:])])


def figure(value):
    """Three digits or so; nothing for what was too short to be seen."""
    if value == 0:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def times(values):
    return [figure(values["median"]), f"{figure(values['min'])} to {figure(values['max'])}"]


def beside(results):
    """Each program beside pixpool."""
    own = {row["workload"]: row for row in results["pixpool"]}
    lines = [("workload", "program", "time", "min to max", "CPU", "MB", "pixpool's", "memory MB",
              "pixpool's")]
    for row in results["rows"]:
        mine = own[row["workload"]]
        if "failed" in row:
            lines.append((mine["title"], row["program"], "failed", *["-"] * 6))
            continue
        lines.append((mine["title"], row["program"], *times(row["wall"]),
                      figure(row["cpu"]["median"]), figure(row["megabytes"]),
                      figure(mine["megabytes"]), figure(row["memory_mb"]),
                      figure(mine["memory_mb"])))
    return table(lines, 2)


def against_floor(results):
    titles = {row["workload"]: row["title"] for row in results["pixpool"]}
    lines = [("workload", "floor", "pixpool's CPU", "min to max", "pixpool's time")]
    for row in results["floor"]:
        if "failed" in row:
            lines.append((titles[row["workload"]], row["program"], "failed", "-", "-"))
        else:
            lines.append((titles[row["workload"]], row["program"], *times(row["cpu"]),
                          figure(row["wall"]["median"])))
    return table(lines, 2)


def alone(results):
    lines = [("workload", "files", "MP", "MB in", "files/s", "MP/s", "MB/s", "ms", "supervisor us")]
    for row in results["pixpool"]:
        lines.append((row["title"], str(row["files"]), figure(row["megapixels"]),
                      figure(row["megabytes_in"]), figure(row["files_per_second"]),
                      figure(row["megapixels_per_second"]), figure(row["megabytes_per_second"]),
                      figure(row["median_ms"]), figure(row["supervisor_us_per_file"])))
    return table(lines, 1)


def micro(results):
    parts = []
    filters = results["micro"].get("filters")
    if filters:
        chains = dict.fromkeys(chain for chain, _, _ in filters)
        value = {(chain, kind): f"{ns:.2f}" for chain, kind, ns in filters}
        parts.append(table([("filter, ns a pixel", "gray", "RGB")] +
                           [(chain, value.get((chain, "gray"), "-"), value.get((chain, "rgb"), "-"))
                            for chain in chains], 1))
    for key, title in (("ring", "ring and pool"), ("sync", "locks and events")):
        lines = results["micro"].get(key)
        if lines:
            parts.append(table([(title, "", "")] +
                               [(name, figure(value), unit) for name, unit, value in lines], 1))
    return "\n\n".join(parts)


def faults(results):
    return [f"{row['program']}: {row['workload']}: {row['failed']}"
            for row in results["rows"] + results["floor"] if "failed" in row]


def conditions(results):
    """What the figures are figures of."""
    machine = results["machine"]
    known = [results["version"], *(line for line in results["versions"].values() if line)]
    said = [f"{machine['processor']}, {machine['cores']} cores. {'; '.join(known)}."]
    if results["pixpool"]:
        said.insert(0, f"{results['jobs']} processes each, {results['rounds']} rounds; "
                       f"{results['pictures']}, in {results['place']}.")
    missing = [name for name, line in results["versions"].items() if not line]
    if missing:
        said.append(f"Not here, and left out: {', '.join(missing)}.")
    if results["left_out"]:
        said.append(f"{results['left_out']} pictures were left out: 16 bits or inks, which not "
                    "every program treats alike.")
    return "\n".join(said)


def text(results):
    parts = []
    if results["rows"]:
        parts.append("Others' time as a multiple of pixpool's\n\n" + beside(results))
    if results["floor"]:
        parts.append("pixpool's as a multiple of the floor's\n\n" + against_floor(results))
    if results["pixpool"]:
        parts.append("pixpool by itself, on this machine as it was\n\n" + alone(results))
    if any(results["micro"].values()):
        parts.append(micro(results))
    parts.append(conditions(results))
    return "\n\n".join(parts + faults(results))
