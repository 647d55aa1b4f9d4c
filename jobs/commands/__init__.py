"""The commands of `weir`, one file each. A new one is a file here and a line in `jobs/cli.py`."""
