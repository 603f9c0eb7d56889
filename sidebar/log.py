"""How Sidebar writes its log: one line per event, secrets and personal data cut out before anything is written."""

import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

REDACTED = "[redacted]"
_SECRET = ("token", "secret", "password", "authorization", "cookie", "verifier", "code", "assertion")
_PERSONAL = ("email", "phone", "value", "body", "payload")


def set_up(form: str, level: str) -> None:
    """`form` is "text" or "json"; `level` one of logging's names in lower case."""
    renderer = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]), stream=sys.stderr)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Values whose key names a secret or a person's data never reach the log."""
    for key in event:
        if key != "event" and any(word in key.lower() for word in _SECRET + _PERSONAL):
            event[key] = REDACTED
    return event
