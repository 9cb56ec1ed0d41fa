"""Reports are kept until the master has confirmed them."""

from __future__ import annotations

import pytest

from locust_rs.rpc import Message
from locust_rs.runners.worker import report_outbox
from locust_rs.runners.worker.report_outbox import ReportOutbox


@pytest.fixture
def sent():
    return []


@pytest.fixture
def outbox(sent):
    def send(message):
        sent.append(message.data)
        return True

    outbox = ReportOutbox(send)
    outbox.confirms = True
    return outbox


def post(outbox, count):
    for _ in range(count):
        number = outbox.next_number()
        outbox.post(number, Message("stats", number, "w"))


def test_confirmed_reports_are_not_sent_again(outbox, sent):
    post(outbox, 3)
    outbox.confirm(3)
    outbox.resend()
    assert sent == [1, 2, 3]


def test_what_a_broken_connection_took_is_sent_again_in_order(outbox, sent):
    post(outbox, 4)
    outbox.confirm(2)
    outbox.resend()
    assert sent == [1, 2, 3, 4, 3, 4]


def test_an_overdue_confirmation_triggers_it(outbox, sent, monkeypatch):
    post(outbox, 2)
    outbox.confirm(0)
    assert sent == [1, 2]
    monkeypatch.setattr(report_outbox, "RESEND_AFTER_S", -1)
    outbox.confirm(0)
    assert sent == [1, 2, 1, 2]


def test_a_stock_master_confirms_nothing_and_nothing_is_kept(outbox, sent):
    outbox.confirms = False
    post(outbox, 2)
    outbox.resend()
    assert sent == [1, 2]


def test_a_master_that_stays_away_does_not_fill_the_memory(outbox, monkeypatch):
    monkeypatch.setattr(report_outbox, "MAX_KEPT_BYTES", 50)
    post(outbox, 8)
    assert outbox.given_up == 3


def test_it_tells_what_can_still_be_sent(outbox, monkeypatch):
    assert outbox.oldest == 1
    post(outbox, 4)
    assert outbox.oldest == 1
    outbox.confirm(2)
    assert outbox.oldest == 3
    outbox.confirm(4)
    assert outbox.oldest == 5
    monkeypatch.setattr(report_outbox, "MAX_KEPT_BYTES", 30)
    post(outbox, 6)
    assert outbox.oldest == 5 + outbox.given_up > 5
