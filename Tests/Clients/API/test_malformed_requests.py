"""Malformed requests get a clear error or a closed connection, and cost nobody else anything."""

import socket
import threading

import pytest

from running_server import RunningServer


def post(body: bytes, path: str = "/v1/chat/completions", headers: bytes = b"", method: bytes = b"POST") -> bytes:
    return (
        method + b" " + path.encode() + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
        + str(len(body)).encode() + b"\r\n" + headers + b"\r\n" + body)


# What to send, and the statuses that may answer it; None: the connection is closed without an answer.
CASES: dict[str, tuple[bytes, set[int | None]]] = {
    "no JSON": (post(b"{nope"), {400}),
    "an empty body": (post(b""), {400}),
    "a JSON array": (post(b"[1, 2]"), {400}),
    "a JSON number": (post(b"3"), {400}),
    "invalid UTF-8": (post(b'{"model": "\xff\xfe"}'), {400, 404}),
    "a NUL byte": (post(b'{"model": "gpt-4\x00"}'), {400}),
    "JSON nested 100,000 deep": (post(b"[" * 100_000), {400}),
    "objects nested 100,000 deep": (post(b'{"model":' * 100_000), {400}),
    "a number beyond all ranges": (post(b'{"model": "gpt-4", "messages": [], "max_tokens": 1e999}'), {400}),
    "messages of the wrong type": (post(b'{"model": "gpt-4", "messages": "hi"}'), {400}),
    "a prompt of nothing": (post(b'{"model": "davinci", "prompt": []}', "/v1/completions"), {400}),
    "a token id out of range": (post(b'{"model": "davinci", "prompt": [999999999]}', "/v1/completions"), {400}),
    "an unknown path": (post(b"{}", "/v1/nothing"), {404}),
    "an unknown method": (post(b"{}", method=b"BREW"), {405, 501}),
    "a path of nothing but dots": (post(b"{}", "/../../etc/passwd"), {404}),
    "a body beyond the limit": (
        b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", {413}),
    "a negative length": (
        b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", {400}),
    "a header of a megabyte": (
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 1_000_000 + b"\r\n\r\n", {431, None}),
    "garbage": (bytes(range(256)) * 4 + b"\r\n\r\n", {400, None}),
    "a TLS greeting": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\r\n\r\n", {400, None}),
    "a chunked body of garbage": (
        b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n0\r\n\r\n",
        {400, None}),
}


def status_of(server: RunningServer, request: bytes) -> int | None:
    """The status that a raw request is answered with."""
    with socket.create_connection(server.address, timeout=10) as connection:
        try:
            connection.sendall(request)
            answer = connection.makefile("rb").readline()
        except ConnectionError:
            return None
    return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else None


@pytest.mark.parametrize("name", CASES)
def test_a_malformed_request_is_refused(server, name):
    request, statuses = CASES[name]
    assert status_of(server, request) in statuses
    assert server.http.get("/health").status_code == 200


def leave_after(server: RunningServer, request: bytes) -> None:
    """Sends a part of a request and hangs up."""
    with socket.create_connection(server.address, timeout=10) as connection:
        connection.sendall(request)


def close_half(server: RunningServer, request: bytes) -> None:
    """Ends its own half of the connection after `request`, reads for a little while, and hangs up."""
    with socket.create_connection(server.address, timeout=0.05) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        try:
            while connection.recv(65536):
                pass
        except (ConnectionError, TimeoutError):
            pass


def test_other_requests_do_not_notice(server):
    """Each sort of bad client, over and over, while a good one reads a long stream."""
    story = {"model": "gpt-4:per-sequence", "max_tokens": 256, "logit_bias": {"100257": -100}}
    alone = server.chat("Write a story about a kite.", **story)["choices"][0]["message"]["content"]
    answers: list[str] = []

    def read_stories() -> None:
        for _ in range(4):
            answer = server.chat("Write a story about a kite.", **story)
            answers.append(answer["choices"][0]["message"]["content"])

    good = threading.Thread(target=read_stories)
    good.start()
    whole = post(b'{"model": "gpt-4", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 50}')
    while good.is_alive():
        for request, _ in CASES.values():
            status_of(server, request)
        leave_after(server, b"")
        leave_after(server, b"POST /v1/chat")
        leave_after(server, whole[:-10])
        leave_after(server, whole)
        close_half(server, whole)
        close_half(server, whole[:-10])
    good.join()
    assert answers == [alone] * 4
