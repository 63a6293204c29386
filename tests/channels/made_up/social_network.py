"""Like a social network: an API behind a token that runs out, a refresh token that is good for one time, and events sent by the
site, which first wants a word of confirmation."""

from channels.contract import About, Field, Text


class SocialNetwork:
    about = About(
        "social_network",
        Text("Social network", "Соцсеть"),
        fields=(
            Field(
                "refresh_token", Text("Refresh token", "Токен обновления"), "secret", "account", "listening"
            ),
        ),
    )
