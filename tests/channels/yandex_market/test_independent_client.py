"""A client of somebody else's (ya-market-api) reads and answers at the sandbox."""

import pytest

from tests.channels.sandboxes import connected

ya_market_api = pytest.importorskip(
    "ya_market_api.sync_api", reason="ya-market-api is not installed (make setup-dev)"
)


def test_a_client_of_somebody_else_reads_and_answers() -> None:
    from ya_market_api.feedback import dataclass as feedback
    from ya_market_api.question import dataclass as question

    with connected("yandex_market") as source:
        key = source.place.secrets["api_key"]
        api = ya_market_api.SyncAPI.build(key, base_url=source.sandbox.url, business_id=1_240_215)
        with api.config.session:
            reviews = api.feedback.get_feedback_list(feedback.FeedbackListRequest(limit=50)).result.feedbacks
            assert [one.statistics.rating for one in reviews] == [2, 5, 3, 1]
            asked = feedback.FeedbackCommentCreateRequest.create(reviews[0].id, "Заменим.")
            made = api.feedback.create_feedback_comment(asked).result
            listing = feedback.FeedbackCommentListRequest(feedback_id=reviews[0].id)
            (comment,) = api.feedback.get_feedback_comment_list(listing).result.comments
            assert (comment.id, comment.text, comment.can_modify) == (made.id, "Заменим.", True)
            api.feedback.delete_feedback_comment(feedback.FeedbackCommentDeleteRequest(id=made.id))
            questions = api.question.get_question_list().result.questions
            own_id = questions[0].question_ids.id
            answered = question.QuestionAnswerCreateRequest(question_id=own_id, text="Да, есть.")
            answer_id = api.question.create_question_answer(answered).answer_id
        assert [(one.external_id, one.text) for one in source.sandbox.answers()][-1] == (
            f"answer:{answer_id}",
            "Да, есть.",
        )
