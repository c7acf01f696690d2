"""Every command of the README is tried: here, or by the test that is named beside it."""

import json
import re
import shlex
import subprocess

import pytest

from support.daemon import BINARY, ROOT, environment
from support.secrets import SERVER_KEY
from support.vendors import Turn, anthropic_vendor

README = (ROOT / "README.md").read_text()
HERE = "Tests/Daemon/test_readme.py"
INSTALL = "Tests/Package/test_install.py::test_the_readmes_installation_is_these_commands_and_no_others"
NGINX = "Tests/Package/test_nginx.py::test_each_delta_is_at_the_client_soon_after_it_was_written"
COMPOSE = "Tests/Package/test_compose.py::test_it_serves_on_the_hosts_loopback_with_the_settings_of_its_file"
CADDY = "Tests/Package/test_compose.py::test_caddy_streams_over_tls_event_by_event"
IMAGE = "Tests/Package/test_container.py::test_it_serves_on_the_port_and_with_the_workers_of_its_environment"
DOCTOR = "Tests/Package/test_doctor.py::test_nothing_is_wrong_with_the_shipped_configuration"
RECORDS = "Tests/Package/test_documents.py::test_the_journal_explains_its_records"
FIELDS = "Tests/Package/test_unit_journal.py::test_fields_find_records"
TARGETS = f"{HERE}::test_make_knows_its_targets"
SHELL = f"{HERE}::test_what_is_typed_into_a_shell"

TRIED = {
    "make run": f"{HERE}::test_the_lines_that_make_run_prints",
    **dict.fromkeys(("make test", "make unit", "make help", "make deb", "make bench"), TARGETS),
    "make test-clients": TARGETS,
    "export ANTHROPIC_BASE_URL=http://127.0.0.1:5000": f"{HERE}::test_the_addresses_of_clients",
    "export OPENAI_BASE_URL=http://127.0.0.1:5000/v1": f"{HERE}::test_the_addresses_of_clients",
    "claude-proxy client-config claude-code > ~/.claude/settings.json": SHELL,
    'eval "$(claude-proxy client-config openai-sdk)"': SHELL,
    "claude-proxy client-config claude-code|openai-sdk|anthropic-sdk": SHELL,
    "UPSTREAM_API_URL=https://api.anthropic.com/v1/messages": f"{HERE}::test_the_sample_of_upstreams",
    "UPSTREAM_API_KEY=sk-ant-...": f"{HERE}::test_the_sample_of_upstreams",
    "OPENAI_BASE_URL=https://api.openai.com/v1": f"{HERE}::test_the_sample_of_upstreams",
    "OPENAI_API_KEY=sk-...": f"{HERE}::test_the_sample_of_upstreams",
    "ALLOWED_API_KEYS=one-long-random-key,another": f"{HERE}::test_the_sample_of_upstreams",
    "claude-proxy check": f"{HERE}::test_the_sample_of_upstreams",
    "claude-proxy check --config old.env": (
        "Tests/Daemon/test_documented_files.py::test_no_line_is_unknown_and_only_what_is_gone_is_said_to_be"
    ),
    "claude-proxy reload": "Tests/Daemon/test_commands.py::test_reload_waits_until_the_new_settings_count",
    "systemctl reload claude-proxy": (
        "Tests/Package/test_unit_reload.py::test_reload_takes_a_changed_setting_over_and_keeps_the_streams"
    ),
    "sudo apt install ./dist/claude-proxy_0.1.0_amd64.deb": INSTALL,
    "sudo systemctl enable --now claude-proxy": INSTALL,
    "journalctl -u claude-proxy -f": RECORDS,
    "journalctl -x -u claude-proxy -p warning": RECORDS,
    "journalctl -u claude-proxy -o json STATUS=502": FIELDS,
    "journalctl -u claude-proxy REQUEST_ID=...": (
        "Tests/Package/test_documents.py::test_the_fields_of_a_request_are_shown"
    ),
    "systemctl status claude-proxy": (
        "Tests/Package/test_credentials.py::test_they_are_in_no_journal_status_or_property"
    ),
    "systemd-analyze security claude-proxy": (
        "Tests/Package/test_install.py::test_the_sandbox_leaves_little_open"
    ),
    "sudo cp /usr/share/doc/claude-proxy/examples/nginx-site.conf"
    " /etc/nginx/sites-available/claude-proxy": NGINX,
    "sudo ln -s ../sites-available/claude-proxy /etc/nginx/sites-enabled/claude-proxy": NGINX,
    "sudo nginx -t && sudo systemctl reload nginx": NGINX,
    "claude-proxy doctor nginx --url https://NAME": DOCTOR,
    "podman build --file packaging/container/Containerfile --tag claude-proxy .": IMAGE,
    "podman run --rm --publish 127.0.0.1:5000:5000 --env UPSTREAM=demo claude-proxy": IMAGE,
    "cd packaging/container && printf 'UPSTREAM=demo\\n' >.env": COMPOSE,
    "podman-compose up --detach": COMPOSE,
    "CADDY_DOMAIN=llm.example.com podman-compose -f compose.yaml -f compose.tls.yaml up --detach": CADDY,
    "openssl rand -hex 24": SHELL,
    "claude-proxy count-tokens": "Tests/Tokens/test_tiktoken.py",
    "claude-proxy count-tokens --request request.json": (
        "Tests/Daemon/test_count_tokens.py::test_the_route_counts_what_the_command_counts"
    ),
    "claude-proxy explain --path /v1/messages request.json": f"{HERE}::test_what_would_be_sent",
    "claude-proxy smoke": f"{HERE}::test_what_would_be_sent",
    "claude-proxy smoke --all --url http://127.0.0.1:5000": (
        f"{HERE}::test_everything_is_sent_through_a_running_daemon"
    ),
}
PROGRAMS = "claude-proxy|make|journalctl|systemctl|systemd-analyze|openssl|podman|sudo|curl"


def commands() -> set[str]:
    """Those of the blocks, without their remarks, and those that stand within a sentence."""
    blocks = "".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
    typed = {re.split(r"\s+# ", line)[0].strip() for line in blocks.splitlines()}
    return typed - {""} | set(re.findall(rf"`((?:{PROGRAMS}) [^`]*)`", README))


def test_every_command_is_tried_somewhere():
    assert commands() == set(TRIED)


@pytest.mark.parametrize("place", sorted(set(TRIED.values())))
def test_where_it_is_said_to_be_tried_there_is_a_test(place):
    path, _, name = place.partition("::")
    text = (ROOT / path).read_text()
    assert re.search(rf"^def {name}\b" if name else r"^def test_", text, re.MULTILINE), place


def shell(line: str, folder, **env: str) -> str:
    """What a newcomer's shell says, with the program that is tested on its path."""
    program = folder / "bin" / "claude-proxy"
    if not program.exists():
        program.parent.mkdir()
        program.symlink_to(BINARY)
    places = {"HOME": str(folder), "PATH": f"{program.parent}:/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "-euc", line],
        env=environment({**places, **env}),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, (line, done.stdout, done.stderr)
    return done.stdout


@pytest.fixture
def demo(start):
    return start({"UPSTREAM": "demo"})


def towards(line: str, daemon) -> str:
    return line.replace("127.0.0.1:5000", f"127.0.0.1:{daemon.port}")


@pytest.mark.parametrize("target", sorted(name for name in TRIED if name.startswith("make ")))
def test_make_knows_its_targets(target):
    done = subprocess.run([*shlex.split(target), "--dry-run"], cwd=ROOT, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_the_lines_that_make_run_prints(demo, folder):
    printed = shell(f"{shlex.quote(str(ROOT / 'scripts/serve-demo'))} /bin/true", folder)
    lines = re.findall(r"^  (curl .*?[^\\])$", printed, re.MULTILINE | re.DOTALL)
    health, message, stream = (shell(towards(line, demo), folder) for line in lines)
    assert json.loads(health)["status"] == "ok"
    assert json.loads(message)["content"][0]["type"] == "text"
    assert stream.endswith("data: [DONE]\n\n")


def test_the_addresses_of_clients(demo, folder):
    exports = "\n".join(towards(line, demo) for line in TRIED if line.startswith("export "))
    ask = f'{exports}\ncurl -sf "$ANTHROPIC_BASE_URL/v1/models" && curl -sf "$OPENAI_BASE_URL/models"'
    assert shell(ask, folder).count('"object":"list"') == 2


def test_the_sample_of_upstreams(folder):
    block = re.search(r"```sh\n(UPSTREAM_API_URL=.*?)```", README, re.DOTALL)[1]
    config = folder / "sample.env"
    config.write_text(block)
    told = shell("claude-proxy check", folder, CLAUDE_PROXY_CONFIG=str(config))
    assert "api.anthropic.com" in told and "api.openai.com" in told


def test_what_is_typed_into_a_shell(folder):
    key = shell("openssl rand -hex 24", folder).strip()
    assert re.fullmatch("[0-9a-f]{48}", key)
    config = folder / "service.env"
    config.write_text(f"UPSTREAM=demo\nALLOWED_API_KEYS={key}\n")
    service = {"CLAUDE_PROXY_CONFIG": str(config)}
    (folder / ".claude").mkdir()
    shell("claude-proxy client-config claude-code > ~/.claude/settings.json", folder, **service)
    assert key in json.dumps(json.loads((folder / ".claude" / "settings.json").read_text()))
    for client in ("openai", "anthropic"):
        say = f'eval "$(claude-proxy client-config {client}-sdk)"; env'
        assert f"{client.upper()}_BASE_URL=http://127.0.0.1:5000" in shell(say, folder, **service)


def test_what_would_be_sent(demo, folder):
    vendor = anthropic_vendor()
    vendor.says(Turn("pong"))
    config = folder / "service.env"
    config.write_text(f"UPSTREAM_API_URL={vendor.url('/v1/messages')}\nUPSTREAM_API_KEY={SERVER_KEY}\n")
    service = {"CLAUDE_PROXY_CONFIG": str(config)}
    body = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hello"}]}
    (folder / "request.json").write_text(json.dumps(body))
    told = shell("claude-proxy explain --path /v1/messages request.json", folder, **service)
    assert told.startswith("route: POST /v1/messages -> anthropic") and SERVER_KEY not in told
    assert json.loads(told.splitlines()[-1]) == body
    assert "pong" in shell("claude-proxy smoke", folder, **service)
    vendor.close()


def test_everything_is_sent_through_a_running_daemon(demo, folder):
    told = shell(towards("claude-proxy smoke --all --url http://127.0.0.1:5000", demo), folder)
    assert all(f"{trial}: ok, " in told for trial in ("text", "stream", "tool", "image", "count_tokens")), (
        told
    )
