"""The parts of Python's syntax that can change a decision, and the replacements of operators."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Sequence

COMPARED = {
    ast.Eq: (r"==", "!="),
    ast.NotEq: (r"!=", "=="),
    ast.Lt: (r"<", "<="),
    ast.LtE: (r"<=", "<"),
    ast.Gt: (r">", ">="),
    ast.GtE: (r">=", ">"),
    ast.In: (r"\bin\b", "not in"),
    ast.NotIn: (r"\bnot\s+in\b", "in"),
    ast.Is: (r"\bis\b", "is not"),
    ast.IsNot: (r"\bis\s+not\b", "is"),
}
COMPUTED = {
    ast.Add: (r"\+", "-"),
    ast.Sub: (r"-", "+"),
    ast.Mult: (r"\*", "//"),
    ast.FloorDiv: (r"//", "*"),
    ast.Div: (r"/", "*"),
    ast.Mod: (r"%", "*"),
    ast.BitOr: (r"\|", "&"),
    ast.BitAnd: (r"&", "|"),
}
SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any", "startswith": "endswith", "endswith": "startswith"}


def decisive_children(node: ast.AST) -> Sequence[ast.AST]:
    """Return the children whose change can change a decision."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            defaults = [default for default in node.args.kw_defaults if default is not None]
            return [*node.args.defaults, *defaults, *_without_docstring(node.body)]
        case ast.Module() | ast.ClassDef():
            return _without_docstring(node.body)
        case ast.AnnAssign():
            return [node.value] if node.value is not None else []
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return []
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return node.orelse
        case ast.JoinedStr() | ast.Raise() | ast.Import() | ast.ImportFrom():
            return []
        case ast.Subscript(slice=ast.Constant(value=str()) | ast.Tuple()):
            return [node.value]
        case ast.Compare():
            return [child for child in (node.left, *node.comparators) if not is_text(child)]
        case ast.Tuple() | ast.List() | ast.Set():
            return [element for element in node.elts if not is_text(element)]
        case ast.Dict():
            return [*(key for key in node.keys if key is not None and not is_text(key)), *node.values]
        case ast.keyword(value=value):
            return [] if is_text(value) else [value]
        case ast.Expr(value=ast.Constant()):
            return []
        case _:
            return list(ast.iter_child_nodes(node))


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    return [statement for statement in body if not isinstance(statement, ast.Expr) or not is_text(statement.value)]


def is_text(node: ast.AST) -> TypeGuard[ast.Constant | ast.JoinedStr]:
    """Return whether the node is a string."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def is_condition(node: ast.expr) -> bool:
    """Return whether the node has its own negating mutants."""
    if isinstance(node, ast.Constant):
        return node.value is None or isinstance(node.value, bool)
    return isinstance(node, ast.Compare | ast.BoolOp) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )
