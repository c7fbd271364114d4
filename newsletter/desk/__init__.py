"""The full-screen editor's desk: a skin over the verbs that the command line has, too.

``looking``     what lies on the desk at one moment, read in one go
``hands``       the verbs, each one act; what to say about it
``queue_lines``, ``issue_lines``, ``letter``   what the three panes show, ``drawn`` (pure)
``keys``        which key does what, which matter now, the help (pure)
``kept``        text that was typed and not sent yet
``lines``, ``dialogs``, ``panes``, ``item_keys``, ``app``   the terminal: Textual, and only here

Nothing is possible here alone: whoever cannot use a full screen has the commands.
"""
