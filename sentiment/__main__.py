"""python -m sentiment: tag texts, say why, measure and time the model. Answers on stdout, talk on stderr."""

import argparse
import sys
from collections.abc import Sequence

from sentiment import classification, learning_bench, measuring, peers, speed, why
from sentiment.errors import SentimentError


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sentiment", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (classification, why, measuring, peers, speed, learning_bench):
        module.add_command(commands)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except SentimentError as error:
        print(f"sentiment: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader (head, less) has gone; python would complain once more when it closes stdout.
        sys.stderr.close()
        return 1


if __name__ == "__main__":
    sys.exit(main())
