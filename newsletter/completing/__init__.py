"""Answering the tab key, within a blink: commands, options, ids with their titles.

``answer``    what the shell asks, and what it is told
``grammar``   where in the command line the cursor stands (pure)
``home``      newsletters, sections and names, from newsletter.toml
``rows``      items, issues and clusters, straight from the database
``kept``      the command tree, kept in a file, since building it takes too long

Nothing of the program is imported here, neither Typer nor SQLModel: they alone take longer than
somebody waits for a key. Nothing is ever written to the database, and no error is shown: a
shell that cannot be helped offers nothing.
"""
