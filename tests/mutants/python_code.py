"""Mutants of Python: one operator, number, text, element, argument or statement of a file at a time.

Messages are left alone: what a `raise` or an f-string says is prose, and a test that compares it word by word proves
nothing about a decision.
"""

from __future__ import annotations

import ast
import dataclasses
import re
from typing import TYPE_CHECKING

from tests.mutants.mutant import Edit, Mutant, mutants_of, shown
from tests.mutants.python_syntax import COMPARED, COMPUTED, SWAPPED, decisive_children, is_condition, is_text

if TYPE_CHECKING:
    from collections.abc import Iterator


def python_mutants(path: str, source: str) -> list[Mutant]:
    """Return the mutants of a Python file, a few of which may not compile: `compiles` tells them."""
    tree = ast.parse(source)
    at_import = _lines_of_import(tree)
    mutants = mutants_of(path, source, list(_Edits(source).of(tree)))
    return [dataclasses.replace(mutant, runs_at_import=mutant.line in at_import) for mutant in mutants]


def compiles(mutant: Mutant) -> bool:
    """Return whether the mutant parses."""
    try:
        ast.parse(mutant.source)
    except SyntaxError:
        return False
    return True


def _lines_of_import(tree: ast.Module) -> set[int]:
    """Return the lines outside of functions' bodies, which run when the module is imported."""
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside.update(range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1))
    last = tree.body[-1].end_lineno or 0 if tree.body else 0
    return set(range(1, last + 1)) - inside


class _Edits:
    """Walk a tree, and yield the edits of each node."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._lines = source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def of(self, node: ast.AST) -> Iterator[Edit]:
        """Yield the edits of a node and of all below it, but of no annotation, docstring, message or decorator."""
        yield from self._own(node)
        for child in decisive_children(node):
            yield from self.of(child)

    def _own(self, node: ast.AST) -> Iterator[Edit]:
        match node:
            case ast.Compare():
                yield from self._compared(node)
            case ast.BoolOp():
                yield from self._joined(node)
            case ast.UnaryOp(op=ast.Not()):
                yield self._replace(node, self._text(node.operand), f"`{shown(self._text(node))}` without `not`")
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                return
            case ast.If() | ast.IfExp() | ast.While():
                yield from self._negated(node.test)
            case ast.comprehension():
                for condition in node.ifs:
                    yield from self._negated(condition)
            case ast.BinOp():
                yield from self._computed(node)
            case ast.Constant():
                yield from self._constant(node)
            case ast.Call():
                yield from self._call(node)
            case ast.Tuple() | ast.List() | ast.Set():
                yield from self._elements(node)
            case ast.Dict():
                yield from self._entries(node)
            case ast.Return(value=ast.expr() as value) if not is_condition(value):
                yield self._replace(value, "None", f"return None, not `{shown(self._text(value))}`")
            case ast.stmt():
                yield from self._statement(node)
            case ast.ExceptHandler(body=[ast.stmt() as first, *rest]) if not isinstance(first, ast.Raise):
                yield self._between(first, [first, *rest][-1], "raise", "the error is raised again")

    def _statement(self, node: ast.stmt) -> Iterator[Edit]:
        match node:
            case (
                ast.Expr(value=ast.Call() | ast.YieldFrom() | ast.Yield())
                | ast.Raise()
                | ast.AugAssign()
                | ast.Delete()
            ):
                yield self._replace(node, "pass", f"without `{shown(self._text(node))}`")
            case ast.Continue():
                yield self._replace(node, "break", "`continue` becomes `break`")
            case ast.Break():
                yield self._replace(node, "continue", "`break` becomes `continue`")

    def _compared(self, node: ast.Compare) -> Iterator[Edit]:
        left: ast.expr = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            yield from self._operator(left, right, *COMPARED[type(operator)])
            left = right

    def _computed(self, node: ast.BinOp) -> Iterator[Edit]:
        if type(node.op) in COMPUTED and not any(map(is_text, (node.left, node.right))):
            yield from self._operator(node.left, node.right, *COMPUTED[type(node.op)])

    def _joined(self, node: ast.BoolOp) -> Iterator[Edit]:
        now, then = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from self._operator(left, right, rf"\b{now}\b", then)

    def _operator(self, left: ast.expr, right: ast.expr, pattern: str, then: str) -> Iterator[Edit]:
        start = self._end(left)
        if token := re.search(pattern, self._source[start : self._start(right)]):
            change = f"`{' '.join(token[0].split())}` becomes `{then}`"
            yield Edit(start + token.start(), start + token.end(), then, change)

    def _negated(self, test: ast.expr) -> Iterator[Edit]:
        if not is_condition(test):
            text = self._text(test)
            yield self._replace(test, f"(not ({text}))", f"`{shown(text)}` is negated")

    def _constant(self, node: ast.Constant) -> Iterator[Edit]:
        value, text = node.value, self._text(node)
        if isinstance(value, bool):
            yield self._replace(node, str(not value), f"`{value}` becomes `{not value}`")
        elif isinstance(value, int | float):
            yield self._replace(node, repr(value + 1), f"`{text}` becomes `{value + 1}`")
        elif isinstance(value, str | bytes):
            other = 'b"' if isinstance(value, bytes) else '"'
            other += '"' if value else 'x"'
            yield self._replace(node, other, f"`{shown(text)}` becomes `{other}`")

    def _call(self, node: ast.Call) -> Iterator[Edit]:
        name = node.func
        called = name.id if isinstance(name, ast.Name) else name.attr if isinstance(name, ast.Attribute) else ""
        if called in SWAPPED:
            end = self._end(name)
            yield Edit(end - len(called), end, SWAPPED[called], f"`{called}` becomes `{SWAPPED[called]}`")
        for keyword in node.keywords:
            if keyword.arg:
                change = f"without the argument `{shown(self._text(keyword))}`"
                yield self._dropped(self._start(keyword), self._end(keyword), change)

    def _elements(self, node: ast.Tuple | ast.List | ast.Set) -> Iterator[Edit]:
        if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
            return
        empty = {ast.Tuple: "()", ast.List: "[]", ast.Set: "set()"}[type(node)]
        for element in node.elts:
            change = f"without the element `{shown(self._text(element))}`"
            if len(node.elts) == 1:
                yield self._replace(node, empty, change)
            elif isinstance(node, ast.Tuple) and element is node.elts[0] and len(node.elts) == 2:
                # A tuple of one ends with a comma.
                last = node.elts[1]
                yield self._between(element, last, f"{self._text(last)},", change)
            else:
                yield self._dropped(self._start(element), self._end(element), change)

    def _entries(self, node: ast.Dict) -> Iterator[Edit]:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                change = f"without the entry `{shown(self._text(key))}`"
                yield self._dropped(self._start(key), self._end(value), change)

    def _dropped(self, start: int, end: int, change: str) -> Edit:
        comma = re.compile(r"[ \t]*,[ \t]*").match(self._source, end)
        return Edit(start, comma.end() if comma else end, "", change)

    def _replace(self, node: ast.AST, text: str, change: str) -> Edit:
        return self._between(node, node, text, change)

    def _between(self, first: ast.AST, last: ast.AST, text: str, change: str) -> Edit:
        return Edit(self._start(first), self._end(last), text, change)

    def _text(self, node: ast.AST) -> str:
        return self._source[self._start(node) : self._end(node)]

    def _start(self, node: ast.AST) -> int:
        return self._offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]  # expressions and statements

    def _end(self, node: ast.AST) -> int:
        return self._offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]  # the same

    def _offset(self, line: int, column: int) -> int:
        # Python counts columns in bytes of UTF-8.
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())
