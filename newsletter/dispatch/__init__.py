"""Sending: the ledger of deliveries, the message on the wire, the courier, the loop."""
