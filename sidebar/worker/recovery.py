"""What to do when a stream or a question fails: what may help at once, and how long to wait before the next try."""

from sidebar.orgs import NotConnected
from sidebar.random import Random
from sidebar.salesforce.client import Access
from sidebar.salesforce.errors import LimitExceeded, SalesforceError, StreamRefused, Unauthorized
from sidebar.salesforce.pubsub import CORRUPTED
from sidebar.worker.pace import Pace


class Recovery:
    """Of one stream. `access`: what it was opened with; `refused`: what Salesforce does not take any more;
    `position_lost`: it does not know our position any more, which is to be given up."""

    def __init__(self, pace: Pace, random: Random) -> None:
        self.access: Access | None = None
        self.refused: Access | None = None
        self.position_lost = False
        self._waits = Waits(pace, random)

    def worked(self) -> None:
        """Only a response proves that a stream works: one that opens and fails at once shall not look healthy."""
        self._waits.reset()
        self.refused = None
        self.position_lost = False

    def failed(self, problem: Exception) -> float:
        """Seconds to wait."""
        return 0 if self._mended(problem) else self._waits.after(problem)

    def _mended(self, problem: Exception) -> bool:
        """True where trying at once may well succeed; never twice for the same reason without a response between."""
        if isinstance(problem, Unauthorized):
            before, self.refused = self.refused, self.access
            return before is None
        if isinstance(problem, StreamRefused) and problem.code == CORRUPTED:
            was_lost, self.position_lost = self.position_lost, True
            return not was_lost
        return False


class Waits:
    """Longer from failure to failure, up to a bound."""

    def __init__(self, pace: Pace, random: Random) -> None:
        self._pace = pace
        self._random = random
        self._failures = 0

    def reset(self) -> None:
        self._failures = 0

    def after(self, problem: Exception) -> float:
        """From half the time to the whole of it, so that many who failed together do not come back together."""
        self._failures += 1
        wait = self._longest(problem) * (1 + int.from_bytes(self._random(4), "big") / 2**32) / 2
        return max(wait, min(self._pace.spent, problem.retry_after)) if isinstance(problem, LimitExceeded) else wait

    def _longest(self, problem: Exception) -> float:
        if isinstance(problem, SalesforceError) and problem.permanent:
            return self._pace.longest_wait
        return min(self._pace.longest_wait, self._pace.first_wait * 2.0 ** min(self._failures - 1, 30))


def told(problem: Exception) -> str:
    """What a page may show: texts of our own and of Salesforce. Others may quote a customer's values."""
    known = isinstance(problem, SalesforceError | NotConnected)
    return str(problem) if known else f"An unexpected error ({type(problem).__name__})"
