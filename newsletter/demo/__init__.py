"""The story that ``newsletter demo`` tells, and the mail server with an inbox it is told to.

The real program on loopback: the web application, the verbs, the sender, SMTP. Only the clock
of the story is its own: an issue goes out as soon as it is approved.
"""
