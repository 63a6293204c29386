"""Small modules of a few lines, each to be written into the clean tree."""


def view(*lines: str, head: str = "") -> dict[str, str]:
    """A view that does this."""
    body = "\n".join(f"    {line}" for line in lines)
    return {
        "webapp/queue/views.py": f'"""The queue."""\n{head}\nfrom webapp.request import transaction\n\n\ndef show():\n{body}\n'
    }


def act(*lines: str, head: str = "") -> dict[str, str]:
    """A function of desk that does this."""
    body = "\n".join(f"    {line}" for line in lines)
    return {
        "desk/cases/handovers.py": f'"""Cases that are given on."""\n{head}\n\n\ndef hand(session, case, now):\n{body}\n'
    }


def rule(*lines: str) -> dict[str, str]:
    """A pure module of these lines."""
    return {"desk/base/bounds.py": "\n".join(['"""[pure] Times, brought within bounds."""', *lines])}


def module(path: str, *lines: str) -> dict[str, str]:
    return {path: "\n".join(['"""Says what it is for."""', *lines])}
