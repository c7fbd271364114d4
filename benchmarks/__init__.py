"""How fast we are, side by side with what others call fast, in one run.

``make bench`` runs all of it and writes README.md and the plots beside it;
``python -m benchmarks --help`` names the parts.
"""
