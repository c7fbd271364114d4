"""Kill the sender again and again while its mail server lies to it, and compare the accounts.

``make chaos`` or ``python -m tests.chaos --readers 20000 --kills 200 --seed 7 --database sqlite``
(without ``--database``: SQLite, then PostgreSQL). The same seed draws the same plan: what is done
to which life of the sender, and how each connection of the mail server behaves. When exactly a
blow falls is the machine's business, so two runs of a plan differ, and both have to come out right.

    plan, tempers   what is done, and how the mail server behaves (pure, from a seed)
    server          the mail server: a process of its own; each message is on the disk before
                    its 250. Its log is the judge's witness
    senders         ``newsletter dispatch --until-empty`` in a process of its own
    worlds          a home on either database, and what may befall it
    ordeal          carries the plan out
    judge           the ledger against the server's log

The clock. Deferred copies come again after 5, 15, 30 … minutes, so the machine's time has to pass
faster: each process of the sender is forked from a server that has imported the program, and there
``time_machine`` puts the whole process's clock forward (it goes on ticking) before the program's
own ``main`` runs. The program has no switch for it.

A full disk. While a sender works, the kernel is told to let it write no file any further
(RLIMIT_FSIZE through prlimit, no root needed): every commit of SQLite, and every mark, fails in
the middle, as on a full disk, until the limit is lifted; or the sender is killed meanwhile. On
PostgreSQL that is a full disk of the home, not of the database's server.

Power loss. With SQLite only durable commits (claims, people's acts) are on the disk; anything
since the last one may be gone. So the state at a moment after the last durable commit is saved,
the sender goes on, is killed, and the saved state is put back with another boot id. On PostgreSQL
the sender and the server die together (SIGQUIT), and the server recovers from its log.
"""
