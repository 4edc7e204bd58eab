"""Addresses of the investigator's desk."""

from django.urls import path

from comity.web.investigator import views
from comity.web.investigator.answers import verdict
from comity.web.investigator.asking import ask, keep
from comity.web.investigator.disclosing import disclose
from comity.web.investigator.drafting import answer, draft, send, withdraw
from comity.web.investigator.protecting import protect

urlpatterns = [
    path("ask", ask, name="ask"),
    path("ask/keep", keep, name="ask-keep"),
    path("cases", views.cases, name="cases"),
    path("cases/new", views.new, name="case-new"),
    path("cases/<str:reference>", views.case, name="case"),
    path("cases/<str:reference>/selectors", views.selector, name="case-selector"),
    path("cases/<str:reference>/protected", protect, name="case-protected"),
    path("cases/<str:reference>/disclose", disclose, name="case-disclose"),
    path("cases/<str:reference>/members", views.member, name="case-member"),
    path("cases/<str:reference>/members/remove", views.member_gone, name="case-member-remove"),
    path("cases/<str:reference>/offences", views.offences, name="case-offences"),
    path("cases/<str:reference>/ask", ask, name="case-ask"),
    path("cases/<str:reference>/verdicts/<str:digest>", verdict, name="verdict"),
    path("cases/<str:reference>/verdicts/<str:digest>/draft", draft, name="letter-draft"),
    path("letters/<str:digest>/send", send, name="letter-send"),
    path("letters/<str:digest>/answer", answer, name="letter-answer"),
    path("letters/<str:digest>/withdraw", withdraw, name="letter-withdraw"),
]
