"""What every channel must keep to, one file an ability. A new channel is held to it by its line in KINDS alone."""
