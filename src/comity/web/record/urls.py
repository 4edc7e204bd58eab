"""Addresses of the record's pages."""

from django.urls import path

from comity.web.record import competence, documents, home, letter, letters

urlpatterns = [
    path("desk", home.show, name="desk"),
    path("directory", competence.show, name="competence"),
    path("directory/<str:node>/<str:reference>", competence.entry, name="competence-entry"),
    path("letters", letters.show, name="letters"),
    path("letters.csv", letters.as_csv, name="letters-csv"),
    path("letters.json", letters.as_json, name="letters-json"),
    path("letters/<str:digest>", letter.show, name="letter"),
    path("letters/<str:digest>/text", letter.text, name="letter-text"),
    path("letters/<str:digest>/document", documents.letter, name="letter-document"),
    path("evidence/<str:reference>/document", documents.custody, name="custody-document"),
    path("exhibits/<str:reference>/document", documents.exhibit, name="exhibit-document"),
]
