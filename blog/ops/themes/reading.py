"""What a template's source asks for: its parents, parts, blocks, variables, addresses and files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.template import Origin
from django.template import Template as Compiled
from django.template.base import FilterExpression, Node, TokenType, Variable
from django.template.defaulttags import URLNode
from django.template.engine import Engine
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode
from django.template.smartif import TokenBase
from django.templatetags.i18n import BlockTranslateNode
from django.templatetags.static import StaticNode

# Attributes of nodes that name what they set.
SETS = ("loopvars", "extra_context", "target_var", "asvar", "varname", "variable_name", "var_name")
MORE_SETS = ("variable", "countervar")

Place = tuple[str, int]  # a name, and the line it stands on


@dataclass
class Asked:
    """What one template asks for."""

    extends: list[Place] = field(default_factory=list)
    includes: list[Place] = field(default_factory=list)
    urls: list[Place] = field(default_factory=list)
    files: list[Place] = field(default_factory=list)
    # Dotted, as they stand there.
    variables: list[Place] = field(default_factory=list)
    sets: set[str] = field(default_factory=set)
    blocks: list[Place] = field(default_factory=list)
    # Of these, blocks that stand in another one.
    inner: set[str] = field(default_factory=set)
    names_a_variable_parent: bool = False


def compiled(source: str, name: str, path: str, engine: Engine) -> Compiled:
    """Return a template as it was written, so that lines are those of its file."""
    return Compiled(source, Origin(path, name), name, engine)


def asked(template: Compiled) -> Asked:
    found = Asked()
    for node in template.nodelist.get_nodes_by_type(Node):
        line = node.token.lineno if node.token else 1
        look(node, line, found)
        found.variables += [(name, line) for name in variables_of(node)]
    for block in template.nodelist.get_nodes_by_type(BlockNode):
        inside = block.nodelist.get_nodes_by_type(BlockNode)
        found.inner |= {each.name for each in inside if each is not block}
    return found


def look(node: Node, line: int, found: Asked) -> None:
    """Note what a node is there for."""
    if isinstance(node, ExtendsNode):
        name = constant(node.parent_name)
        found.names_a_variable_parent |= name is None
        found.extends += [(name, line)] if name else []
    elif isinstance(node, IncludeNode):
        name = constant(node.template)
        found.includes += [(name, line)] if name else []
    elif isinstance(node, URLNode):
        name = constant(node.view_name)
        # With `as`, a missing address is not an error.
        found.urls += [(name, line)] if name and not node.asvar else []
    elif isinstance(node, StaticNode):
        name = constant(node.path)
        found.files += [(name, line)] if name else []
    elif isinstance(node, BlockNode):
        found.blocks.append((node.name, line))
    for attribute in (*SETS, *(MORE_SETS if not isinstance(node, IncludeNode) else ())):
        value = getattr(node, attribute, None)
        found.sets |= {value} if isinstance(value, str) else names_in(value)


def names_in(value: Any) -> set[str]:
    return {name for name in value if isinstance(name, str)} if value else set()


def constant(expression: Any) -> str | None:
    """Return the name that an expression is; None where that depends on the page."""
    if isinstance(expression, FilterExpression):
        is_plain = isinstance(expression.var, str) and not expression.filters
        return str(expression.var) if is_plain else None
    return None


def variables_of(node: Node) -> Iterator[str]:
    """Yield the variables that a node reads, dotted."""
    if isinstance(node, BlockTranslateNode):
        tokens = [*node.singular, *(node.plural or [])]
        yield from (
            token.contents.split("|")[0]
            for token in tokens
            if token.token_type is TokenType.VAR
            and token.contents.split("|")[0] not in set_by(node)
        )
    waiting: list[Any] = [value for name, value in vars(node).items() if name != "token"]
    for _step in range(10_000):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, FilterExpression):
            waiting.append(value.var)
            waiting += [each for _func, args in value.filters for is_var, each in args if is_var]
        elif isinstance(value, Variable):
            if value.lookups:
                yield ".".join(value.lookups)
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, TokenBase):
            waiting += [value.first, value.second, getattr(value, "value", None)]
        elif isinstance(value, (list, tuple)) and not hasattr(value, "get_nodes_by_type"):
            waiting += [each for each in value if not isinstance(each, Node)]


def set_by(node: BlockTranslateNode) -> set[str]:
    return {*node.extra_context, *filter(None, [node.countervar])}
