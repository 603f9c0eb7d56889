"""How the token endpoint says no: one object, never the data API's array, and always HTTP 400."""

from starlette.responses import Response

from sidebar.twin.answers import answer


class TokenError(Exception):
    """`error` and `error_description` of a refusal."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.error, self.description = error, description

    def answer(self) -> Response:
        return answer({"error": self.error, "error_description": self.description}, 400)


def invalid_grant(description: str) -> TokenError:
    return TokenError("invalid_grant", description)


def unknown_app() -> TokenError:
    return TokenError("invalid_client_id", "client identifier invalid")


def unproved_app() -> TokenError:
    return TokenError("invalid_client", "invalid client credentials")
