"""The web process under people and strangers: live pages, 20 pages a second, half-sent requests. Figures, no verdicts.

Everything goes over the network of this machine to a process of its own, with a desk of 2,000 mentions.
"""

import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import httpx

EMAIL, PASSWORD = "bench@otklik.example", "a password of the bench"
STREAMS, STRANGERS, PAGES_A_SECOND, SECONDS = 500, 200, 20, 10
PAGES = ("/", "/numbers", "/sources", "/account")
FORM = "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
HALVES = {
    "silent": "",
    "half a line": "GET /si",
    "half a head": "GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A",
    "half a body": f"{FORM}Content-Length: 5000\r\n\r\nemail=",
}
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def measure() -> dict[str, Any]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    with tempfile.TemporaryDirectory() as home:
        port = free_port()
        environment = {**os.environ, "OTKLIK_HOME": home, "OTKLIK_PORT": str(port)}
        subprocess.run([sys.executable, "-m", "bench.web", "fill"], env=environment, check=True)
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "webapp"], env=environment)
        try:
            cookie = sign_in(port)
            started = time.perf_counter() - began
            return {"start_seconds": round(started, 1)} | asyncio.run(_all(port, cookie, process.pid))
        finally:
            process.terminate()
            process.wait(30)


async def _all(port: int, cookie: str, pid: int) -> dict[str, Any]:
    await _load(port, cookie, 2)
    found: dict[str, Any] = {"name": "web process", "alone": await _load(port, cookie)}
    found["memory_mb"] = _memory(pid)
    open_pages = await _open(port, cookie)
    found |= {"live_pages": len(open_pages), "with_live_pages": await _load(port, cookie)}
    found["memory_mb_with_live_pages"] = _memory(pid)
    for _reader, writer in open_pages:
        writer.close()
    found["live_pages_again"] = len(again := await _open(port, cookie))
    for _reader, writer in again:
        writer.close()
    for name, half in HALVES.items():
        found[f"with_{STRANGERS}_{name.replace(' ', '_')}"] = await _beside(port, cookie, half)
    found["ratio_p95_with_live_pages"] = round(
        found["with_live_pages"]["p95_ms"] / found["alone"]["p95_ms"], 2
    )
    return found


async def _beside(port: int, cookie: str, half: str) -> dict[str, Any]:
    """Pages for people while strangers hold that, a byte a second each."""
    held = [await _say(port, half) for _ in range(STRANGERS)]
    loading = asyncio.create_task(_load(port, cookie, 5))
    while not loading.done():
        for _reader, writer in held if half else ():
            writer.write(b"a")
        await asyncio.sleep(1)
    found = loading.result()
    for _reader, writer in held:
        writer.close()
    return found


async def _load(port: int, cookie: str, seconds: int = SECONDS) -> dict[str, Any]:
    asked = []
    for number in range(seconds * PAGES_A_SECOND):
        asked.append(asyncio.create_task(_page(port, cookie, PAGES[number % len(PAGES)])))
        await asyncio.sleep(1 / PAGES_A_SECOND)
    spent = sorted(one for one in await asyncio.gather(*asked) if one is not None)
    return {
        "pages": len(asked),
        "errors": len(asked) - len(spent),
        "p50_ms": round(median(spent)) if spent else 0,
        "p95_ms": round(spent[int(len(spent) * 0.95) - 1]) if spent else 0,
    }


async def _page(port: int, cookie: str, address: str) -> float | None:
    """Milliseconds; None for anything but a page."""
    began = time.perf_counter()
    try:
        async with asyncio.timeout(15):
            reader, writer = await _say(port, _get(address, cookie, "Connection: close\r\n"))
            found = await reader.read()
            writer.close()
    except (OSError, TimeoutError):
        return None
    return (time.perf_counter() - began) * 1000 if found.startswith(b"HTTP/1.1 200") else None


async def _open(port: int, cookie: str) -> list[Connection]:
    return [one for _ in range(STREAMS) if (one := await _watch(port, cookie)) is not None]


async def _watch(port: int, cookie: str) -> Connection | None:
    try:
        async with asyncio.timeout(15):
            reader, writer = await _say(port, _get("/events", cookie))
            while not (line := await reader.readline()).startswith(b"data: "):
                if not line:
                    return None
    except (OSError, TimeoutError):
        return None
    return reader, writer


async def _say(port: int, text: str) -> Connection:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text.encode())
    return reader, writer


def _get(address: str, cookie: str, more: str = "") -> str:
    return f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n{more}\r\n"


def sign_in(port: int) -> str:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as browser:
        token = first_page(browser).partition('name="csrf_token" value="')[2].partition('"')[0]
        form = {"csrf_token": token, "email": EMAIL, "password": PASSWORD}
        assert browser.post("/sign-in", data=form).status_code == 302
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def first_page(browser: httpx.Client) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            return browser.get("/sign-in").text
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) // 1024


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _fill() -> None:
    from bench import seed
    from desk.base import db
    from desk.operations import schema
    from webapp.request import users

    schema.upgrade()
    with db.transaction() as session:
        seed.fill(session, seed.Plan(2000, 300))
        users.add_user(session, EMAIL, "Bench", PASSWORD, ["admin"], None, seed.NOW)


if __name__ == "__main__":
    _fill() if "fill" in sys.argv else print(json.dumps(measure(), indent=2))
