"""Who may ask, and over what: keys, certificates, and pages of other origins."""

import socket
import ssl
import subprocess

import httpx
import openai
import pytest

from probe_calls import MESSAGES
from running_server import RunningServer, eventually
from test_command_line import run

KEY = "sk-jostle-test-1"


def openai_client(server: RunningServer, key: str, **options) -> openai.OpenAI:
    return openai.OpenAI(base_url=server.base_url, api_key=key, max_retries=0, **options)


@pytest.fixture(scope="module")
def keyed_server(tmp_path_factory):
    """One key by flag, one by the environment's file."""
    file = tmp_path_factory.mktemp("keys") / "keys.txt"
    file.write_text("# the team's keys\nsk-jostle-test-2   # hers\n\nsk-jostle-test-3\n")
    environment = {"JOSTLE_API_KEY_FILE": str(file)}
    with RunningServer("--api-key", KEY, "--log-level", "trace", environment=environment, key=KEY) as server:
        yield server


@pytest.mark.parametrize("key", [KEY, "sk-jostle-test-2", "sk-jostle-test-3"])
def test_a_client_with_a_key_is_let_in(keyed_server, key):
    assert openai_client(keyed_server, key).models.list().data


@pytest.mark.parametrize("key", ["sk-wrong", "sk-jostle-test-", "# the team's keys", "#"])
def test_a_client_with_another_key_is_not(keyed_server, key):
    with pytest.raises(openai.AuthenticationError) as refusal:
        openai_client(keyed_server, key).models.list()
    assert (refusal.value.status_code, refusal.value.code) == (401, "invalid_api_key")
    assert key not in refusal.value.message


def test_keys_are_never_logged(keyed_server):
    keyed_server.http.get("/v1/models")
    httpx.get(keyed_server.root_url + "/v1/models", headers={"Authorization": "Bearer sk-jostle-wrong"})
    log = keyed_server.log_text()
    assert "name=api-key source=--api-key value=(1 key)" in log
    assert "sk-jostle" not in log
    assert "sk-jostle" not in keyed_server.http.get("/admin/routing").text


def test_the_environment_has_keys_with_commas():
    with RunningServer(environment={"JOSTLE_API_KEY": "one,two"}, key="two") as server:
        assert server.http.get("/v1/models").status_code == 200
        assert httpx.get(server.root_url + "/v1/models", headers={"Authorization": "Bearer three"}).status_code == 401


def test_a_flag_wins_over_keys_of_the_environment():
    with RunningServer("--api-key", "flag", environment={"JOSTLE_API_KEY": "environment"}, key="flag") as server:
        assert server.http.get("/v1/models").status_code == 200
        headers = {"Authorization": "Bearer environment"}
        assert server.http.get("/v1/models", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "options, environment, status",
    [
        (["--api-key", "sk secret"], {}, 64),
        (["--api-key", ""], {}, 64),
        ([], {"JOSTLE_API_KEY": "sk-secret,"}, 78),
        (["--api-key-file", "/no/such/file"], {}, 66),
    ],
)
def test_a_bad_key_is_refused_and_not_printed(options, environment, status):
    result = run("serve", *options, environment=environment)
    assert result.returncode == status, result.stderr
    assert "secret" not in result.stderr


@pytest.mark.parametrize("text, line", [("# none yet\n", ""), ("good\nsk\u00e9cret\n", ":2")])
def test_a_file_without_good_keys_is_a_wrong_configuration(tmp_path, text, line):
    file = tmp_path / "keys.txt"
    file.write_text(text)
    result = run("serve", "--api-key-file", str(file))
    assert result.returncode == 78
    assert f"{file}{line}: " in result.stderr
    assert "cret" not in result.stderr


def test_listening_to_the_network_without_a_key_is_worth_a_warning():
    with RunningServer("--host", "0.0.0.0") as server:
        assert server.log_text().count("no key is required") == 1
    with RunningServer("--host", "0.0.0.0", "--api-key", KEY) as server:
        assert "no key is required" not in server.log_text()
    with RunningServer("--host", "localhost") as server:
        assert "no key is required" not in server.log_text()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of this machine's own, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"],
        check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def tls_server(certificate):
    trust = ssl.create_default_context(cafile=certificate / "cert.pem")
    with RunningServer(
        "--tls-cert", str(certificate / "cert.pem"), "--tls-key", str(certificate / "key.pem"), "--pace", "5ms",
        verify=trust,
    ) as server:
        yield server


def test_the_address_says_https(tls_server):
    assert tls_server.root_url.startswith("https://127.0.0.1:")
    assert eventually(lambda: tls_server.root_url + "/v1" in tls_server.log_text())


def test_the_openai_client_speaks_tls(tls_server, certificate):
    http = openai.DefaultHttpxClient(verify=ssl.create_default_context(cafile=certificate / "cert.pem"))
    client = openai_client(tls_server, "any", http_client=http)
    story = {"model": "gpt-4:per-sequence", "messages": MESSAGES, "max_tokens": 40, "temperature": 0}
    whole = client.chat.completions.create(**story).choices[0].message.content
    streamed = "".join(
        chunk.choices[0].delta.content or "" for chunk in client.chat.completions.create(**story, stream=True))
    assert whole == streamed != ""


def test_a_client_that_does_not_know_the_certificate_refuses(tls_server):
    with pytest.raises(openai.APIConnectionError):
        openai_client(tls_server, "any").models.list()


def test_curl_speaks_tls(tls_server, certificate):
    result = subprocess.run(
        ["curl", "--silent", "--show-error", "--cacert", certificate / "cert.pem", tls_server.root_url + "/health"],
        capture_output=True, text=True, timeout=30)
    assert result.stdout == '{"status":"ok"}', result.stderr


def all_blocks_free(server: RunningServer) -> bool:
    metrics = server.metrics()
    return metrics["vllm:num_requests_running"] == 0 and metrics["jostle:kv_blocks_free"] == metrics["jostle:kv_blocks"]


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_over_tls_frees_its_blocks(tls_server, stream):
    body = {"model": "gpt-4", "messages": MESSAGES, "max_tokens": 400, "logit_bias": {"100257": -100}}
    with httpx.Client(base_url=tls_server.root_url, verify=tls_server.trust, timeout=30) as client:
        request = client.build_request("POST", "/v1/chat/completions", json={**body, "stream": stream})
        if stream:
            response = client.send(request, stream=True)
            lines = response.iter_lines()
            assert next(lines).startswith("data: ")
            assert eventually(lambda: tls_server.metric("vllm:num_requests_running") == 1)
            response.close()
        else:
            with pytest.raises(httpx.ReadTimeout):
                client.post("/v1/chat/completions", json=body, timeout=0.3)
    assert eventually(lambda: all_blocks_free(tls_server), within=3)


def test_one_who_speaks_plain_http_is_hung_up_on(tls_server):
    with socket.create_connection(tls_server.address, timeout=10) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not connection.recv(65536).startswith(b"HTTP")
    assert tls_server.http.get("/health").status_code == 200


def test_a_missing_certificate_is_missing_input(certificate):
    result = run("serve", "--tls-cert", "/no/such/file", "--tls-key", str(certificate / "key.pem"))
    assert result.returncode == 66
    assert "/no/such/file" in result.stderr


def test_a_certificate_without_its_key_is_wrong_usage(certificate):
    result = run("serve", "--tls-cert", str(certificate / "cert.pem"))
    assert result.returncode == 64
    assert "--tls-key" in result.stderr
    result = run("serve", environment={"JOSTLE_TLS_KEY": str(certificate / "key.pem")})
    assert result.returncode == 78
    assert "--tls-cert" in result.stderr


def test_files_that_cannot_serve_are_a_wrong_configuration(certificate, tmp_path):
    cert, key = certificate / "cert.pem", certificate / "key.pem"
    other = tmp_path / "other.pem"
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", other],
        check=True, capture_output=True)
    locked = tmp_path / "locked.pem"
    subprocess.run(
        ["openssl", "pkey", "-in", key, "-aes256", "-passout", "pass:x", "-out", locked],
        check=True, capture_output=True)
    for pair, says in [
        ((key, key), "BEGIN CERTIFICATE"), ((cert, cert), "BEGIN PRIVATE KEY"),
        ((cert, other), "not the certificate's"), ((cert, locked), "encrypted"),
    ]:
        result = run("serve", "--port", "0", "--tls-cert", str(pair[0]), "--tls-key", str(pair[1]))
        assert result.returncode == 78, result.stderr
        assert says in result.stderr


def test_an_origin_may_be_allowed():
    with RunningServer("--cors-origin", "https://a.example", "--cors-origin", "https://b.example") as server:
        response = server.http.get("/health", headers={"Origin": "https://b.example"})
        assert response.headers["access-control-allow-origin"] == "https://b.example"
        preflight = server.http.options(
            "/v1/chat/completions",
            headers={"Origin": "https://a.example", "Access-Control-Request-Method": "POST"})
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-methods"] == "POST"


@pytest.mark.parametrize("origin", ["a.example", "https://a.example/", "https://", "a.example/b/c"])
def test_what_is_no_origin_is_refused(origin):
    result = run("serve", "--cors-origin", origin)
    assert result.returncode == 64
    assert "--cors-origin" in result.stderr
