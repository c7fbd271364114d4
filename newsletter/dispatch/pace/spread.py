"""Turns by weight (pure)."""

from collections.abc import Mapping, Sequence


class Spread:
    """Whose turn it is, so that everybody's share follows their weight, evenly mixed.

    Weight 0 is a reserve: it has a turn only while nobody with a weight is there.
    """

    def __init__(self, weights: Mapping[str, int]) -> None:
        self._weights = dict(weights)
        self._credit = dict.fromkeys(weights, 0)

    def turn(self, among: Sequence[str]) -> str:
        """One of these, who are there; at least one is."""
        weighted = [name for name in among if self._weights[name]] or list(among)
        if len(weighted) == 1:
            return weighted[0]
        for name in weighted:
            self._credit[name] += self._weights[name] or 1
        best = max(weighted, key=self._credit.__getitem__)
        self._credit[best] -= sum(self._weights[name] or 1 for name in weighted)
        return best
