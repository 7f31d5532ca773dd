"""`user`: people from the command line, the way a production installation gets its first administrator."""

from collections.abc import Iterator
from getpass import getuser

import click

from app.access import queries, service
from app.access.rules import ROLES, SHELL, SYSTEM, policy
from app.access.sign_in import shell_actor
from app.kernel.errors import NotPermitted
from app.kernel.work import Actor, reading, work


def shell() -> Actor:
    """Whoever runs this command on the machine, with the rights the policy table gives the shell.

    A command without a row in the table is nobody's: `NotPermitted`, like an undeclared route.
    """
    rights = policy().held_by({SHELL})
    context = click.get_current_context(silent=True)
    if context is not None:
        asked = policy().permission("command", name_of(context))
        if asked != SYSTEM and asked not in rights:
            raise NotPermitted("The policy table does not give this command to the shell.")
    return shell_actor(getuser(), rights)


def name_of(context: click.Context) -> str:
    """The name of a command in the policy table, `user add`: the root is the program, not a command."""
    names: list[str] = []
    step: click.Context | None = context
    while step is not None and step.parent is not None:
        names.append(step.command.name or "")
        step = step.parent
    return " ".join(reversed(names))


def commands(group: click.Group, before: str = "") -> Iterator[str]:
    """The names of all commands of a group, as the policy table writes them."""
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield before + name


@click.group("user")
def user() -> None:
    """People: who may come in, with which roles."""


_login = click.argument("login")
_role = click.argument("role", type=click.Choice(ROLES))
_entity = click.option(
    "--entity", "entity_id", default=queries.EVERY_ENTITY, help="Where the role holds; 0: everywhere."
)


@user.command("add")
@_login
@click.option("--name", required=True, help="The person's name as colleagues know it.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="May be given several times.")
@_entity
@click.option(
    "--service", "kind", flag_value="service", default="human", help="A program: API only, no pages."
)
def add(login: str, name: str, roles: tuple[str, ...], entity_id: int, kind: str) -> None:
    """Add somebody; prints the one-time password."""
    with work(shell()) as w:
        made = service.add_person(w, login, name, roles=roles, entity_id=entity_id, kind=kind)
    _tell(made.login, made.one_time_password)


def _tell(login: str, once: str) -> None:
    click.echo(f"{login} may sign in once with this password, within 72 hours:\n\n    {once}\n")


@user.command("list")
def list_people() -> None:
    """Everybody, their roles, when they last came in: the quarterly access review."""
    with reading(shell()) as w:
        for one in queries.people(w):
            seen = one.last_seen.strftime("%Y-%m-%d") if one.last_seen else "never"
            click.echo(f"{one.login:24} {one.state:9} last seen {seen:10}  {one.roles}")


@user.command("grant")
@_login
@_role
@_entity
def grant(login: str, role: str, entity_id: int) -> None:
    """Give a role."""
    with work(shell()) as w:
        service.grant(w, login, role, entity_id=entity_id)
    click.echo(f"{login} is now {role}.")


@user.command("revoke")
@_login
@_role
@_entity
def revoke(login: str, role: str, entity_id: int) -> None:
    """Take a role back."""
    with work(shell()) as w:
        service.revoke(w, login, role, entity_id=entity_id)
    click.echo(f"{login} is no longer {role}.")


@user.command("disable")
@_login
def disable(login: str) -> None:
    """Close an account; its sessions end at once."""
    with work(shell()) as w:
        service.disable(w, login)
    click.echo(f"{login} can no longer come in.")


@user.command("enable")
@_login
def enable(login: str) -> None:
    """Open a closed account again."""
    with work(shell()) as w:
        service.enable(w, login)
    click.echo(f"{login} may come in again.")


@user.command("reset")
@_login
def reset(login: str) -> None:
    """Make a new one-time password."""
    with work(shell()) as w:
        once = service.reset_password(w, login)
    _tell(login, once)


@user.command("unlock")
@_login
def unlock(login: str) -> None:
    """Forget missed passwords."""
    with work(shell()) as w:
        service.unlock(w, login)
    click.echo(f"{login} may try again.")
