"""The cases a row cannot tell: where they are tested, and what does not apply."""

NOT_APPLICABLE = {
    "T28": "nothing is ever fetched on behalf of a client, so no media type comes from a stranger's server",
}

EVENTS = "Tests/Daemon/test_case_events.py"
BREAKER = "Tests/Daemon/test_breaker.py"
DISCOVERY = "Tests/Daemon/test_discovery.py"
STATE = "Tests/GatewayTests/State"

ELSEWHERE = {
    "T51": [
        f"{STATE}/UserIdentityTests.swift::"
        "it stays for five hours and changes with the first request after them",
        f"{STATE}/DaemonStateTests.swift::four workers share one user id, before and after its five hours",
    ],
    "T52": [f"{EVENTS}::test_t52_health_answers_at_once_beside_twenty_streams"],
    "T82": [f"{EVENTS}::test_t82_a_published_model_is_named_as_published"],
    "T111": [f"{EVENTS}::test_t111_silence_is_filled_with_pings"],
    "T112": [f"{EVENTS}::test_t112_a_client_that_leaves_cancels_the_upstream"],
    "T123": ["Tests/Daemon/test_client_records.py::test_a_stream_outlives_fifty_other_keys"],
    "T124": [
        f"{STATE}/ClientRecordsTests.swift::"
        "whoever is idle for more than an hour is forgotten by the next sweep, who is not stays"
    ],
    "T128": [
        f"{BREAKER}::test_five_failures_in_a_row_open_it_for_every_worker",
        f"{BREAKER}::test_after_thirty_seconds_one_probe_goes_out_and_its_success_closes_it",
    ],
    "T129": [f"{BREAKER}::test_a_client_error_never_opens_it"],
    "T130": [f"{BREAKER}::test_switched_off_it_counts_nothing"],
    "T131": [
        f"{EVENTS}::test_t131_a_model_nobody_has_is_404_with_those_there_are",
        f"{EVENTS}::test_t131_the_listing_may_be_a_message",
    ],
    "T132": [f"{DISCOVERY}::test_rubbish_is_survived"],
    "T133": [f"{DISCOVERY}::test_the_old_list_stays_when_the_next_one_is_rubbish"],
    "T134": [f"{EVENTS}::test_t134_a_backend_that_is_down_delays_nothing"],
    "T139": [
        "Tests/Daemon/test_stop.py::test_a_stream_in_flight_finishes",
        "Tests/Daemon/test_stop.py::test_new_work_is_turned_away_while_draining",
    ],
    "T142": [f"{EVENTS}::test_t142_a_bad_number_is_told_and_empty_ones_are_unset"],
    "T145": ["Tests/Daemon/test_secrets.py::test_a_secret_in_a_log_is_a_failure"],
}
"""Tests by file and name, a function's or the words of a Swift test; `test_cases` looks each of them up."""
