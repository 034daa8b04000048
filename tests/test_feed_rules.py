"""The rules that feeds are held to are those of the W3C's validator: they judge its cases alike."""

import re
import tarfile

import pytest
from conftest import SHARED
from feed_rules import faults

# What a feed of this site could get wrong, of what the cases expect.
RULES = set(
    "ContainsHTML DangerousStyleAttr DuplicateElement DuplicateEnclosure DuplicateItemSemantics "
    "InvalidHttpGUID InvalidIntegerAttribute InvalidRFC2822Date MissingDescription MissingGuid "
    "MissingLink MissingSelf MissingTitle NeedDescriptionBeforeContent NotBlank "
    "NotSufficientlyUnique ProblematicalRFC822Date SAXError SecurityRisk".split()
)
# Of elements that no feed here has.
OTHERS = ("image", "textInput", "element-channel-textinput", "cloud", "xhtml:body", "channel-image")
# Where the rules here say more, or less, and why.
OTHERWISE = {
    "safe-style.xml": "our HTML has no style attributes",
    "description_non_script.xml": "elements that are in no HTML of ours count as dangerous",
    "amp-cdata-hex.xml": "read as text, it shows &#x26;",
    "invalid_pubdate_differential.xml": "found under another name",
    "html-in-name.xml": "an RSS author is an e-mail address, which no feed here has",
    "multiple_dcpublisher.xml": "publishers are in no feed here",
    "multiple_item_dcdate.xml": "dc:date is in no feed here",
    "duplicate_item_cc_license.xml": "licences are in no feed here",
}
EXPECT = re.compile(r"Expect:\s*(!?)(\w+)(\{[^}]*\})?")


@pytest.fixture(scope="module")
def cases():
    archive = SHARED / "data/feeds/feedvalidator-rss-half.tar.gz"
    if not archive.exists():
        pytest.skip("the validator's cases are not here")
    with tarfile.open(archive) as packed:
        files = [member for member in packed if member.name.endswith(".xml")]
        return {member.name: packed.extractfile(member).read() for member in files}


def test_rules_judge_the_validators_cases_alike(cases):
    tried, wrong = 0, []
    for name, content in cases.items():
        expected = EXPECT.search(content.decode(errors="replace"))
        if not expected or expected[2] not in RULES or b'<rss version="2.0"' not in content:
            continue
        about = name + (expected[3] or "")
        if name.rpartition("/")[2] in OTHERWISE or any(other in about for other in OTHERS):
            continue
        tried += 1
        found = {fault.partition(":")[0] for fault in faults(content, "xml")}
        if (expected[2] in found) == bool(expected[1]):
            wrong.append((name, expected[0], sorted(found)))
    assert tried >= 40
    assert wrong == []
