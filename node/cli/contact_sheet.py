"""`heliograph media contact-sheet`: every filter on one photograph, for looking at them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Make the command one of `app`'s."""
    app.command("contact-sheet")(contact_sheet)


def contact_sheet(
    photo: Annotated[Path, typer.Argument(help="A photograph of any kind that can be uploaded.", exists=True)],
    out: Annotated[Path, typer.Argument(help="Where to write the sheet: a .jpg or .png file.")],
    columns: Annotated[int, typer.Option(min=1, max=12, help="Pictures in a row.")] = 6,
    side: Annotated[int, typer.Option(min=64, max=800, help="Longest side of each, in pixels.")] = 320,
) -> None:
    """Write a picture with every filter on a photograph, with their names."""
    if out.suffix.lower() not in (".jpg", ".jpeg", ".png"):
        typer.echo("The sheet must be a .jpg or .png file", err=True)
        raise typer.Exit(2)
    from media.decode import develop
    from media.edits.sheet import contact_sheet as drawn
    from media.errors import MediaError
    from media.image import fit
    from media.probe import Limits
    from media.variants import VariantSize

    box = VariantSize("sheet", side, side, 0)
    try:
        image = develop(photo, Limits(), lambda size: fit(size, box)).image
    except MediaError as refusal:
        typer.echo(refusal.reason, err=True)
        raise typer.Exit(1) from None
    drawn(image.convert("RGB"), columns=columns, side=side).save(out, quality=90)
    typer.echo(f"{out}")
