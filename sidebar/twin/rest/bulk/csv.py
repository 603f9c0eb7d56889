"""CSV as Bulk API 2.0 takes and gives it: six delimiters, two line endings, UTF-8. Knows no job and no field."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


class BadData(Exception):
    """Why a file cannot be worked on, in the words of the job's errorMessage."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """By the names jobs use: keys of DELIMITERS and LINE_ENDINGS."""

    delimiter: str
    ending: str

    def read(self, data: bytes) -> tuple[list[str], list[list[str]]]:
        """The column names, and the rows that follow. Raises BadData."""
        try:
            text = data.decode("utf-8-sig")
            self._check_ending(text)
            parsed = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[self.delimiter], strict=True)
            header, *rows = [line for line in parsed if line] or [[]]
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadData(f"InvalidBatch : Failed to parse CSV: {error}") from None
        for number, row in enumerate(rows, 1):
            if len(row) != len(header):
                raise BadData(f"InvalidBatch : Row {number} has {len(row)} fields, the header row {len(header)}")
        return header, rows

    def line(self, values: Iterable[str], plain: Iterable[str] = ()) -> str:
        """Every value in quotes but those of `plain`, as recorded result files leave the uploaded column names."""
        quoted = ('"' + value.replace('"', '""') + '"' for value in values)
        return DELIMITERS[self.delimiter].join([*quoted, *plain]) + LINE_ENDINGS[self.ending]

    def _check_ending(self, text: str) -> None:
        header, newline, _ = text.partition("\n")
        if newline and header.endswith("\r") != (self.ending == "CRLF"):
            message = f"LineEnding is invalid on user data. Current LineEnding setting is {self.ending}"
            raise BadData(f"ClientInputError : {message}")
