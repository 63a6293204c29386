"""python -m sentiment.train --data DIR: makes the weights that ship, from public sets and our own texts."""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch

from sentiment.train.plan import QUICK, TINY, Plan
from sentiment.train.steps import STEPS
from sentiment.train.workshop import Workshop

_SIZES = {"full": Plan(), "quick": QUICK, "tiny": TINY}


def main() -> int:
    options = read_options()
    torch.set_num_threads(options.threads)
    plan = replace(
        _SIZES[options.size],
        tune_minutes=options.tune_minutes,
        members=options.members,
        keeps_start=options.keep_start,
        seed=options.seed,
    )
    shop = Workshop(options.data, options.out, plan, options.permissive_only, options.start_from)
    shop.write_plan()
    for number, step in enumerate(STEPS):
        if step.begins and shop.start_from:
            continue
        if shop.file(step.leaves).exists():
            print(f"{step.name}: done before", file=sys.stderr)
        else:
            refuse_to_tune_anew(shop, number, options.redo)
            run_step(shop, number)
        if step.name == options.until:
            break
    return 0


def refuse_to_tune_anew(shop: Workshop, number: int, is_asked_for: bool) -> None:
    """Tuning takes hours, and a file before it may be gone by mistake. Raises SystemExit."""
    lost = [
        step.leaves
        for step in STEPS[number + 1 :]
        if step.name == "tuning" and shop.file(step.leaves).exists()
    ]
    if lost and not is_asked_for:
        raise SystemExit(
            f"{STEPS[number].leaves} is missing, and making it again would throw {lost[0]} away, which took hours. Put it"
            " back, or give --redo to tune anew."
        )


def run_step(shop: Workshop, number: int) -> None:
    """What later steps made of an earlier result must not be taken for made of this one, so it goes first."""
    step = STEPS[number]
    for later in STEPS[number + 1 :]:
        shop.file(later.leaves).unlink(missing_ok=True)
    begun = time.monotonic()
    print(f"{step.name} ...", file=sys.stderr, flush=True)
    # Each step begins at the same noise, whether those before it ran in this process or another.
    torch.manual_seed(shop.plan.seed)
    step.run(shop)
    for scrap in (path for pattern in step.scraps for path in shop.out.glob(pattern)):
        scrap.unlink()
    print(f"{step.name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sentiment.train", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with train/, dev/, test/, parallel/, unlabelled/"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("var/train"), help="where steps leave their files (var/train)"
    )
    parser.add_argument(
        "--permissive-only", action="store_true", help="leave out the sets that state no licence"
    )
    parser.add_argument("--threads", type=int, default=1, help="processor cores to use (1)")
    parser.add_argument(
        "--size", choices=_SIZES, default="full", help="quick and tiny are for trying the pipeline"
    )
    parser.add_argument(
        "--tune-minutes", type=float, default=0.0, help="end each tuning after so long (0: no limit)"
    )
    parser.add_argument(
        "--members", type=int, default=1, help="tunings in different orders; their mean is the judge (1)"
    )
    parser.add_argument(
        "--start-from",
        type=Path,
        metavar="judge.pt",
        help="tune these weights further; their tokenizer.json lies beside them",
    )
    parser.add_argument(
        "--keep-start", action="store_true", help="the weights of --start-from count as one more member"
    )
    parser.add_argument("--seed", type=int, default=Plan().seed, help=f"({Plan().seed})")
    parser.add_argument(
        "--redo", action="store_true", help="a step before tuning may be done again, and tuning after it"
    )
    parser.add_argument("--until", choices=[step.name for step in STEPS], help="stop after this step")
    options = parser.parse_args()
    if options.keep_start and not options.start_from:
        parser.error("--keep-start needs --start-from: there is nothing to keep")
    return options


if __name__ == "__main__":
    sys.exit(main())
