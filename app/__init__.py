"""Reclaim: collections for US healthcare providers.

Importing this package needs nothing but the standard library, because `python3 -m app` must be able to
start on a machine where nothing is installed yet. `create_app` therefore imports the web application when
it is called.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.kernel.settings import Settings

__version__ = "0.4.0"


def create_app(settings: "Settings | None" = None) -> "Flask":
    """The web application, ready to serve; `settings` default to those of the environment."""
    from app.web.application import create_app as assemble

    return assemble(settings)
