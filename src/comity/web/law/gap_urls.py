"""Addresses of the gap map."""

from django.urls import path

from comity.web.law import gap_list, gap_matrix, gaps

urlpatterns = [
    path("law/gaps", gaps.world_view, name="law-gaps"),
    path("law/gaps/matrix", gap_matrix.matrix, name="law-gaps-matrix"),
    path("law/gaps/list", gap_list.pairs, name="law-gaps-list"),
    path("law/gaps.csv", gap_list.as_csv, name="law-gaps-csv"),
    path("law/gaps.json", gap_list.as_json, name="law-gaps-json"),
    path("law/gaps/<str:from_state>/<str:to_state>", gaps.pair, name="law-gap"),
]
