"""The memory of a web process after an hour of use: thousands of mixed requests of a team, as one after another would send
them in an hour and as fast as they are answered here, while live pages come and go. A desk of 2,000 mentions.

`end` is after the last request; a process that leaks grows between the second and the last quarter.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from typing import Any

import httpx
import psutil

from bench.web import free_port, sign_in

REQUESTS, AT_ONCE, STREAMS = 4_000, 6, 40
LOOKS = 80
TARGET_MB = 250
WORDS = (
    "кофеварка",
    "вернуть деньги",
    "чайник",
    "delivery",
    "refund",
    "не работает",
    "спасибо",
    "broken",
    '"the app"',
)
PERIODS = ("7", "30", "90", "365")
# How often each is asked for, of the sum; {case}, {mention}, {source} are numbers of rows, {word} and {period} as above.
SHARES = {
    "/": 12, "/?q={word}": 6, "/cases/{case}": 20, "/events/version": 4, "/mentions": 6, "/mentions?q={word}": 8,
    "/mentions/{mention}": 8, "/mentions/{mention}/why?head=intent": 1, "/numbers": 3, "/numbers?period={period}": 5,
    "/numbers/days.csv?period={period}": 2, "/numbers/table.csv": 2, "/sources": 3, "/sources/{source}": 3, "/sources/new": 1,
    "/settings": 2, "/settings/brands/1": 2, "/settings/judge": 2, "/team": 2, "/account": 2, "/health": 2, "/healthz": 2,
    "/metrics": 1, "/no-such-page": 1,
}  # fmt: skip


def measure(requests: int = REQUESTS) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as home:
        port = free_port()
        environment = {**os.environ, "OTKLIK_HOME": home, "OTKLIK_PORT": str(port)}
        subprocess.run([sys.executable, "-m", "bench.web", "fill"], env=environment, check=True)
        process = subprocess.Popen([sys.executable, "-m", "webapp"], env=environment)
        try:
            cookie = sign_in(port)
            return asyncio.run(
                _use(f"http://127.0.0.1:{port}", cookie, psutil.Process(process.pid), requests)
            )
        finally:
            process.terminate()
            process.wait(30)


async def _use(address: str, cookie: str, process: psutil.Process, requests: int) -> dict[str, Any]:
    chance, answers, sizes, start = Random(7), Counter[int](), [], _mb(process)
    async with httpx.AsyncClient(base_url=address, headers={"Cookie": cookie}, timeout=60) as browser:
        async with _streams(browser, chance) as turn:
            for _look in range(LOOKS):
                batch = [_address(chance) for _ in range(requests // LOOKS)]
                for first in range(0, len(batch), AT_ONCE):
                    asked = (browser.get(one) for one in batch[first : first + AT_ONCE])
                    answers.update(answer.status_code for answer in await asyncio.gather(*asked))
                await turn()
                sizes.append(_mb(process))
    quarters = [max(sizes[first : first + LOOKS // 4]) for first in range(0, LOOKS, LOOKS // 4)]
    return {
        "name": "web process after an hour of use",
        "requests": sum(answers.values()),
        "answers": {str(code): count for code, count in sorted(answers.items())},
        "start_rss_mb": start,
        "most_rss_mb_by_quarter": quarters,
        "end_rss_mb": sizes[-1],
        "growth_from_second_to_last_quarter_mb": round(quarters[3] - quarters[1], 1),
        "beside_it_rss_mb": {" ".join(child.cmdline()[2:4]): _mb(child) for child in process.children()},
        "target_rss_mb": TARGET_MB,
    }


def _address(chance: Random) -> str:
    (chosen,) = chance.choices(list(SHARES), list(SHARES.values()))
    return chosen.format(
        case=chance.randint(1, 300),
        mention=chance.randint(1, 2_000),
        source=chance.randint(1, 4),
        word=chance.choice(WORDS),
        period=chance.choice(PERIODS),
    )


@asynccontextmanager
async def _streams(browser: httpx.AsyncClient, chance: Random) -> AsyncIterator[Any]:
    """Live pages that are open meanwhile; each turn closes a quarter of them and opens others."""
    open_pages: list[AsyncExitStack] = []

    async def turn() -> None:
        chance.shuffle(open_pages)
        while len(open_pages) > STREAMS * 3 // 4:
            await open_pages.pop().aclose()
        while len(open_pages) < STREAMS:
            page = AsyncExitStack()
            await page.enter_async_context(browser.stream("GET", "/events"))
            open_pages.append(page)

    try:
        yield turn
    finally:
        for page in open_pages:
            await page.aclose()


def _mb(process: psutil.Process) -> float:
    return round(process.memory_info().rss / 1_000_000, 1)


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS), indent=2))
