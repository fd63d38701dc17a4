"""What cosine a query has to the passages of a language, before any of them is looked at."""

import numpy as np
from numpy.typing import NDArray

#: Passages of a language that are drawn to estimate its statistics.
SAMPLE = 10_000
#: A language of few passages is drawn towards the whole corpus, as if it had this many passages of it.
PRIOR = 10.0


class LanguageStatistics:
    """Mean vector and covariance of the passages of each language."""

    def __init__(self, vectors: NDArray[np.float32], groups: NDArray[np.int64], count: int):
        """``vectors``: (n, dimension); ``groups``: (n,) the language of each row, below ``count``."""
        dimension = vectors.shape[1]
        self.means = np.zeros((count, dimension))
        self.covariances = np.zeros((count, dimension, dimension))
        if not len(vectors):
            return
        all_mean = vectors.mean(axis=0, dtype=np.float64)
        centred = vectors - all_mean
        all_covariance = centred.T @ centred / len(vectors)
        for group in range(count):
            own = vectors[groups == group].astype(np.float64)
            weight = len(own) / (len(own) + PRIOR)
            own_mean = own.mean(axis=0) if len(own) else all_mean
            own_covariance = (own - own_mean).T @ (own - own_mean) / max(len(own), 1)
            self.means[group] = weight * own_mean + (1 - weight) * all_mean
            self.covariances[group] = weight * own_covariance + (1 - weight) * all_covariance

    def of(self, vector: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(languages,) mean and (languages,) standard deviation > 0 of the vector's inner product with their passages."""
        wide = vector.astype(np.float64)
        variances = np.einsum("d,gde,e->g", wide, self.covariances, wide)
        return self.means @ wide, np.sqrt(np.maximum(variances, 1e-8))
