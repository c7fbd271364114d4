"""Who reads, by what consent, and may we write to them now?

    addresses   what a deliverable address is, and when two are the same person
    tokens      signed, purpose-bound tokens for links in mails
    models      person, subscription, consent evidence, suppression
    lifecycle   the moves of a subscription: sign up, confirm, leave, erase, expire
    choices     which edition, and a rest
    imports     readers taken over from a list, with the evidence of their consent
    suppression addresses we do not write to, as keyed hashes
    limits      how often something may be tried
    roster      SELECTs that say who may be written to; the ledger composes them into its own
    errors      what can go wrong

This package knows no newsletter content, no template, no SMTP, no HTTP, no command line.
Session, ``now`` and secret are handed in.
"""
