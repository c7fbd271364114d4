"""The command line: one file per noun, mounted by cli.py."""
