"""The container image of `packaging/container`, built and run without a registry."""

import re
import subprocess

import pytest

from booted.image import FOLDER, OFFICIAL, Container
from booted.waiting import eventually

MESSAGE = {"model": "demo", "max_tokens": 64, "messages": [{"role": "user", "content": "Hello"}]}


def test_it_is_made_of_the_official_base_and_of_what_the_package_depends_on(package):
    text = (FOLDER / "Containerfile").read_text()
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {OFFICIAL}
    field = subprocess.run(["dpkg-deb", "-f", package, "Depends"], check=True, capture_output=True, text=True)
    needed = {word.split()[0] for word in field.stdout.split(",") if "sysusers" not in word}
    assert needed <= set(text.split())


def test_it_says_who_runs_it_and_how_it_is_stopped(image):
    assert image.config["User"] == "5000:5000"
    assert image.config["StopSignal"] == "SIGTERM"
    assert list(image.config["ExposedPorts"]) == ["5000/tcp"]


def test_it_serves_on_the_port_and_with_the_workers_of_its_environment(image, shared):
    container = Container(image, shared, UPSTREAM="demo", PORT="8123", GUNICORN_WORKERS="3")
    assert not container.is_healthy()
    daemon = container.serve()
    assert eventually(container.is_healthy)
    reply = shared.ask("POST", "/v1/messages", MESSAGE, at=8123)
    assert (reply.status, reply.json()["type"]) == (200, "message")
    text = container.stop(daemon)
    assert "3 workers" in text and "0.0.0.0:8123" in text


def test_gunicorns_own_address_is_taken_too(image, shared):
    container = Container(image, shared, UPSTREAM="demo", GUNICORN_BIND="0.0.0.0:8124", PORT="8124")
    daemon = container.serve()
    assert eventually(container.is_healthy)
    assert "0.0.0.0:8124" in container.stop(daemon)


def test_a_key_that_anybody_could_spend_is_not_served(image, shared):
    upstream = "http://127.0.0.1:9/v1/messages"
    container = Container(image, shared, UPSTREAM_API_URL=upstream, UPSTREAM_API_KEY="sk-server-0123456789")
    assert container.serve().wait(60) != 0
    said = container.said()
    assert "ALLOWED_API_KEYS" in said and "sk-server-0123456789" not in said


def test_it_runs_as_nobody_in_particular(image, shared):
    process = Container(image, shared).run("sh", "-c", "test $(id -u):$(id -g) = 5000:5000 && ! test -w /usr")
    assert process.wait(60) == 0


@pytest.mark.parametrize("name", ["compose.yaml", "compose.tls.yaml"])
def test_compose_names_files_that_exist(name):
    text = (FOLDER / name).read_text()
    for context, file in re.findall(r"context: (\S+)\n\s+dockerfile: (\S+)", text):
        assert (FOLDER / context / file).samefile(FOLDER / "Containerfile")
    for file in re.findall(r"- (\./\S+?):", text):
        assert (FOLDER / file).exists()
