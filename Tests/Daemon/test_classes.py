"""The worker classes on the real binary: what a worker may have in flight; signals mean the same in all."""

import signal
import threading
import time

import pytest

from support import protocols
from support.process import thread_names
from support.protocols import MESSAGES
from support.waiting import eventually

CLASSES = {
    "async": {"GUNICORN_WORKER_CLASS": "async"},
    "gthread": {"GUNICORN_WORKER_CLASS": "gthread", "GUNICORN_THREADS": "4"},
    "sync": {"GUNICORN_WORKER_CLASS": "sync"},
}
IN_WORDS = {
    "async": "class async, up to 1000 requests each (GUNICORN_WORKER_CLASS=sync: one each)",
    "gthread": "class gthread, up to 4 requests each",
    "sync": "class sync, one request each",
}


def workers(daemon) -> list[str]:
    return [name for name in thread_names(daemon.pid) if name.startswith("worker")]


@pytest.fixture(params=CLASSES)
def relay(request, relay_of, notify):
    relay = relay_of(MESSAGES, notify=notify, GUNICORN_WORKERS="2", **CLASSES[request.param])
    relay.worker_class = request.param
    notify.wait_for("READY=1")
    return relay


def test_the_status_says_the_class_in_words_and_counts_what_is_open(relay, notify):
    assert IN_WORDS[relay.worker_class] in notify.wait_for_status("2 workers")
    with relay.client() as client:
        exchange = relay.open_stream(client)
        notify.wait_for_status("1 requests in flight")
        exchange.end_stream()
        assert client.response().clean


def test_ttin_and_ttou_change_the_number_of_workers(relay):
    before = set(workers(relay.daemon))
    relay.daemon.signal(signal.SIGTTIN)
    assert eventually(lambda: len(workers(relay.daemon)) == 3)
    relay.daemon.signal(signal.SIGTTOU)
    assert eventually(lambda: len(workers(relay.daemon)) == 2)
    assert len(before - set(workers(relay.daemon))) == 1, "the oldest goes"
    for _ in range(2):
        relay.daemon.signal(signal.SIGTTOU)
    assert eventually(lambda: len(workers(relay.daemon)) == 1)
    relay.daemon.wait_for_log("1 workers wanted")
    assert relay.daemon.ask("GET", "/livez").status == 200


@pytest.mark.measured
def test_ttin_goes_up_to_1024_workers(relay_of):
    relay = relay_of(MESSAGES, GUNICORN_WORKERS="1023")
    relay.daemon.wait_for_log("ready:")
    for _ in range(3):
        lines = len(relay.daemon.log)
        relay.daemon.signal(signal.SIGTTIN)
        relay.daemon.wait_for_log("1024 workers wanted", after=lines)
    assert eventually(lambda: len(workers(relay.daemon)) == 1024)
    assert relay.daemon.ask("GET", "/livez").status == 200


def test_hup_replaces_the_workers_and_cuts_no_stream(relay, notify):
    before = set(workers(relay.daemon))
    with relay.client() as client:
        exchange = relay.open_stream(client)
        count = len(notify.messages)
        relay.daemon.signal(signal.SIGHUP)
        notify.wait_for("RELOADING=1", after=count)
        notify.wait_for("READY=1", after=count)
        assert relay.daemon.ask("GET", "/livez").status == 200
        exchange.piece(relay.protocol.last)
        exchange.end_stream()
        response = client.response()
    assert (response.body, response.clean) == (relay.protocol.last, True)
    assert eventually(lambda: not before & set(workers(relay.daemon)))
    assert len(workers(relay.daemon)) == 2


def test_a_hup_takes_back_what_ttin_added(relay):
    relay.daemon.signal(signal.SIGTTIN)
    assert eventually(lambda: len(workers(relay.daemon)) == 3)
    relay.daemon.signal(signal.SIGHUP)
    relay.daemon.wait_for_log("reloaded")
    assert eventually(lambda: len(workers(relay.daemon)) == 2)


def test_term_lets_a_request_finish_and_asks_for_time(relay, notify):
    with relay.client() as client:
        relay.post(client)
        exchange = relay.upstream.take()
        relay.daemon.signal(signal.SIGTERM)
        notify.wait_for("STOPPING=1")
        assert int(notify.wait_for("EXTEND_TIMEOUT_USEC=10000000").values["EXTEND_TIMEOUT_USEC"]) > 0
        assert "Stopping: " in notify.wait_for_status("Stopping: ")
        relay.reply(exchange)
        assert client.response().status == 200
    assert relay.daemon.wait() == 0


@pytest.mark.parametrize(
    "numbers",
    [[signal.SIGTERM, signal.SIGTERM], [signal.SIGINT], [signal.SIGQUIT]],
    ids=lambda numbers: "+".join(number.name for number in numbers),
)
def test_a_second_term_int_and_quit_end_a_stream_with_its_error(relay, notify, numbers):
    with relay.client() as client:
        relay.open_stream(client)
        body = client.body(client.head())
        relay.daemon.signal(numbers[0])
        notify.wait_for("STOPPING=1")
        for number in numbers[1:]:
            relay.daemon.signal(number)
        relay.protocol.error_frame(body.rest())
        assert not body.clean
    assert relay.daemon.wait() == 0


def test_as_documented_two_sync_workers_hold_two_requests_the_third_waits_and_health_waits_its_turn(relay_of):
    relay = relay_of(
        protocols.CHAT, GUNICORN_WORKERS="2", GUNICORN_WORKER_CLASS="sync", GUNICORN_TIMEOUT="300"
    )
    clients = [relay.client() for _ in range(3)]
    held = []
    for client in clients[:2]:
        relay.post(client)
        held.append(relay.upstream.take())
    relay.post(clients[2])
    with relay.client() as probe:
        probe.request("GET", "/health")
        answered = threading.Event()
        answer = []

        def read() -> None:
            answer.append(probe.response("GET"))
            answered.set()

        reading = threading.Thread(target=read, daemon=True)
        reading.start()
        assert not answered.wait(0.5), "a page was served while both workers were busy"
        assert len(relay.upstream.requests) == 2, "the third request did not wait"
        for exchange in held:
            relay.reply(exchange)
        relay.reply(relay.upstream.take())
        for client in clients:
            assert client.response().status == 200
            client.close()
        reading.join(20)
        assert answer[0].status == 200


@pytest.mark.measured
def test_in_async_20_slow_streams_leave_health_under_100_ms(relay_of):
    relay = relay_of(MESSAGES, GUNICORN_WORKERS="2")
    clients = [relay.client() for _ in range(20)]
    exchanges = [relay.open_stream(client) for client in clients]
    rounds = []
    with relay.client() as probe:
        for _ in range(3):
            took = []
            for _ in range(50):
                for exchange in exchanges:
                    exchange.piece(relay.protocol.event)
                started = time.monotonic()
                assert probe.ask("GET", "/health").status == 200
                took.append(time.monotonic() - started)
            rounds.append(max(took))
            print(f"/health: median {sorted(took)[25] * 1e3:.1f} ms, most {max(took) * 1e3:.1f} ms")
    for client, exchange in zip(clients, exchanges, strict=True):
        exchange.end_stream()
        assert client.response().body == relay.protocol.event * 150
    # A busy machine may hold up one round; it does not hold up all.
    assert min(rounds) < 0.1


def test_in_sync_the_timeout_bounds_a_request_and_the_worker_serves_on(relay_of):
    relay = relay_of(MESSAGES, GUNICORN_WORKERS="1", GUNICORN_WORKER_CLASS="sync", GUNICORN_TIMEOUT="1")
    with relay.client() as client:
        relay.post(client)
        exchange = relay.upstream.take()
        response = client.response()
        assert response.status == 504
        relay.protocol.error(response)
        assert exchange.sees_close()
    assert "CRITICAL" in relay.daemon.wait_for_log("WORKER TIMEOUT")
    assert relay.daemon.ask("GET", "/livez").status == 200


def test_in_sync_a_stream_beyond_the_timeout_ends_with_its_error(relay_of):
    relay = relay_of(MESSAGES, GUNICORN_WORKERS="1", GUNICORN_WORKER_CLASS="sync", GUNICORN_TIMEOUT="1")
    with relay.client() as client:
        relay.open_stream(client)
        body = client.body(client.head())
        relay.protocol.error_frame(body.rest())
        assert not body.clean


@pytest.mark.parametrize("worker_class", ["async", "gthread"])
def test_in_other_classes_the_timeout_bounds_no_request(relay_of, worker_class):
    relay = relay_of(MESSAGES, GUNICORN_WORKERS="1", GUNICORN_WORKER_CLASS=worker_class, GUNICORN_TIMEOUT="2")
    with relay.client() as client:
        relay.post(client)
        exchange = relay.upstream.take()
        assert not exchange.sees_close(deadline=3.5)
        relay.reply(exchange)
        assert client.response().status == 200


class TestMaxRequests:
    def test_a_worker_is_replaced_after_its_share_and_nothing_is_refused(self, relay_of):
        relay = relay_of(MESSAGES, GUNICORN_WORKERS="1", GUNICORN_MAX_REQUESTS="5")
        relay.upstream.answer(relay.reply)
        relay.daemon.wait_for_log("ready:")
        first = set(workers(relay.daemon))
        assert len(first) == 1
        with relay.client() as client:
            for _ in range(40):
                relay.post(client)
                assert client.response().status == 200
        assert eventually(lambda: not first & set(workers(relay.daemon)))
        assert eventually(lambda: len(workers(relay.daemon)) == 1)
        relay.daemon.wait_for_log("has served its share")

    def test_its_open_streams_finish(self, relay_of):
        relay = relay_of(MESSAGES, GUNICORN_WORKERS="1", GUNICORN_MAX_REQUESTS="2")
        relay.daemon.wait_for_log("ready:")
        first = set(workers(relay.daemon))
        assert len(first) == 1
        with relay.client() as client:
            exchange = relay.open_stream(client)
            head = client.head()
            assert relay.daemon.ask("GET", "/livez").status == 200
            assert eventually(lambda: set(workers(relay.daemon)) - first), "the successor starts first"
            assert relay.daemon.ask("GET", "/livez").status == 200
            exchange.piece(relay.protocol.last)
            exchange.end_stream()
            body = client.body(head)
            assert (body.rest(), body.clean) == (relay.protocol.last, True)
        assert eventually(lambda: not first & set(workers(relay.daemon)))

    def test_jitter_spreads_the_ends(self, relay_of):
        """With a jitter that chance hardly leaves at nothing, a share of one lasts longer than one."""
        relay = relay_of(
            MESSAGES,
            GUNICORN_WORKERS="1",
            GUNICORN_MAX_REQUESTS="1",
            GUNICORN_MAX_REQUESTS_JITTER="1000000000",
        )
        relay.daemon.wait_for_log("ready:")
        first = set(workers(relay.daemon))
        assert len(first) == 1
        for _ in range(5):
            assert relay.daemon.ask("GET", "/livez").status == 200
        assert set(workers(relay.daemon)) == first
        assert "served its share" not in relay.daemon.text
