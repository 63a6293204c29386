"""`python -m tests.crawler.made_up …` is `python -m crawler …` that knows the made-up channels as well."""

import sys

from crawler.__main__ import main
from tests.channels import made_up

if __name__ == "__main__":
    made_up.register()
    sys.exit(main())
