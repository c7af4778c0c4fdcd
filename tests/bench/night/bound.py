"""How large a rate may be, given what was counted: the exact one-sided bound of Clopper and Pearson."""

from math import comb, exp, lgamma, log, log1p

SMALL = 60
ROUNDS = 200


def upper(wrong: int, of: int, confidence: float = 0.95) -> float:
    """The largest rate under which so few wrong ones among `of` are not rarer than 1 - confidence; 1.0 when nothing was counted.

    Clopper & Pearson 1934: the p with P(X <= wrong | of, p) = 1 - confidence.
    """
    if of == 0 or wrong >= of:
        return 1.0
    low, high = wrong / of, 1.0
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        if _at_most(wrong, of, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(wrong: int, of: int, rate: float) -> float:
    return (
        sum(exp(_log_choose(of, k) + k * log(rate) + (of - k) * log1p(-rate)) for k in range(wrong + 1))
        if 0 < rate < 1
        else 0.0
    )


def _log_choose(of: int, k: int) -> float:
    return log(comb(of, k)) if of < SMALL else lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1)
