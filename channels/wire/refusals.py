"""What the answer to a request that changes something means, and what it says to people."""

from channels import errors
from channels.contract import Answer, Text
from channels.reading import html_pages, letters
from channels.reading import text as plain_text


def words(answer: Answer, length: int = 300) -> str:
    """What the answer says to people, in one line."""
    return plain_text.line(
        letters.decode(answer.body[:50_000], answer.headers.get("content-type", "")), length
    )


def refusal(answer: Answer, said: str) -> errors.ChannelError:
    """What a status of 300 and more means for a sender; `said` are the site's own words."""
    status = answer.status
    told = Text(f" The site says: {said}", f" Ответ сайта: {said}") if said else Text("", "")
    if status == 403 and html_pages.robot_check_words(answer.body):
        return errors.Captcha(
            Text(
                "The site shows a check for robots; a person must answer there by hand.",
                "Сайт показывает проверку на робота: ответьте там вручную.",
            )
        )
    if status >= 500:
        return errors.Unknown(
            Text(
                f"The site had an error of its own ({status}) and may or may not have taken the answer.",
                f"На сайте произошла ошибка ({status}); принял ли он ответ, неизвестно.",
            )
        )
    if status == 429:
        often = Text("The site asks for fewer requests (429).", "Сайт просит обращаться реже (429).")
        return errors.RateLimited(often + told, html_pages.retry_after(answer.headers))
    return _refused(status, told)


def _refused(status: int, told: Text) -> errors.ChannelError:
    if status == 401:
        wrong = Text(
            "The site did not accept the name and password (401).", "Сайт не принял имя и пароль (401)."
        )
        return errors.Unauthorized(wrong + told)
    if status == 404:
        away = Text(
            "The page to answer on no longer exists (404).", "Отвечать больше некуда: страницы нет (404)."
        )
        return errors.NotFound(away + told)
    if status == 410:
        gone = Text(
            "The page to answer on was removed permanently (410).",
            "Отвечать больше некуда: страница удалена навсегда (410).",
        )
        return errors.Gone(gone + told)
    if status < 400:
        elsewhere = Text(
            f"The site redirects ({status}); the answer was not sent there.",
            f"Сайт перенаправляет ({status}); туда ответ не отправлен.",
        )
        return errors.Refused(elsewhere + told)
    refused = Text(f"The site did not take the answer ({status}).", f"Сайт не принял ответ ({status}).")
    return errors.Refused(refused + told)
