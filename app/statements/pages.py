"""Pages of statements for people outside, and of the words of letters; the desk's pages are the accounts'."""

from flask import Blueprint

pages = Blueprint("statements", __name__, template_folder="templates")
