"""Run by Python itself before anything else: the made-up channels are there in our real processes."""

from tests.channels import made_up

made_up.register()
