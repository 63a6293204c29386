"""A client of somebody else's (ozonapi-async) reads and answers at the sandbox. It logs and reads .env files as it is imported, so
it has a process of its own."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.channels.sandboxes import connected

SCRIPT = """
import asyncio, json, sys
from ozonapi.seller import SellerAPI, SellerAPIConfig
from ozonapi.seller.schemas import questions, reviews

async def speak(url):
    config = SellerAPIConfig(client_id="836", api_key="0296d4f2-sandbox-ozon", base_url=url)
    async with SellerAPI(config=config) as api:
        listed = (await api.review_list(reviews.ReviewListRequest(limit=100))).reviews
        made = await api.review_comment_create(reviews.ReviewCommentCreateRequest(review_id=listed[0].id, text="Заменим."))
        comments = await api.review_comment_list(reviews.ReviewCommentListRequest(review_id=listed[0].id, limit=100))
        info = await api.review_info(reviews.ReviewInfoRequest(review_id=listed[3].id))
        asked = (await api.question_list(questions.QuestionListRequest())).questions
        answer = await api.question_answer_create(
            questions.QuestionAnswerCreateRequest(question_id=asked[0].id, sku=asked[0].sku, text="Один метр.")
        )
        await api.review_comment_delete(
            reviews.ReviewCommentDeleteRequest(comment_id=made.comment_id, sku=listed[0].sku)
        )
    print(json.dumps([len(listed), comments.comments[0].text, info.photos[0].url[:5], len(asked), answer.answer_id]))

asyncio.run(speak(sys.argv[1]))
"""


@pytest.mark.skipif(find_spec("ozonapi") is None, reason="ozonapi-async is not installed (make setup-dev)")
def test_a_client_of_somebody_else_speaks_with_the_sandbox(tmp_path: Path) -> None:
    with connected("ozon") as source:
        told = subprocess.run(
            [sys.executable, "-c", SCRIPT, source.sandbox.url],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=tmp_path,
            check=False,
        )
        assert told.returncode == 0, told.stderr[-2_000:]
        assert json.loads(told.stdout.splitlines()[-1]) == [4, "Заменим.", "https", 2, "answer-0002"]
        assert [one.text for one in source.sandbox.answers()][-1] == "Один метр."
