"""Random edits of essays that know what became of each character, for trials of notes."""

from html import escape
from itertools import count

from comments.rendering.parts import fold
from comments.rendering.places import Selector


class Edited:
    """An essay whose characters have numbers: a note's words are those with its numbers."""

    def __init__(self, paragraphs, chance, others):
        self.chance, self.others, self.numbers = chance, others, count()
        self.parts = [[(char, next(self.numbers)) for char in text] for text in paragraphs]

    @property
    def html(self):
        return "\n".join(f"<p>{escape(text(part))}</p>" for part in self.parts)

    def sentences(self, part):
        """Return the first and last place of each sentence."""
        ends = [
            at + 2 for at in range(len(part) - 2) if part[at][0] in ".?!" and part[at + 1][0] == " "
        ]
        return [*zip([0, *ends], [*ends, len(part)], strict=True)]

    def fresh(self, words):
        return [(char, next(self.numbers)) for char in words]

    def any_part(self):
        return self.chance.randrange(len(self.parts))

    # --- The edits ----------------------------------------------------------------------------

    def edit(self):
        """Make one of them, and return its name."""
        kinds = [
            "typo",
            "typo",
            "word",
            "move",
            "split",
            "merge",
            "delete",
            "rewrite",
            "cut",
            "carry",
        ]
        kind = self.chance.choice(kinds)
        if len(self.parts) < 3 and kind in ("delete", "merge", "move"):
            kind = "split"
        getattr(self, kind)()
        self.parts = [part for part in self.parts if text(part).strip()]
        return kind

    def typo(self):
        """Correct or make several typos in one paragraph."""
        part = self.parts[self.any_part()]
        for _ in range(self.chance.randint(1, 5)):
            at = self.chance.randrange(len(part))
            if self.chance.random() < 0.5 and len(part) > 20:
                del part[at]
            else:
                part[at:at] = self.fresh(self.chance.choice("etaoin "))

    def word(self):
        part = self.parts[self.any_part()]
        spaces = [at for at, (char, _) in enumerate(part) if char == " "]
        if spaces:
            at = self.chance.choice(spaces)
            part[at:at] = self.fresh(
                " " + self.chance.choice(["very", "indeed", "not", "however,"])
            )

    def move(self):
        moved = self.parts.pop(self.any_part())
        self.parts.insert(self.chance.randint(0, len(self.parts)), moved)

    def split(self):
        number = self.any_part()
        part = self.parts[number]
        _begin, end = self.chance.choice(self.sentences(part))
        self.parts[number : number + 1] = [part[:end], part[end:]]

    def merge(self):
        number = self.chance.randrange(len(self.parts) - 1)
        both = self.parts[number] + self.fresh(" ") + self.parts[number + 1]
        self.parts[number : number + 2] = [both]

    def delete(self):
        del self.parts[self.any_part()]

    def rewrite(self):
        part = self.parts[self.any_part()]
        begin, end = self.chance.choice(self.sentences(part))
        part[begin:end] = self.fresh(self.chance.choice(self.others) + " ")

    def cut(self):
        part = self.parts[self.any_part()]
        begin, end = self.chance.choice(self.sentences(part))
        if len(self.parts) > 2 or (begin, end) != (0, len(part)):
            del part[begin:end]

    def carry(self):
        """Move a sentence into another paragraph."""
        part = self.parts[self.any_part()]
        begin, end = self.chance.choice(self.sentences(part))
        sentence = part[begin:end]
        del part[begin:end]
        other = self.parts[self.any_part()]
        at = self.chance.choice(self.sentences(other))[0] if other else 0
        other[at:at] = sentence


class Kept:
    """A note in an edited essay: what is stored of it, and the characters it is on."""

    def __init__(self, edited, finder):
        number = edited.any_part()
        part = edited.parts[number]
        begin, end = edited.chance.choice(edited.sentences(part))
        if edited.chance.random() < 0.6:  # a few words of the sentence
            words = [at for at in range(begin, end) if at == begin or part[at - 1][0] == " "]
            first = edited.chance.randrange(len(words))
            last = min(first + edited.chance.randint(1, 8), len(words))
            begin, end = words[first], words[last] if last < len(words) else end
        while end > begin and part[end - 1][0] == " ":
            end -= 1
        self.numbers = [number for _char, number in part[begin:end]]
        self.paragraph = {number for _char, number in part}
        start = finder.essay.starts[number] + begin
        whole = finder.essay.text
        exact = text(part[begin:end])
        assert whole[start : start + len(exact)] == fold(exact)[0]
        after = start + len(exact)
        self.selector = Selector(
            exact, whole[max(0, start - 150) : start], whole[after : after + 150], start
        )

    def judge(self, edited, finder):
        """Set it again; return where its words survive, and in one word how it stands."""
        place = finder.find(self.selector)
        survives = None
        for number, part in enumerate(edited.parts):
            numbers = [each for _char, each in part]
            if self.numbers[0] in numbers:
                at = numbers.index(self.numbers[0])
                if numbers[at : at + len(self.numbers)] == self.numbers:
                    survives = number, at, at + len(self.numbers)
        if place is None:
            return survives, "thread"
        part = edited.parts[place.part]
        if not place.has_words:
            is_home = any(number in self.paragraph for _char, number in part)
            return survives, ("beside" if is_home else "wrong")
        text_of = finder.essay.parts[place.part].text
        numbers = folded_numbers(part)
        on, mine = numbers[place.start : place.end], {*self.numbers}
        held = sum(number in mine for number in on)
        if survives:  # all of them, and at most the letters that were glued to them
            missed = len(fold(self.selector.exact)[0]) - held
            return survives, ("right" if missed <= 0 and len(on) - held < 12 else "wrong")
        words, begin = text_of[place.start : place.end], max(0, place.start - 15)
        around = text_of[begin : place.end + 15]
        kept = self.selector.before[-15:] + fold(self.selector.exact)[0] + self.selector.after[:15]
        is_typed_again = words == fold(self.selector.exact)[0] and around in kept
        return survives, ("right" if held >= len(on) / 2 or is_typed_again else "wrong")

    def keep(self, edited, finder):
        """Store what is stored when a note is set again."""
        place = finder.find(self.selector)
        if place and place.has_words:
            self.paragraph = {number for _char, number in edited.parts[place.part]}
            new = finder.selector(place)
            if new.exact == self.selector.exact:
                self.selector = new
            else:
                self.selector = self.selector._replace(start=new.start)


def text(part):
    return "".join(char for char, _number in part)


def folded_numbers(part):
    """Return the numbers of the characters that are left when spaces are folded."""
    kept, before = [], " "
    for char, number in part:
        if not (char == before == " "):
            kept.append(number)
        before = char
    return kept
