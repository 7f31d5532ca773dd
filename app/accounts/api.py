"""Patients' accounts, for programs."""

from flask_smorest import Blueprint

api = Blueprint("accounts_api", __name__, description="What guarantors owe, and the desk that asks for it")
