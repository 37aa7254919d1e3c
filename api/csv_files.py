"""Tables for spreadsheets and other servers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from quart import Response

CSV = "text/csv"


def csv_response(name: str, rows: Iterable[Sequence[str]]) -> Response:
    """Rows as a CSV file to be saved under a name."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text.getvalue().encode(), 200, headers, content_type=f"{CSV}; charset=utf-8")
