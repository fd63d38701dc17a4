"""What cosine a query has to unrelated passages of a language, before any passage is looked at."""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

#: Passages of a language that are drawn to estimate its statistics.
SAMPLE = 10_000
#: The background passages of a language weigh as much as this many of the corpus's own. A corpus of three articles tells
#: next to nothing about unrelated passages: they are the ones that answer.
PRIOR = 40.0


class LanguageStatistics:
    """Mean vector and covariance of the passages of each language, with the background passages as a prior."""

    def __init__(self, own: dict[str, NDArray[np.float32]], background: dict[str, NDArray[np.float32]], order: tuple[str, ...]):
        """``own`` and ``background``: language to (n, dimension) vectors; ``order``: the languages that ``of`` reports on.

        A language the background lacks takes the background of all languages together.
        """
        everything = np.concatenate(list(background.values()))
        moments = [_blend(own[language], background.get(language, everything)) for language in order]
        self._background = np.stack([background.get(one, everything).mean(axis=0, dtype=np.float64) for one in order] or [[]])
        self._means = np.stack([mean for mean, _ in moments]) if moments else np.zeros((0, everything.shape[1]))
        self._covariances = np.stack([covariance for _, covariance in moments]) if moments else np.zeros((0, 1, 1))

    def of(self, vector: NDArray[np.float32]) -> tuple[Matrix, Matrix]:
        """(languages,) mean and (languages,) standard deviation > 0 of the vector's inner product with their passages."""
        wide = vector.astype(np.float64)
        variances = np.array([wide @ covariance @ wide for covariance in self._covariances])
        return self._means @ wide, np.sqrt(np.maximum(variances, 1e-8))

    def background_of(self, vector: NDArray[np.float32]) -> Matrix:
        """(languages,) mean inner product of the vector with the background passages alone, the same for every corpus."""
        return np.asarray(self._background @ vector.astype(np.float64))


def _blend(own: NDArray[np.float32], background: NDArray[np.float32]) -> tuple[Matrix, Matrix]:
    """Mean and covariance of the mixture of both samples, the background counting as PRIOR passages."""
    weight = len(own) / (len(own) + PRIOR)
    mean = (1 - weight) * background.mean(axis=0, dtype=np.float64)
    if len(own):
        mean = mean + weight * own.mean(axis=0, dtype=np.float64)
    covariance = (1 - weight) * _scatter(background, mean)
    return mean, covariance + weight * _scatter(own, mean) if len(own) else covariance


def _scatter(vectors: NDArray[np.float32], mean: Matrix) -> Matrix:
    # In single precision, a fifth of the time: ten thousand passages of each language are multiplied whenever an index opens.
    centred = vectors - mean.astype(np.float32)
    return np.asarray(centred.T @ centred / len(vectors), dtype=np.float64)
