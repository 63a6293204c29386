"""Writes the table of organisations in channels/schema_org/organisations.py anew, from schema.org's own vocabulary.

    npm pack schema-dts && tar xzf schema-dts-*.tgz
    python -m tests.schema_org_table package/dist/schema.d.ts

The package is generated from the vocabulary and names under each type those directly below it.
"""

import re
import sys
import textwrap
from pathlib import Path

ROOTS = ("Organization", "Place", "Brand")
TABLE = Path(__file__).resolve().parents[1] / "channels" / "schema_org" / "organisations.py"
_TYPE = re.compile(r"^export type (\w+) = (.*);$", re.MULTILINE)


def organisations(typings: str) -> list[str]:
    """The roots and all types below them, by name."""
    below = {name: re.findall(r"\w+", union) for name, union in _TYPE.findall(typings)}
    found: set[str] = set()
    waiting = list(ROOTS)
    while waiting:
        name = waiting.pop()
        if name in below and name not in found:
            found.add(name)
            waiting += below[name]
    return sorted(found)


def write(typings: str) -> None:
    names = textwrap.fill(
        " ".join(organisations(typings)), 106, initial_indent="    ", subsequent_indent="    "
    )
    source = TABLE.read_text(encoding="utf-8")
    before, _, rest = source.partition('"""\\\n')
    _, _, after = rest.partition('"""')
    TABLE.write_text(f'{before}"""\\\n{names}\n"""{after}', encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]).read_text(encoding="utf-8"))
