"""XML by string concatenation becomes well-formed and loses nothing that could be read."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.reading.mending import mend_xml


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("R&D, M&M и AT&T", "R&D, M&M и AT&T"),
        ("a & b && c &", "a & b && c &"),
        ("x?a=1&b=2&copy=3", "x?a=1&b=2&copy=3"),
        ("a&nbsp;b&mdash;c&hellip;", "a\xa0b—c…"),
        ("&amp; &lt;b&gt; &quot;q&quot; &apos;", '& <b> "q" \''),
        ("&#65;&#x42;&#x1F44E;", "AB👎"),
        ("a&#0;b&#x1f;c&#xD800;d\x0be\ufffef", "abcdef"),
        ("&AT&T; &unknown; &#99999999; &#x;", "&AT&T; &unknown; &#99999999; &#x;"),
        ("<![CDATA[R&D &nbsp;]]> & <![CDATA[]]>&", "R&D &nbsp; & &"),
        ("<!-- R&D --> &", " &"),
    ],
)
def test_what_was_meant_is_read(written: str, meant: str) -> None:
    assert ET.fromstring(f"<t>{mend_xml(written)}</t>").text == meant


def test_entities_of_the_documents_own_stay() -> None:
    feed = '<!DOCTYPE t [<!ENTITY firm "Zarya">]><t>&firm; &amp; R&D</t>'
    assert ET.fromstring(mend_xml(feed)).text == "Zarya & R&D"


@given(st.text(alphabet=st.sampled_from("&;#x0aBamptl<![CDATA[]]>-\x0b\ud800 й"), max_size=60))
def test_well_formed_text_is_left_as_it_is(text: str) -> None:
    once = mend_xml(text)
    assert mend_xml(once) == once


@pytest.mark.parametrize("piece", ["<![CDATA[", "<!--", "<![CDATA[&]]>", "&", "&a", "&#0;", "<!--&"])
def test_a_great_many_pieces_are_each_met_once(piece: str) -> None:
    """In quadratic time this would take hours."""
    assert mend_xml(piece * 300_000).count("\x00") == 0
