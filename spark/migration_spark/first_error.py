"""First error of a job, which ends its Spark jobs, its statements in the clones, and all waiting threads.

Cancelled work fails as well; these later errors are not the cause.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from pyspark.sql import SparkSession

# How long to wait for running work to end; the end of the process ends the rest.
_ENDING_SECONDS, _CANCELLING_SECONDS = 5.0, 30.0
_LOOK_SECONDS = 0.2
_AGAIN_SECONDS = 0.5


class FirstError:
    """Keeper of the first error in the job's context or in watched work, which ends all other work."""

    def __init__(self, spark: SparkSession) -> None:
        self._context = spark.sparkContext
        self._lock = threading.Lock()
        self._endings: list[Callable[[], None]] = [self._context.cancelAllJobs]
        self._working = 0
        self._error: BaseException | None = None
        self._ending: list[threading.Thread] = []

    def ends(self, ending: Callable[[], None]) -> None:
        """Call `ending` too when an error ends the job."""
        self._endings.append(ending)

    def check(self) -> None:
        """Raise the first error, if there is one; call this before beginning work."""
        if self._error is not None:
            raise self._error

    def note(self, error: BaseException) -> None:
        """Keep the error if it is the first, and begin to end running work."""
        with self._lock:
            if self._error is not None:
                return
            self._error = error
            self._ending = [
                threading.Thread(target=ended_quietly, args=(partial(self._end, end),), daemon=True)
                for end in self._endings
            ]
            # Inside the lock: who notes a later error waits for these threads, which must have started.
            for thread in self._ending:
                thread.start()

    def watched(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return the work wrapped for a thread: it does not begin after an error, and its own error is noted."""

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
        """Run functions with their arguments in threads, all or `at_once`; return their results.

        After an error it does not wait for running work, and queued work does not begin.
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
        """Leave the context with the first error, after running work has ended."""
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

    def _end(self, end: Callable[[], None]) -> None:
        """End work until none is left: a thread or a task that was about to begin a statement or a job begins it."""
        until = time.monotonic() + _CANCELLING_SECONDS
        ended_quietly(end)
        while self._is_busy() and time.monotonic() < until:
            time.sleep(_AGAIN_SECONDS)
            ended_quietly(end)

    def _is_busy(self) -> bool:
        # A task that Spark has cancelled runs on until its statement returns a row.
        executors: Any = self._context._jsc.sc().statusTracker().getExecutorInfos()
        return self._working > 0 or any(executor.numRunningTasks() > 0 for executor in executors)


def ended_quietly(end: Callable[[], None]) -> None:
    """Call `end`, and only log its error, which is not the cause."""
    try:
        end()
    except Exception as error:  # noqa: BLE001 - only the first error is reported
        print(f"not ended: {type(error).__name__}", flush=True)  # noqa: T201 - the driver's log is its standard output
