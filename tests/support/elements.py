"""All HTML element names, and texts made of them with the words that must be visible."""

import random
from html.parser import HTMLParser

# html.spec.whatwg.org, "Index", and "Obsolete features".
HTML = """
a abbr address area article aside audio b base bdi bdo blockquote body br button canvas caption
cite code col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset
figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins
kbd label legend li link main map mark menu meta meter nav noscript object ol optgroup option
output p picture pre progress q rp rt ruby s samp script search section select selectedcontent
slot small source span strong style sub summary sup table tbody td template textarea tfoot th
thead time title tr track u ul var video wbr
acronym applet basefont bgsound big blink center command content dir element font frame frameset
image isindex keygen layer ilayer listing marquee menuitem multicol nextid nobr noembed noframes
nolayer param plaintext portal rb rtc server shadow spacer strike tt xmp
""".split()
# www.w3.org/TR/SVG2, "Element index", and that of SVG 1.1.
SVG = """
a altGlyph altGlyphDef altGlyphItem animate animateColor animateMotion animateTransform audio
canvas circle clipPath color-profile cursor defs desc discard ellipse feBlend feColorMatrix
feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight
feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode
feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence filter font
font-face font-face-format font-face-name font-face-src font-face-uri foreignObject g glyph
glyphRef hatch hatchpath hkern iframe image line linearGradient marker mask mesh meshgradient
meshpatch meshrow metadata missing-glyph mpath path pattern polygon polyline radialGradient rect
script set solidcolor stop style svg switch symbol text textPath title tref tspan unknown use video
view vkern
""".split()
# www.w3.org/TR/mathml-core and www.w3.org/TR/MathML3, appendix I.
MATHML = """
abs and annotation annotation-xml apply approx arccos arccosh arccot arccoth arccsc arccsch arcsec
arcsech arcsin arcsinh arctan arctanh arg bind bvar card cartesianproduct cbytes ceiling cerror ci
cn codomain complexes compose condition conjugate cos cosh cot coth cs csc csch csymbol curl
declare degree determinant diff divergence divide domain domainofapplication emptyset eq equivalent
eulergamma exists exp exponentiale factorial factorof false floor fn forall gcd geq grad gt ident
image imaginary imaginaryi implies in infinity int integers intersect interval inverse lambda
laplacian lcm leq limit list ln log logbase lowlimit lt maction maligngroup malignmark math matrix
matrixrow max mean median menclose merror mfenced mfrac mglyph mi min minus mlabeledtr mlongdiv
mmultiscripts mn mo mode moment momentabout mover mpadded mphantom mprescripts mroot mrow ms
mscarries mscarry msgroup msline mspace msqrt msrow mstack mstyle msub msubsup msup mtable mtd mtext
mtr munder munderover naturalnumbers neq none not notanumber notin notprsubset notsubset or
otherwise outerproduct partialdiff pi piece piecewise plus power primes product prsubset quotient
rationals real reals reln rem root scalarproduct sdev sec sech selector semantics sep set setdiff
share sin sinh span subset sum tan tanh tendsto times transpose true union uplimit variance vector
vectorproduct xor
""".split()
# Names that are no elements of anything, as people write them.
OTHERS = """
path-to-file dest string int T K,V T[] foo:bar std::string my-element ns:tag x1 blah. a+b n-1
iostream stdio.h Grin /etc/passwd $HOME %d your_name
""".split()
NAMES = list(dict.fromkeys(HTML + SVG + MATHML + OTHERS))

# What this site has a place for, so that an essay may use it: its tags need not show.
PLACED = set("""
a abbr acronym address article aside audio b bdi bdo big blink blockquote br caption center cite
code col colgroup data dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure
font footer form h1 h2 h3 h4 h5 h6 header hgroup hr i iframe img ins kbd label legend li main map
mark marquee menu nav nobr noscript object ol p param picture pre q rb rp rt rtc ruby s samp search
section small source span strike strong sub summary sup table tbody td tfoot th thead time tr track
tt u ul var video wbr
""".split())  # fmt: skip
# Of a whole page that was pasted into a blog; an essay has no place for them.
PASTED = {"html", "head", "body", "meta", "link", "base"}
# Of these the contents may go.
HIDDEN = {"script", "style", "template"}
# Of these a lone tag is one.
ALONE = set("br hr wbr p".split())


class Texts(HTMLParser):
    """The text of HTML, as read by a parser that the cleaners do not use."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = []

    def handle_data(self, data):
        self.found.append(data)

    def handle_starttag(self, tag, attributes):
        if tag not in ("b", "i", "em", "strong", "a", "span", "code", "sub", "sup", "u", "del"):
            self.found.append(" ")


def visible(html):
    """Return the words a reader sees of our own HTML."""
    parser = Texts()
    parser.feed(html)
    parser.close()
    return " ".join("".join(parser.found).split())


class Words:
    """Makes words that are like no others, and keeps those that must be visible."""

    def __init__(self):
        self.number = 0
        self.wanted = []

    def new(self, *, wanted=True):
        self.number += 1
        word = f"wq{self.number}zx"
        if wanted:
            self.wanted.append(word)
        return word

    def missing(self, html):
        text = visible(html)
        return [word for word in self.wanted if word not in text]


# Ways to write one tag in a text: its name, and a word before, in, inside and after it.
FORMS = {
    "open": "{0} <{name}> {3}",
    "closed": "{0} <{name}>{2}</{name}> {3}",
    "attribute": '{0} <{name} title="{1}">{2}</{name}> {3}',
    "attribute alone": "{0} <{name} {1}='{1}' x> {3}",
    "end": "{0} </{name}> {3}",
    "self-closing": "{0} <{name}/>{2}<{name} /> {3}",
    "glued": "{0}<{name}>{3}",
    "cut off": "{0} <{name} {3}",
    "cut off end": "{0} </{name} {3}",
    "misnested": "{0} <b><{name}>{2}</b></{name}> {3}",
    "nested": "<div>{0} <{name}><{name}>{2}</{name}></{name}> {3}</div>",
    "quoted": '{0} <{name} a="<{1}>" b=\'"\'> {3}',
}
CONTEXTS = {
    "paragraph": "{}",
    "list": "- {}\n- and",
    "quote": "> {}",
    "heading": "## {}",
    "emphasis": "**{}**",
    "number": "1. {}\n2. more",
    "between lines": "before\n{}\nafter",
    "link": "[{}](https://a.example/)",
}


IMPORTED = {
    "line": "{}",
    "paragraph": "<p>{}</p>",
    "list": "<ul><li>{}</li><li>and</li></ul>",
    "quote": "<blockquote><p>{}</p></blockquote>",
    "heading": "<h2>{}</h2>",
    "table": "<table><tr><td>{}</td></tr></table>",
    "box": "<div class='x'>{}</div>",
}


def tagged(name, form, words, place):
    """Return a text with one tag in one form, and note which of its words must be visible.

    The place is a comment, where nothing is a tag; an essay; or an import, whose text was written
    as HTML, so that an element which is not closed may still be one.
    """
    lower, everything = name.lower(), place == "comment"
    shown = everything or (lower not in PLACED | PASTED and lower not in HIDDEN)
    if place == "essay" and lower in PASTED:
        shown = True
    pattern = FORMS[form]
    lone = place == "essay" and form in ("attribute alone", "quoted") and lower not in ALONE
    attribute = shown or lone
    inside = everything or lower not in HIDDEN or form in ("self-closing", "open", "glued")
    given = [
        words.new(),
        words.new(wanted=attribute and "{1}" in pattern),
        words.new(wanted=inside and "{2}" in pattern),
        words.new(),
    ]
    if shown and "cut off" not in form:
        words.wanted.append(f"<{'/' if form == 'end' else ''}{name}")
    return pattern.format(*given, name=name)


def generated(random_: random.Random, place):
    """Return a text of tags, marks and words, and the Words that must be visible."""
    words, blocks = Words(), []
    # A lone one of these would take what stands before the next end tag.
    hides_whole = random_.random() < 0.5
    for _block in range(random_.randint(1, 5)):
        pieces = []
        for _piece in range(random_.randint(1, 5)):
            pieces.append(piece(random_, words, hides_whole, place))
        # In an import all is HTML, where Markdown's marks mean nothing.
        contexts = IMPORTED if place == "import" else CONTEXTS
        context = random_.choice(list(contexts.values()))
        blocks.append(context.format(" ".join(pieces)))
    return "\n\n".join(blocks), words


# Links and images of Markdown: of an address that may not stand in a comment every word shows, and
# of every title.
LINKS = [
    "{word} [{text}]({address}) {word}",
    '{word} [{text}]({address} "{title}") {word}',
    "{word} [{text}]({address} '{title}'), and [*{text}*](({address})) {word}",
    "{word} ![{text}]({address}) {word}",
    '{word} ![{text}]({address} "{title}") {word}',
    "{word}[{text}]({address}) = {word}[{text}]({address})",
    "[![{text}]({address})](https://a.example/) {word}",
    "[[{text}]({address})](https://a.example/) {word}",
    "[{word} `[{text}]({address})`]({address})",
    "{word} [{text}][{label}]\n\n[{label}]: {address}",
    '{word} ![{text}][{label}]\n\n[{label}]: {address} "{title}"',
    "[{label}] {word}\n\n> [{label}]: {address}\n\n- [{label}]: {address}",
    "{word} `[{label}]`\n\n[{label}]: https://a.example/",
    "[{label}](x) \\[{label}]\n[{label}]: https://a.example/ '{title}'\n{word}",
    '[{text}](https://a.example/ "{title}") [{label}]\n\n[{label}]: http://b.example ({title})',
    "[{text}](https://a.example/, and {word} ({word}) {word}",
    "<ftp://{word}.example/> [{text}](https://a.example/, {word}) [{text}](<http://a b {word}>)",
]
ADDRESSES = """
{0} /{0} #{0} ./{0}/{0} //{0}.example {0}@b.example tel:{0} ftp://{0}.example/
javascript:{0} data:{0} https:{0} https:/{0} https://{0}.999/ https://a[{0}/ https://[{0}]/
https://a\\{0}/ https://{0}%zz/ https://a:99999/{0} https://xn--{0}/ https://&#91;{0} mailto:[{0}]
&#106;avascript:{0} {0}:{0} ({0})
""".split()
ADDRESSES += "<{0}>|{0} {0}|<{0} {0}>|<tel:{0} {0}>|https://{0} {0}|<>{0}| {0} ".split("|")


def linked(random_: random.Random, words, pattern=None, address=None):
    """Return a text of links, and note its words."""
    pattern, address = pattern or random_.choice(LINKS), address or random_.choice(ADDRESSES)
    text = pattern
    for place in ("word", "text", "title", "label"):
        while f"{{{place}}}" in text:
            # One label, wherever it stands.
            times = -1 if place == "label" else 1
            text = text.replace(f"{{{place}}}", words.new(), times)
    while "{address}" in text:
        text = text.replace("{address}", address.replace("{0}", words.new()), 1)
    return text


WHOLE = ["closed", "attribute"]
LONE = ["open", "self-closing", "glued", "cut off"]


def piece(random_, words, hides_whole, place):
    kind = random_.random()
    if place == "comment" and kind < 0.2:
        return linked(random_, words)
    if kind < 0.7:
        name = random_.choice(NAMES)
        forms = [form for form in FORMS if form != "quoted"]
        if name.lower() in HIDDEN:
            forms = WHOLE if hides_whole else LONE
        if random_.random() < 0.2:
            name = name.upper()
        return tagged(name, random_.choice(forms), words, place)
    if kind < 0.8:
        return random_.choice(["`{}`", "*{}*", "**{}**", "~~{}~~", '"{}"']).format(
            f"{words.new()} {words.new()}"
        )
    pattern = random_.choice([
        "{0} < {1}", "{0}<3 {1}", "{0} <= {1}", "{0} & {1}", "{0} <> {1}", "{0} </> {1}",
        "{0} <!doctype {1}>", "{0} <?php {1} ?>", "{0} <![CDATA[{1}]]>", "{0} <! {1}>",
        "{0} <? {1}", "{0} </ {1}>", "<!-- {0}" if not hides_whole else "{0}{1}", "{0} &{1}; {0}",
    ])  # fmt: skip
    return pattern.format(words.new(), words.new() if "{1}" in pattern else "")
