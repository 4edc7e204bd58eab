"""A CASE/UCO description held against the house's shapes before it leaves: what the ontology's own shapes let pass is found."""

from functools import lru_cache
from importlib.resources import files

from comity.errors import N_, ComityError


class DescriptionBroken(ComityError):
    """A description lacks what evidence has to say of itself."""

    code = "documents.description_broken"
    sentence = N_("the CASE/UCO description does not hold: {why}")
    hint = N_("Record a correction that states what is missing, and export again.")


def hold_description(data: bytes) -> None:
    """Hold that a description (JSON-LD with its context inside) fits the shapes; raises `DescriptionBroken`."""
    import pyshacl  # half a second of libraries, needed where something is exported
    import rdflib

    graph = rdflib.Graph().parse(data=data, format="json-ld")
    shapes = rdflib.Graph().parse(data=_shapes(), format="turtle")
    conforms, report, _ = pyshacl.validate(graph, shacl_graph=shapes, inference="none", meta_shacl=False)
    if not conforms:
        message = rdflib.URIRef("http://www.w3.org/ns/shacl#resultMessage")
        said = sorted({str(one) for one in report.objects(predicate=message)})
        raise DescriptionBroken(why="; ".join(said)[:500])


@lru_cache(maxsize=1)
def _shapes() -> str:
    return files("comity.evidence").joinpath("case_shapes.ttl").read_text(encoding="utf-8")
