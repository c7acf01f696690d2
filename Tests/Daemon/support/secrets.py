"""Values that may never be seen in a log, an error or a page. All hold one word, which is searched for."""

MARK = "canary"
SERVER_KEY = f"sk-{MARK}-of-the-server-0001"
CLIENT_KEY = f"sk-{MARK}-of-a-client-0002"
OTHER_KEY = f"sk-{MARK}-of-another-client-0003"
WRONG_KEY = f"sk-{MARK}-that-is-wrong-0004"
PROMPT = f"the {MARK} sings of its cage"
REPLY = f"and the {MARK} was answered"


def search(place: str, said: bytes) -> None:
    found = [line for line in said.splitlines() if MARK.encode() in line]
    assert not found, f"a secret in {place}: {found}"
