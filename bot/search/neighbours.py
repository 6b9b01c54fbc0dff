"""The example texts nearest to a text, owner by owner: a question that was asked before decides by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.search.classifier import Vector

_NEAREST = 3  # texts of an owner that count


class Neighbours:
    """All texts as rows of one sparse matrix, those of an owner side by side."""

    def __init__(
        self,
        owners: Sequence[str],
        ends: NDArray[np.int32],
        starts: NDArray[np.int32],
        rows: NDArray[np.int32],
        values: NDArray[np.float32],
    ) -> None:
        """``ends``: one past the last text of each owner; ``starts``: where each text begins in ``rows``."""
        self.owners = list(owners)
        self.ends, self.starts, self.rows, self.values = ends, starts, rows, values
        self._at = {owner: at for at, owner in enumerate(self.owners)}

    @classmethod
    def of(cls, owners: Sequence[str], vectors: Sequence[Vector]) -> Neighbours:
        """The index of these texts, one owner for each."""
        order = sorted(range(len(owners)), key=lambda at: owners[at])
        names = sorted(set(owners))
        sizes = [sum(owner == name for owner in owners) for name in names]
        lengths = [len(vectors[at].rows) for at in order]
        return cls(
            names,
            np.cumsum(sizes, dtype=np.int32),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
            np.concatenate([vectors[at].rows for at in order]),
            np.concatenate([vectors[at].values for at in order]),
        )

    def near(self, owner: str, spread: NDArray[np.float32]) -> float:
        """How near (0 to 1) the nearest texts of the owner are to the text that was spread out."""
        at = self._at[owner]
        first, last = (self.ends[at - 1] if at else 0), self.ends[at]
        begin, end = self.starts[first], self.starts[last]
        products = spread[self.rows[begin:end]] * self.values[begin:end]
        likeness = np.add.reduceat(products, self.starts[first:last] - begin)
        nearest = np.sort(likeness)[-_NEAREST:]
        return float(nearest.sum()) / _NEAREST

    @staticmethod
    def spread_out(vector: Vector, size: int) -> NDArray[np.float32]:
        """The vector with a place for every feature of the vocabulary."""
        spread = np.zeros(size, np.float32)
        spread[vector.rows] = vector.values
        return spread
