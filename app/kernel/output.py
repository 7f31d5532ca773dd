"""What commands print: words for people, or one JSON document with `--json`."""

import json
from typing import Any

import click


class Output:
    """How a command answers; `json` asks for one document on standard output and nothing else."""

    def __init__(self, as_json: bool):
        self.json = as_json

    def say(self, words: str, **facts: Any) -> None:
        """One sentence, or its facts."""
        click.echo(json.dumps(facts) if self.json else words)

    def tell(self, document: Any) -> None:
        """The whole answer as JSON."""
        click.echo(json.dumps(document, indent=1))
