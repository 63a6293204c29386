"""RQ: when things happen. Jobs load, act and record; what is right to do is decided in desk."""
