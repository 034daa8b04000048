"""How much a theme may put into one page: loops are counted, so that none fills the memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.template import Context
from django.template import Template as Compiled
from django.template.base import Node, NodeList
from django.template.defaulttags import ForNode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from blog.lib.figures import figure

from .files import ThemeError

# Characters of a page, and turns of all loops of the theme in it.
MOST_CHARACTERS, MOST_TURNS = 20_000_000, 200_000


class Size:
    """What was put into one page so far."""

    def __init__(self) -> None:
        self.characters = self.turns = 0

    def add(self, characters: int) -> None:
        self.characters += characters
        self.turns += 1
        if self.turns > MOST_TURNS:
            said = ngettext(
                "Its loops take more than %(count)s turn.",
                "Its loops take more than %(count)s turns.",
                MOST_TURNS,
            )
            raise ThemeError(said % {"count": figure(MOST_TURNS)})
        if self.characters > MOST_CHARACTERS:
            said = ngettext(
                "The page has more than %(count)s character.",
                "The page has more than %(count)s characters.",
                MOST_CHARACTERS,
            )
            raise ThemeError(said % {"count": figure(MOST_CHARACTERS)})


_size: ContextVar[Size | None] = ContextVar("_size", default=None)


@contextmanager
def measured() -> Iterator[Size]:
    size = Size()
    before = _size.set(size)
    try:
        yield size
    finally:
        _size.reset(before)


class Turn(Node):  # type: ignore[misc]
    """What a loop repeats, counted each time."""

    def __init__(self, loop: ForNode) -> None:
        self.nodelist = loop.nodelist_loop
        self.token, self.origin = loop.token, loop.origin

    def render(self, context: Context) -> SafeString:
        html = self.nodelist.render(context)
        if size := _size.get():
            size.add(len(html))
        return mark_safe(html)  # noqa: S308 - made by a template


def bounded(template: Compiled) -> None:
    """Have the loops of a template counted; nothing is done twice."""
    for loop in template.nodelist.get_nodes_by_type(ForNode):
        if not any(isinstance(node, Turn) for node in loop.nodelist_loop):
            loop.nodelist_loop = NodeList([Turn(loop)])
