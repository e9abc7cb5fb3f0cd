"""A view that wraps another view and keeps the report's page current in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from runner.console import complain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Protocol

    from runner.live.history.changes import Change
    from runner.live.history.progress import Progress
    from runner.live.views.json_lines import JsonLineView
    from runner.live.views.progress_views import LineView, LiveView

    class Page(Protocol):
        """A page that renews itself when due, and returns an error as text."""

        def update(self, arns: Sequence[str], *, last: bool = False) -> list[str]:
            """Renew the page; after the last call it no longer reloads itself."""


class PagedView:
    """A wrapper of a view that renews a page with each poll; an error of the page does not end the command."""

    def __init__(self, view: LineView | LiveView | JsonLineView, page: Page, arns: Sequence[str]) -> None:
        self._view = view
        self._page = page
        self._arns = arns
        self._problem = ""

    def __enter__(self) -> Self:
        """Begin."""
        self._view.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, and write the last page; the page of a running run shows its time."""
        self._view.__exit__(kind, error, trace)
        self._tell(self._page.update(self._arns, last=True))

    def changed(self, progress: Progress, changes: list[Change]) -> None:
        """Pass changes on."""
        self._view.changed(progress, changes)

    def tick(self, all_progress: list[Progress]) -> None:
        """Pass the time on, and renew the page."""
        self._view.tick(all_progress)
        self._tell(self._page.update(self._arns))

    def ended(self, progress: Progress) -> None:
        """Pass the end on."""
        self._view.ended(progress)

    def _tell(self, problems: list[str]) -> None:
        """Write an error of the page if it differs from the last one."""
        for problem in problems:
            if problem != self._problem:
                complain(problem)
            self._problem = problem
