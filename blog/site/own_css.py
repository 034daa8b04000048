"""A stylesheet of the owner's own: what of CSS is taken, so that no page asks another site.

It is read by tinycss2 as browsers read it, escapes and all, and taken whole or not at all.
"""

import tinycss2
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from blog.lib.lines import with_plain_breaks

# Bytes, as they come with every page.
MOST = 20_000
# Rules with @ that can ask for nothing.
AT_RULES = frozenset(
    """
    charset container counter-style font-feature-values font-palette-values keyframes layer media
    page property scope starting-style supports view-transition -webkit-keyframes
    """.split()
)
# Functions whose strings are addresses, or that ran scripts in browsers of old.
FUNCTIONS = frozenset(
    "src image image-set -webkit-image-set cross-fade -webkit-cross-fade expression".split()
)
SCRIPTS = frozenset({"behavior", "-ms-behavior", "-moz-binding"})


def checked(css):
    """Return a stylesheet as it is to stand in pages; raises ValidationError with a sentence."""
    css = with_plain_breaks(css).replace("\f", "\n").strip()
    size = len(css.encode())
    if size > MOST:
        raise ValidationError(
            _("This is %(size)d bytes long, and every page brings it. At most %(most)d are taken.")
            % {"size": size, "most": MOST}
        )
    for mark in ("</", "<!"):
        if mark in css:  # it stands in a style element, which these could end
            raise ValidationError(
                _("Line %(line)d: “%(what)s” cannot stand in a stylesheet.")
                % {"line": css[: css.index(mark)].count("\n") + 1, "what": mark}
            )
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    for rule in rules:
        check_rule(rule)
    return css


def check_rule(rule):
    """Look at a rule and at everything in it, however deep: a list, for blocks may be thousands."""
    nodes = [rule]
    while nodes:
        node = nodes.pop()
        check(node)
        for part in (getattr(node, name, None) for name in ("prelude", "content", "arguments")):
            if part:
                nodes += with_at_words(part)


def with_at_words(nodes):
    """Return the parts of a block, in which a rule with @ is a word and no rule yet."""
    for before, node in zip([None, *nodes], nodes, strict=False):
        if node.type == "at-keyword":
            check_at_rule(node, node.lower_value)
        elif is_script(before, node):
            refuse(node, before.value)
    return nodes


def is_script(before, node):
    is_colon = node.type == "literal" and node.value == ":"
    return (
        is_colon and before is not None and before.type == "ident" and before.lower_value in SCRIPTS
    )


def check(node):
    if node.type == "error":
        raise ValidationError(
            _("Line %(line)d cannot be read: %(why)s.")
            % {"line": node.source_line, "why": node.message.rstrip(".")}
        )
    if node.type == "at-rule":
        check_at_rule(node, node.lower_at_keyword)
    elif node.type == "url":
        check_address(node, node.value)
    elif node.type == "function" and node.lower_name == "url":
        check_address(node, "".join(part.value for part in node.arguments if part.type == "string"))
    elif node.type == "function" and node.lower_name in FUNCTIONS:
        refuse(node, f"{node.name}()")


def check_at_rule(node, name):
    if name not in AT_RULES:
        refuse(node, f"@{name}")


def check_address(node, address):
    """Take parts of the page and files of this site alone."""
    address = address.strip()
    is_ours = address.startswith("/") and address[1:2] not in ("/", "\\")
    if not (is_ours or address.startswith("#")) or "\\" in address or not address.isprintable():
        raise ValidationError(
            _(
                "Line %(line)d: url(%(address)s) would ask another site, or is not an address "
                "here. Give the path of a file of this site, such as /media/…"
            )
            % {"line": node.source_line, "address": address[:60]}
        )


def refuse(node, what):
    raise ValidationError(
        _("Line %(line)d: %(what)s is not taken, as it can ask another site or run a script.")
        % {"line": node.source_line, "what": what[:60]}
    )
