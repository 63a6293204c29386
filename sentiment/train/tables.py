"""Tables of labelled texts as they lie on disk: a header, tabs between columns, no quoting, gzip or plain."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path


def read_table(path: Path) -> Iterator[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
