"""Where somebody reads an essay or writes it: from a block of its page to a line of its source.

So Edit beside a published essay opens the desk at the paragraph that was on screen, and publishing
leads back to the one that was changed.
"""

from bisect import bisect_right
from itertools import takewhile
from urllib.parse import quote

import lxml.html

from blog.lib.numbers import number_in

from .looking import DEFINITION, REFERENCE
from .source import NOTE_CLASSES, Lines, lines_of_blocks, words_in

# Words of a paragraph that a browser looks for; more where another one begins with the same.
WORDS, MOST_WORDS = 8, 40
# Within a paragraph: what browsers look for stands in one block, and in nothing wider.
INLINE = {
    *("a", "abbr", "b", "bdi", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q"),
    *("s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var"),
}


def line_of(text, html, number):
    """Return the line of a text on which the `number`th block of a page begins, or None.

    The page may show an older text.
    """
    number = number_in(number)
    if not (number and html and text):
        return None
    lines = lines_of_blocks(text, parsed(html))
    return lines[min(number, len(lines)) - 1] if lines else None


def way_back(post, given, html_before):
    """Return the fragment that leads to where somebody was in an essay, "" for its start.

    That is the line of the cursor, where a script said so; else the first paragraph that is not as
    it was; else the one that was on screen when Edit was pressed.
    """
    root = parsed(post.body_html)
    line = number_in(given.get("line", ""))
    if line:
        line = line_of_reference(post.body, line)
        at = bisect_right(lines_of_blocks(post.body, root), line) - 1
    elif (at := first_changed(parsed(html_before), root)) is None:
        at = (number_in(given.get("at", "")) or 0) - 1
    return fragment_of(root, min(at, len(root) - 1)) if at > 0 else ""


def parsed(html):
    return lxml.html.fragment_fromstring(html, create_parent="div")


def first_changed(before, now):
    """Return the place of the first block that differs, or None; of what went, the one above."""
    pairs = zip(map(lxml.html.tostring, before), map(lxml.html.tostring, now), strict=False)
    same = sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], pairs))
    if same == len(before) == len(now):
        return None
    return min(same, len(now) - 1)


def line_of_reference(text, line):
    """Return the line that a note belongs to, where this line is of a note; else the line."""
    lines = Lines(text)
    within = [found for found in DEFINITION.finditer(text) if lines.number(found.start()) <= line]
    if not within:
        return line
    between = text[within[-1].end() :].split("\n")[1 : line - lines.number(within[-1].start()) + 1]
    if any(part.strip() and not part.startswith("    ") for part in between):
        return line  # other words came after the note
    mark = within[-1][2]
    first = next((found for found in REFERENCE.finditer(text) if found[1] == mark), None)
    return lines.number(first.start()) if first else line


def fragment_of(root, at):
    """Return the fragment that leads to a block, by its first words: its HTML has no address.

    A browser that looks for no words goes to the heading above.
    """
    while at >= 0 and not (words := first_words(root[at])):
        at -= 1  # such as a picture
    if at < 0:
        return ""
    above = [" ".join(words_in(block).split()) for block in root[:at]]
    count = min(WORDS, len(words))
    while count < min(MOST_WORDS, len(words)) and any(
        " ".join(words[:count]) in text for text in above
    ):
        count += 1
    heading = next((block.get("id") for block in reversed(root[: at + 1]) if block.get("id")), "")
    # A hyphen means something there.
    looked_for = quote(" ".join(words[:count]), safe="").replace("-", "%2D")
    return f"#{quote(heading)}:~:text={looked_for}"


def first_words(block):
    """Return the words at the start of a block, as far as they stand together in one line box."""
    parts, ended = [], False

    def read(element, inside):
        nonlocal ended
        classes = {*element.get("class", "").split()}
        if element.tag not in INLINE and "".join(parts).strip():
            ended = True
        if "ref" in classes and parts:
            # The number follows the word without a space, and would count as a part of it.
            parts[-1] = parts[-1].rpartition(" ")[0] or parts[-1]
            ended = True
        if ended or NOTE_CLASSES & classes:
            return
        parts.append(element.text or "")
        for child in element:
            read(child, True)
            if ended:
                return
            parts.append(child.tail or "")
        if inside and element.tag not in INLINE and "".join(parts).strip():
            ended = True

    read(block, False)
    lines = "".join(parts).strip().splitlines() if block.tag == "pre" else ["".join(parts)]
    return lines[0].split() if lines else []
