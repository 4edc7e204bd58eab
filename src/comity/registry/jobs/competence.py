"""The exchange of the directory of competence: what peers announce, what came as a file, and whom nobody told yet."""

from datetime import datetime

from django.db import IntegrityError

from comity.authorities.competence import Competence
from comity.authorities.officials import Officials
from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.canon import Json, JsonObject
from comity.errors import ComityError
from comity.exchange.announcement import announced, read_announcement
from comity.registry import introductions, post
from comity.registry.act import current
from comity.registry.actions import competence as acts
from comity.registry.jobs import refusals
from comity.registry.queries import competence
from comity.registry.queries.people import known
from comity.registry.rows import Inbound, Introduced


def arrived(inbound: Inbound, document: JsonObject, *, people: tuple[Introduced, ...], at: datetime) -> None:
    """An entry that a peer announced takes effect; raises what `announced` and the act refuse, and nothing stays."""
    entry, _ = read_announcement(document)
    us = current().machine("post")
    who = known({inbound.sender: introductions.statements(people)}, viewer=us)
    proven = announced(entry, sender=post.peer(inbound.sender), known=who, at=at)
    acts.receive_entry(inbound, proven, people=people, actor=us, at=at)


def import_entry(document: Json, *, actor: Actor, at: datetime) -> Competence:
    """An entry that came as a file, held against its node's card as if it had come by post.

    An entry of this node can come back so, from a peer that holds it, when this node lost its history.
    A refusal stands in the log: somebody handed in an entry that its node did not sign, or that is out of date.
    Raises `NoSuchPeer`, and as `announced` and the act.
    """
    entry, people = read_announcement(document)
    sender = str(entry.body.get("node"))[:40]
    card = post.own_card(current()) if sender == current().id else post.peer(sender)
    try:
        proven = announced(entry, sender=card, known=_known(sender, people), at=at)
        acts.import_entry(proven, people=_introduced(sender, people), actor=actor, at=at)
    except acts.CompetenceHeld:
        raise  # nothing was wrong with it
    except ComityError as refusal:
        refusals.note_act(refusal, official=actor.official, at=at)
        raise
    return proven.record


def catch_up(*, at: datetime) -> int:
    """Tell each peer of the entries of this node that it was not told of, such as a peer that was admitted since."""
    machine = current().machine("directory")
    told = 0
    for peer, digest in competence.untold(viewer=machine):
        try:
            reference = competence.reference_of(digest, viewer=machine)
            message = competence.announcement_of(current().id, reference, viewer=machine)
            acts.tell_peer(peer, digest, message=message, actor=machine, at=at)
        except (IntegrityError, ComityError):
            continue  # another worker told it a moment ago, or its text was changed: the desk shows who was not told
        told += 1
    return told


def _known(sender: str, people: tuple[Statement, ...]) -> Officials:
    return known({sender: list(people)}, viewer=current().machine("post"))


def _introduced(sender: str, people: tuple[Statement, ...]) -> tuple[Introduced, ...]:
    home = post.homes()[sender]
    return introductions.introduced(people, home=home)
