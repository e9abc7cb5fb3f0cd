"""The first error of a job ends it: Spark jobs, statements in the clones, and everything that waits.

What is cancelled fails as well. Its errors come later, and are not the cause.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from pyspark.sql import SparkSession

# How long the end of what runs is waited for; the end of the process ends the rest.
_ENDING_SECONDS, _CANCELLING_SECONDS = 5.0, 30.0
_LOOK_SECONDS = 0.2


class FirstError:
    """The first error in the job's context, or in any work that is watched: it ends all, and leaves the context."""

    def __init__(self, spark: SparkSession) -> None:
        self._context = spark.sparkContext
        self._lock = threading.Lock()
        self._endings: list[Callable[[], None]] = [self._cancel_jobs]
        self._working = 0
        self._error: BaseException | None = None
        self._ending: list[threading.Thread] = []

    def ends(self, ending: Callable[[], None]) -> None:
        """Let an error end something more."""
        self._endings.append(ending)

    def check(self) -> None:
        """Raise the first error, if there is one; whoever begins something asks."""
        if self._error is not None:
            raise self._error

    def note(self, error: BaseException) -> None:
        """Keep the error if it is the first, and begin to end what runs."""
        with self._lock:
            if self._error is not None:
                return
            self._error = error
            self._ending = [threading.Thread(target=ended_quietly, args=(end,), daemon=True) for end in self._endings]
        for thread in self._ending:
            thread.start()

    def watched(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return the work as something for a thread: its error is noted, and after an error it does not begin."""

        def watched(*arguments: Any) -> Any:
            self.check()
            with self._lock:
                self._working += 1
            try:
                return work(*arguments)
            except BaseException as error:
                self.note(error)
                raise
            finally:
                with self._lock:
                    self._working -= 1

        return watched

    def gather(self, futures: Iterable[Future[Any]]) -> list[Any]:
        """Return the results of watched work; raise the first error of the job without waiting for the others."""
        waiting: list[Future[Any]] = list(futures)
        left = set(waiting)
        while left:
            done, left = wait(left, timeout=_LOOK_SECONDS, return_when=FIRST_EXCEPTION)
            for error in (future.exception() for future in done):
                if error is not None:
                    self.note(error)
            self.check()
        return [future.result() for future in waiting]

    def run_all(self, works: Sequence[tuple[Any, ...]], at_once: int = 0) -> list[Any]:
        """Run functions with their arguments in threads, all or so many at once; return their results.

        After an error, what runs is not waited for, and what is queued does not begin.
        """
        if not works:
            return []
        pool = ThreadPoolExecutor(at_once or len(works))
        try:
            return self.gather([pool.submit(self.watched(work), *arguments) for work, *arguments in works])
        finally:
            pool.shutdown(wait=False)

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Leave the context with the first error, after the end of what runs."""
        try:
            yield
        except BaseException as error:
            self.note(error)
            self._await_end()
            if self._error is not None and self._error is not error:
                raise self._error from None
            raise

    def _await_end(self) -> None:
        until = time.monotonic() + _ENDING_SECONDS
        for thread in self._ending:
            thread.join(max(0.0, until - time.monotonic()))

    def _cancel_jobs(self) -> None:
        # A thread between two jobs begins the next one, unless it looks for an error before.
        until = time.monotonic() + _CANCELLING_SECONDS
        self._context.cancelAllJobs()
        while self._working and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
            self._context.cancelAllJobs()


def ended_quietly(end: Callable[[], None]) -> None:
    """End something as far as it goes: its own error is not the cause."""
    try:
        end()
    except Exception as error:  # noqa: BLE001 - the first error is what is told
        print(f"not ended: {type(error).__name__}", flush=True)  # noqa: T201 - the driver's log is its standard output
