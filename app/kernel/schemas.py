"""What the schemas of every API share: how money is written and what each list takes."""

from marshmallow import Schema, fields, validate

from app.kernel.limits import PAGE_ROWS, PAGE_ROWS_MOST


class Dollars(fields.String):
    """Whole cents inside, `"80.00"` outside: what an amount prints as."""


class PageRequest(Schema):
    """Which page of a list that has one order."""

    cursor = fields.String(load_default="", metadata={"description": "`next` of the page before"})
    limit = fields.Integer(load_default=PAGE_ROWS, validate=validate.Range(1, PAGE_ROWS_MOST))


class ListRequest(PageRequest):
    """Which page of a list, and in what order; lists add their filters."""

    sort = fields.String(metadata={"description": "a sort of this list; a leading - turns it round"})
