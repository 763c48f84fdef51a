"""Streams completions from an OpenAI-compatible server on a fixed number of connections, and times their tokens.

One thread over plain sockets: on two cores a heavier client would measure itself.
"""
import json
import selectors
import socket
import statistics
import time


class Stream:
    """One streamed completion."""

    def __init__(self, port, body):
        payload = json.dumps(body).encode()
        self.started = time.perf_counter()
        self.arrivals = []
        self.data = b""
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(
            b"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(payload) + payload)
        self.socket.setblocking(False)

    def receive(self):
        """Takes what has come; whether that was the end."""
        part = self.socket.recv(1 << 16)
        events = part.count(b"data: ")
        if events:
            self.arrivals += [time.perf_counter()] * events
        self.data += part
        if part:
            return False
        self.socket.close()
        if b"data: [DONE]" not in self.data:
            raise RuntimeError("a stream broke off: " + self.data[-400:].decode(errors="replace"))
        return True

    @property
    def events(self):
        """The stream's JSON objects."""
        text = self.data.split(b"\r\n\r\n", 1)[1]
        lines = [line for line in text.replace(b"\r\n", b"\n").split(b"\n") if line.startswith(b"data: {")]
        return [json.loads(line[6:]) for line in lines]

    @property
    def tokens(self):
        usage = [event["usage"] for event in self.events if event.get("usage")]
        return usage[-1]["completion_tokens"]

    @property
    def text(self):
        return "".join(choice["text"] for event in self.events for choice in event.get("choices", []))


def measure(port, bodies, connections):
    """Streams every body, `connections` at a time; tokens a second over all, and the middle times to and between tokens."""
    waiting, done = list(reversed(bodies)), []
    selector = selectors.DefaultSelector()

    def begin():
        stream = Stream(port, waiting.pop())
        selector.register(stream.socket, selectors.EVENT_READ, stream)

    started = time.perf_counter()
    for _ in range(min(connections, len(bodies))):
        begin()
    while selector.get_map():
        for key, _ in selector.select():
            if not key.data.receive():
                continue
            selector.unregister(key.fileobj)
            done.append(key.data)
            if waiting:
                begin()
    seconds = time.perf_counter() - started
    between = [after - before for stream in done for before, after in zip(stream.arrivals, stream.arrivals[1:])]
    return {
        "tokens_per_second": sum(stream.tokens for stream in done) / seconds,
        "first_token_seconds": statistics.median(stream.arrivals[0] - stream.started for stream in done),
        "between_tokens_seconds": statistics.median(between),
        "texts": [stream.text for stream in sorted(done, key=lambda stream: stream.started)],
    }
