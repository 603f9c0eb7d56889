"""How Sidebar writes its log: one event after the other, ours and those of libraries alike, as text or as JSON lines.

Values are cut out where their key names a secret or a person's data. Only keys are looked at, not what they hold: what
is put into the event's own words, under another key or into an exception's message is written as it is.
"""

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REDACTED = "[redacted]"
_EXACTLY = frozenset({"code"})  # a status_code is no secret
_LAST_WORDS = frozenset(
    {"token", "tokens", "secret", "secrets", "password", "passwords", "authorization", "cookie", "cookies", "verifier",
     "assertion", "email", "emails", "phone", "phones", "value", "values", "body", "payload"}
)  # fmt: skip


def set_up(form: str, level: str) -> None:
    """`form` is "text" or "json"; `level` one of logging's names in lower case. Libraries tell warnings and worse only:
    below that, httpx writes addresses with a customer's e-mail in them."""
    least, last = logging.getLevelNamesMapping()[level.upper()], _renderer(form)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *_STEPS, last],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(logging.WARNING, least), handlers=[_libraries(last)])


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take out the values of keys that are, or end in, the name of a secret or of a person's data."""
    for key in event:
        if _is_redacted(key.lower().replace("-", "_")):
            event[key] = REDACTED
    return event


def _is_redacted(key: str) -> bool:
    return key in _EXACTLY or key.rpartition("_")[2] in _LAST_WORDS


def _renderer(form: str) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer()
    colors, plain = sys.stderr.isatty(), structlog.dev.plain_traceback
    return structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)


def _libraries(last: Processor) -> logging.Handler:
    """The way for what is written through Python's own logging: the same steps to the same end."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_STEPS],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    return handler


_STEPS: tuple[Processor, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    redact,
    structlog.processors.format_exc_info,
)
