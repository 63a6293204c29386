"""What of WooCommerce is WordPress' own, against a real one: a review is a comment of another type under its product. The plugin itself
cannot be had, so its list of reviews is not among what is run here."""

import pytest

from channels import channel, errors
from channels.contract import Call, Page, Place, Sighting, Target
from channels.woocommerce.channel import _answers
from channels.wordpress import api
from tests.channels.speaking import wire_for

pytestmark = [
    pytest.mark.real, pytest.mark.processes, pytest.mark.xdist_group("wordpress"), pytest.mark.timeout(600)
]  # fmt: skip
ANSWER = "Анна, вышлем новый чайник <сегодня> & извинимся."


def test_an_answer_stands_under_a_review_and_the_crawl_reads_it(site):
    care = site.hire("care", "Заря")
    product = site.write("Чайник К2")
    review = site.comment(product, "Анна К.", "Чайник потёк.", comment_type="review")
    root = f"{site.address}/wp-json/"
    place = Place(
        site.address, {"username": care.login}, {"application_password": care.password}, {"api_root": root}
    )
    woo = channel("woocommerce")
    target = Target(str(review), thread=api.thread_of(root, product), reference="r1")
    with wire_for(place, woo, seconds=30, is_single=True) as wire:
        receipt = woo.send(place, target, ANSWER, wire)
    assert receipt.state == "public"
    assert f"#comment-{receipt.external_id}" in (receipt.url or "")
    for known in (receipt, None):
        with wire_for(Place(site.address, {}, {}, {"api_root": root}), woo, seconds=30) as wire:
            seen = woo.look(place, target, ANSWER, known, wire)
        assert (seen.outcome, seen.is_as_sent) == ("visible", True)

    asked = _answers(root, [review], [care.id], 1, 1)
    with wire_for(place, woo, seconds=30) as wire:
        answer = wire.ask(Call(asked.url), is_anonymous=True)
    page = Page(answer.url, answer.status, answer.headers, answer.body, asked.role, asked.context)
    (ours,) = [part for part in woo.parse(place, page) if isinstance(part, Sighting)]
    assert (ours.external_id, ours.parent, ours.is_by_brand, ours.text) == (
        receipt.external_id, str(review), True, ANSWER,
    )  # fmt: skip

    with wire_for(place, woo, seconds=30) as wire:
        woo.delete(place, target, receipt, wire)
    with wire_for(place, woo, seconds=30) as wire, pytest.raises(errors.Gone):
        woo.delete(place, target, receipt, wire)
