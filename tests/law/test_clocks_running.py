"""Clocks through their events: extended, stopped, begun again, replaced, done, and one for every addressee."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.law import clocks, places
from comity.law.calendars import stated
from comity.law.clocks import ClockState, Effect, Occurrence, Running
from comity.law.question import ValueUnknown
from comity.law.timetable import joins_of, timetable
from law.cases import EDITION

NL = places.place("NL")
ORDER = "eev.production.traffic_or_content"
SUBSCRIBER = "eev.production.subscriber_or_identification"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NL.zone)


def told(*events: str) -> list[Occurrence]:
    """Events as `name moment` or `name moment addressee`."""
    return [Occurrence(name, at(moment), *who) for name, moment, *who in map(str.split, events)]


def clock(instrument: str, measure: str, deadline: str, *events: str, addressee: str = "", **places_: Any) -> Running:
    found = timetable(EDITION, instrument, measure, events=told(*events), place=NL, **places_)
    return next(one for one in found if one.deadline.id == deadline and one.addressee == addressee)


def dates(running: Running) -> tuple[str, str]:
    """Target and limit: the day that ends, or the hour."""
    found = []
    for end in (running.reckoned.target, running.reckoned.limit):
        assert end is not None
        last = end - timedelta(days=1)
        found.append(str(last.date()) if end.time() == datetime.min.time() else f"{end:%Y-%m-%dT%H:%M}")
    return found[0], found[1]


def test_a_clock_waits_for_its_event_and_runs_from_it():
    waiting = clock("eu-2023-1543", ORDER, "produce_not_notified")
    assert (waiting.state, waiting.since, waiting.reckoned.target) == (ClockState.WAITS, None, None)
    running = clock("eu-2023-1543", ORDER, "produce_not_notified", "receipt_of_EPOC 2026-11-25T09:05")
    assert (running.state, running.since) == (ClockState.RUNS, at("2026-11-25T09:05"))
    assert dates(running) == ("2026-12-05", "2026-12-07")


def test_what_was_done_is_done_and_keeps_its_dates():
    events = ("receipt_of_EPOC 2026-11-25T09:05", "transmit_data 2026-12-01T10:00")
    done = clock("eu-2023-1543", ORDER, "produce_not_notified", *events)
    assert done.state is ClockState.DONE
    assert dates(done) == ("2026-12-05", "2026-12-07")
    early = clock("eu-2023-1543", ORDER, "produce_not_notified", events[0], "transmit_data 2026-11-24T10:00")
    assert early.state is ClockState.RUNS


def test_a_promise_without_a_figure_runs_until_it_is_kept():
    receipt = "receipt_of_EPOC_PR 2026-11-25T09:05"
    assert clock("eu-2023-1543", "eev.preservation", "preserve", receipt).state is ClockState.RUNS
    kept = clock("eu-2023-1543", "eev.preservation", "preserve", receipt, "preserve 2026-11-25T11:00")
    assert kept.state is ClockState.DONE
    assert clock("eu-2023-1543", "eev.preservation", "preserve").state is ClockState.WAITS


def test_article_11_keeps_for_sixty_days_and_thirty_more_where_the_form_came_in_time():
    receipt = "receipt_of_EPOC_PR 2026-11-25T09:05"
    sixty = clock("eu-2023-1543", "eev.preservation", "preserve_expiry", receipt)
    assert dates(sixty) == ("2027-01-25", "2027-01-24")  # a Sunday: hold until Monday, ask before
    ninety = clock(
        "eu-2023-1543", "eev.preservation", "preserve_expiry", receipt, "extend_with_Annex_VI 2027-01-20T10:00"
    )
    assert dates(ninety) == ("2027-02-24", "2027-02-23")
    proof = " ".join(ninety.reckoned.proof)
    assert "extends the clock by P30D (Art. 11(1))" in proof
    # Each reading goes on in its own way, from its own end, and both can be followed.
    assert (
        proof.count("30 days: the last day is"),
        proof.count("Read as an action"),
        proof.count("Read as a period"),
    ) == (2, 2, 2)


def test_an_extension_counts_once_and_not_after_the_end():
    receipt, form = "receipt_of_EPOC_PR 2026-11-25T09:05", "extend_with_Annex_VI 2027-01-20T10:00"
    once = clock("eu-2023-1543", "eev.preservation", "preserve_expiry", receipt, form)
    twice = clock("eu-2023-1543", "eev.preservation", "preserve_expiry", receipt, form, form.replace("01-20", "02-10"))
    assert dates(once) == dates(twice)
    late = clock("eu-2023-1543", "eev.preservation", "preserve_expiry", receipt, form.replace("01-20", "01-27"))
    assert dates(late) == ("2027-01-25", "2027-01-24")
    assert "came after the end and changes nothing" in " ".join(late.reckoned.proof)


def test_an_extension_between_the_two_ends_lengthens_the_later_reading_only():
    between = clock(
        "eu-2023-1543",
        "eev.preservation",
        "preserve_expiry",
        "receipt_of_EPOC_PR 2026-11-25T09:05",
        "extend_with_Annex_VI 2027-01-25T10:00",
    )
    assert dates(between) == ("2027-02-24", "2027-01-24")


def test_a_production_request_in_time_ends_the_expiry_of_a_preservation():
    events = ("receipt_of_EPOC_PR 2026-11-25T09:05", "Annex_V_confirmation_within_preservation_period 2027-01-10T10:00")
    kept = clock("eu-2023-1543", "eev.preservation", "preserve_expiry", *events)
    assert (kept.state, kept.reckoned.target) == (ClockState.STOPPED, None)
    assert "until: as long as needed to produce" in kept.reckoned.proof[-1]
    assert clock("eu-2023-1543", "eev.preservation", "preserve_until_production", *events).state is ClockState.RUNS


def test_a_treaty_goes_on_in_each_of_its_readings():
    events = ("receipt_of_notification 2026-11-27T14:20", "ask_short_extension 2026-11-28T10:00")
    extended = clock("eu-mla-2000", "mla2000.interception_notification", "answer", *events)
    assert dates(extended) == ("2026-12-08", "2026-12-09")  # 96 hours, then 8 days


@pytest.mark.parametrize(
    ("instrument", "measure", "deadline", "events", "ends"),
    [
        (
            "eu-2014-41",
            "eio.any_measure",
            "decide",
            ("receipt_of_EIO_by_competent_executing_authority", "extend_decision_time"),
            ("2027-01-24", "2027-01-27"),
        ),
        (
            "eu-2016-680",
            "led.prior_consultation",
            "advice",
            ("receipt_of_request_for_consultation", "extend"),
            ("2027-02-06", "2027-02-08"),
        ),
        (
            "eu-2021-784",
            "tco.non_disclosure",
            "gag",
            ("decision_on_non_disclosure", "extend_non_disclosure"),
            ("2027-02-17", "2027-02-17"),
        ),
    ],
)
def test_extensions_run_on_from_the_end(
    instrument: str, measure: str, deadline: str, events: tuple[str, str], ends: tuple[str, str]
):
    first, further = f"{events[0]} 2026-11-25T10:00", f"{events[1]} 2026-12-10T10:00"
    assert dates(clock(instrument, measure, deadline, first, further)) == ends


def test_every_extension_of_the_edition_that_follows_an_end_has_the_period_that_it_follows():
    for name in EDITION.instruments:
        joined = {join.deadline for join in joins_of(EDITION, name)}
        for measure in EDITION.instruments[name].measures.values():
            for one in measure.deadlines:
                assert one.type != "extension" or f"{measure.id}.{one.id}" in joined, f"{name} {measure.id}.{one.id}"


def test_in_justified_cases_six_months_in_all_take_the_place_of_three():
    events = ("receipt_of_report 2026-11-25T09:05", "justified_extension_announced 2027-01-10T10:00")
    assert dates(clock("eu-2019-1937", "wb.external", "feedback", events[0])) == ("2027-02-25", "2027-02-25")
    assert dates(clock("eu-2019-1937", "wb.external", "feedback", *events)) == ("2027-05-25", "2027-05-25")


def test_the_hour_of_a_removal_order_begins_again():
    events = ("receipt_of_removal_order 2026-11-27T14:20", "end_of_force_majeure_or_impossibility 2026-11-27T18:05")
    again = clock("eu-2021-784", "tco.removal_order", "remove", *events)
    assert (again.since, dates(again)) == (at("2026-11-27T18:05"), ("2026-11-27T20:00", "2026-11-27T20:00"))
    clarified = clock(
        "eu-2021-784", "tco.removal_order", "remove", *events, "receipt_of_clarification 2026-11-28T09:00"
    )
    assert dates(clarified) == ("2026-11-28T11:00", "2026-11-28T11:00")


def test_hours_that_stood_still_are_added():
    stopped = ("receipt_of_EPOC 2026-11-27T14:20", "receipt_of_Annex_III_form 2026-11-27T16:00")
    still = clock("eu-2023-1543", SUBSCRIBER, "produce_emergency", *stopped)
    assert (still.state, still.reckoned.target, still.reckoned.limit) == (ClockState.STOPPED, None, None)
    assert "until: receipt_of_clarification" in still.reckoned.proof[-1]
    goes_on = clock(
        "eu-2023-1543", SUBSCRIBER, "produce_emergency", *stopped, "receipt_of_clarification 2026-11-27T18:30"
    )
    assert goes_on.state is ClockState.RUNS
    assert dates(goes_on) == ("2026-11-28T01:30", "2026-11-28T01:30")


def test_days_that_stood_still_are_added_whole_or_as_touched():
    events = (
        "receipt_of_EPOC 2026-11-23T09:05",
        "receipt_of_Annex_III_form 2026-11-26T16:00",
        "receipt_of_clarification 2026-11-30T10:00",
    )
    # Ten days end on Thursday 3 December; Friday to Sunday stood still whole, five days were touched.
    assert dates(clock("eu-2023-1543", SUBSCRIBER, "produce", *events)) == ("2026-12-06", "2026-12-08")
    reply = clock("eu-2023-1543", SUBSCRIBER, "clarification_reply_epoc", *events)
    assert (reply.state, dates(reply)) == (ClockState.DONE, ("2026-12-01", "2026-12-01"))


def test_a_stop_within_a_day_adds_no_whole_day_and_takes_none_away():
    within = (
        "receipt_of_EPOC 2026-11-23T09:05",
        "receipt_of_Annex_III_form 2026-11-24T09:00",
        "receipt_of_clarification 2026-11-24T10:00",
    )
    further = ("objection_and_court_review 2026-11-26T16:00", "review_completed 2026-11-30T10:00")
    assert dates(clock("eu-2023-1543", SUBSCRIBER, "produce", *within)) == ("2026-12-03", "2026-12-04")
    assert dates(clock("eu-2023-1543", SUBSCRIBER, "produce", *within, *further)) == ("2026-12-06", "2026-12-09")


def test_working_days_that_stood_still_are_added_as_working_days():
    base = EDITION.deadline("eu-2023-1543", "eev.enforcement", "recognise")
    stay = EDITION.deadline("eu-2023-1543", "eev.third_country_conflict", "stay")
    join = clocks.Join("m.stay", Effect.STOPS, ("m.recognise",), "17(3)", stay.starts, ("review_completed",))
    events = [Occurrence("receipt_of_order_for_enforcement", at("2026-11-23T09:00"))]
    events += [
        Occurrence(stay.from_event, at("2026-11-26T09:00")),
        Occurrence("review_completed", at("2026-12-01T09:00")),
    ]
    found = clocks.run({"m.recognise": base, "m.stay": stay}, events, place=NL, joins=[join])
    # Five working days end on Monday 30 November; Friday and Monday stood still whole, Thursday and Tuesday in part.
    assert dates(found[0]) == ("2026-12-02", "2026-12-04")
    assert found[1].state is ClockState.DONE


def test_a_clock_goes_on_when_the_last_of_two_stops_has_ended():
    events = (
        "receipt_of_EPOC 2026-11-27T14:20",
        "receipt_of_Annex_III_form 2026-11-27T16:00",
        "objection_and_court_review 2026-11-27T17:00",
        "receipt_of_clarification 2026-11-27T18:00",
    )
    assert clock("eu-2023-1543", SUBSCRIBER, "produce_emergency", *events).state is ClockState.STOPPED
    on = clock("eu-2023-1543", SUBSCRIBER, "produce_emergency", *events, "review_completed 2026-11-27T20:00")
    assert dates(on) == ("2026-11-28T03:00", "2026-11-28T03:00")


def test_a_stop_after_the_end_stops_nothing():
    late = ("receipt_of_EPOC 2026-11-27T14:20", "receipt_of_Annex_III_form 2026-11-28T16:00")
    assert clock("eu-2023-1543", SUBSCRIBER, "produce_emergency", *late).state is ClockState.RUNS


def test_an_answer_stands_still_while_a_clarification_is_awaited():
    events = ("receipt_of_request 2026-11-27T14:20", "receipt_of_clarification_request_by_requester 2026-11-27T15:10")
    assert clock("eu-2023-977", "lei.request", "urgent_direct", *events).state is ClockState.STOPPED
    goes_on = clock("eu-2023-977", "lei.request", "urgent_direct", *events, "receipt_of_clarification 2026-11-27T16:10")
    assert dates(goes_on) == ("2026-11-27", "2026-11-27")  # 24:00


def test_addressee_and_notified_authority_have_clocks_of_their_own():
    events = (
        "receipt_of_EPOC 2026-11-25T09:05",
        "receipt_of_notification_by_enforcing_authority 2026-11-26T11:00",
        "raise_ground_for_refusal 2026-12-02T10:00",
    )
    assert dates(clock("eu-2023-1543", ORDER, "produce_notified", *events[:2])) == ("2026-12-05", "2026-12-07")
    assert dates(clock("eu-2023-1543", ORDER, "refuse_window", *events[:2])) == ("2026-12-06", "2026-12-07")
    assert dates(clock("eu-2023-1543", ORDER, "refuse_window_emergency", *events[:2])) == ("2026-11-30T12:00",) * 2
    assert clock("eu-2023-1543", ORDER, "produce_notified", *events).state is ClockState.STOPPED
    assert clock("eu-2023-1543", ORDER, "refuse_window", *events).state is ClockState.DONE
    assert clock("eu-2023-1543", ORDER, "produce_not_notified", *events).state is ClockState.RUNS


def test_two_addressees_have_two_clocks_each_where_it_acts():
    events = (
        "receipt_of_EPOC 2026-12-22T23:30 dublin",
        "receipt_of_EPOC 2026-12-23T09:00 paris",
        "transmit_data 2026-12-28T09:00 paris",
    )
    where = {"dublin": places.place("IE"), "paris": places.place("FR")}
    dublin = clock("eu-2023-1543", SUBSCRIBER, "produce", *events, addressee="dublin", places=where)
    paris = clock("eu-2023-1543", SUBSCRIBER, "produce", *events, addressee="paris", places=where)
    assert (dublin.state, dates(dublin)) == (ClockState.RUNS, ("2027-01-01", "2027-01-04"))
    assert (paris.state, dates(paris)) == (ClockState.DONE, ("2027-01-02", "2027-01-04"))
    assert "time of Europe/Dublin" in " ".join(dublin.reckoned.proof)


def test_an_event_that_names_no_addressee_counts_for_all():
    events = (
        "receipt_of_EPOC 2026-11-27T14:20 one",
        "receipt_of_EPOC 2026-11-27T15:20 two",
        "transmit_data 2026-11-27T16:00",
    )
    found = timetable(EDITION, "eu-2023-1543", SUBSCRIBER, events=told(*events), place=NL)
    produced = [one for one in found if one.deadline.id == "produce_emergency"]
    assert [(one.addressee, one.state) for one in produced] == [("one", ClockState.DONE), ("two", ClockState.DONE)]


def test_an_order_issued_without_validation_is_validated_within_48_hours():
    issued = clock(
        "eu-2023-1543",
        "eev.emergency_issue_without_validation",
        "ex_post_validation",
        "issue_of_order 2026-11-27T14:20",
    )
    assert dates(issued) == ("2026-11-29T15:00", "2026-11-29T15:00")
    assert "the text is silent" in " ".join(issued.reckoned.proof) or "text is silent" in " ".join(
        issued.reckoned.proof
    )


def test_a_clock_for_machines_says_whose_it_is_and_where_it_stands():
    record = clock(
        "eu-2023-1543", ORDER, "produce_notified", "receipt_of_EPOC 2026-11-25T09:05 paris", addressee="paris"
    ).as_json()
    assert record.pop("proof")
    assert record == {
        "clock": f"{ORDER}.produce_notified",
        "addressee": "paris",
        "state": "runs",
        "since": "2026-11-25T09:05:00+01:00",
        "target": "2026-12-06T00:00:00+01:00",
        "limit": "2026-12-08T00:00:00+01:00",
    }


def test_an_unknown_measure_is_refused_with_those_that_exist():
    with pytest.raises(ValueUnknown) as refused:
        timetable(EDITION, "eu-2023-1543", "eev.spying", events=[], place=NL)
    assert "eev.preservation" in str(refused.value.facts["allowed"])


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
NONE = stated({}, source="none")


@settings(deadline=None)
@given(moments, st.lists(st.integers(0, 30 * 24), min_size=2, max_size=2), st.integers(0, 20 * 24))
def test_a_longer_stop_never_ends_a_clock_earlier(start: datetime, lengths: list[int], stop: int):
    produce = EDITION.deadline("eu-2023-1543", SUBSCRIBER, "produce")
    reply = EDITION.deadline("eu-2023-1543", "eev.preservation", "clarification_reply")
    join = clocks.Join("m.reply", Effect.STOPS, ("m.produce",), "10(6)", ("stop",), ("go",))
    ends = []
    for length in (0, *sorted(lengths)):
        events = [Occurrence("receipt_of_EPOC", start), Occurrence("stop", start + timedelta(hours=stop))]
        events.append(Occurrence("go", start + timedelta(hours=stop + length)))
        found = clocks.run({"m.produce": produce, "m.reply": reply}, events, place=NL, joins=[join], calendar=NONE)
        assert found[0].reckoned.target is not None
        assert found[0].reckoned.limit is not None
        ends.append((found[0].reckoned.target, found[0].reckoned.limit))
    unstopped = clocks.run({"m.produce": produce}, events[:1], place=NL, calendar=NONE)[0].reckoned
    assert unstopped.target is not None
    assert unstopped.limit is not None
    assert (unstopped.target, unstopped.limit) <= ends[0]
    assert ends == sorted(ends)
    assert [limit for _, limit in ends] == sorted(limit for _, limit in ends)


def test_the_day_of_a_stop_is_that_of_the_place():
    events = (
        "receipt_of_EPOC 2026-11-23T09:05",
        "receipt_of_Annex_III_form 2026-11-26T23:59",
        "receipt_of_clarification 2026-11-27T00:01",
    )
    # Two days were touched and none stood still whole; the fifth of December is a Saturday.
    assert dates(clock("eu-2023-1543", SUBSCRIBER, "produce", *events)) == ("2026-12-03", "2026-12-07")
