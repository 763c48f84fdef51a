"""Runs the commands of one page after another in a folder of their own, against servers of their own."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

import example_models
import shell

COMMAND_SECONDS = 120
READY_SECONDS = 300
SERVER = re.compile(r"^(?:[A-Z_]+=\S+ )*(?:Scripts/serve|jostle serve)(?: |$)")

#: Names the command that failed, where there are several.
TELL = """trap 'printf "\\n%s\\n" "failed: $BASH_COMMAND" | head -n 2' ERR"""


def is_server(command: str) -> bool:
    return bool(SERVER.match(command)) and not re.search(r"(^| )(--help|-h)( |$)", command)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Session:
    """The folder and the current server of a page; a context, at whose end everything is stopped and removed."""

    def __init__(self, root: pathlib.Path, binary: pathlib.Path):
        self.root = root
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="jostle-docs-"))
        self.work = self.folder / "work"
        self.process: subprocess.Popen | None = None
        self.port: int | None = None
        self._furnish(binary)

    def _furnish(self, binary: pathlib.Path):
        programs = self.folder / "bin"
        for folder in (self.work, self.folder / "models", self.folder / "stories", programs):
            folder.mkdir(parents=True)
        for name in ("Models", "Tests", "docs"):
            (self.work / name).symlink_to(self.root / name)
        stores = example_models.add_models(self.root, self.folder, self.work)
        (programs / "jostle").symlink_to(binary)
        # A request that is refused is a command that fails.
        curl = programs / "curl"
        curl.write_text(f'#!/bin/sh\nexec {shutil.which("curl")} --fail-with-body "$@"\n')
        curl.chmod(0o755)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("JOSTLE_")}
        self.environment = {**inherited, **stores, "PATH": f"{programs}:{os.environ['PATH']}"}

    def add_files_of_examples(self):
        """What the examples of help pages name."""
        (self.work / "keys.txt").write_text("a-key\n")
        (self.work / "jostle.yaml").write_text("tenants: 1\n")
        (self.work / "my.txt").write_text("Once upon a time there was a router. " * 100)
        self.run(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout key.pem"
            " -out cert.pem -subj /CN=localhost 2>&1")

    def _here(self, command: str) -> str:
        """The command with this checkout's scripts, the session's folders for those at home, and the current server."""
        command = re.sub(r"(?<![\w./~-])Scripts/", f"{self.root}/Scripts/", command)
        command = re.sub(r"(?<!\S)~/(?=models/|stories\b)", f"{self.folder}/", command)
        return re.sub(r"\b(127\.0\.0\.1|localhost):8080\b", rf"\1:{self.port}", command)

    def run(self, command: str) -> str | None:
        """What went wrong, if anything did."""
        if is_server(command):
            return self.serve(command)
        is_probe = any(words[0] == "Scripts/probe" for words in shell.programs(command))
        if (is_probe or ":8080" in command) and self.process is None:
            problem = self.serve("jostle serve")
            if problem:
                return problem
        if is_probe:
            command += f" --base-url http://127.0.0.1:{self.port}/v1"
        process = subprocess.Popen(
            ["bash", "-Eeuo", "pipefail", "-c", f"{TELL}\n{self._here(command)}"], cwd=self.work, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            start_new_session=True)
        try:
            output, _ = process.communicate(timeout=COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return f"no end within {COMMAND_SECONDS} s"
        if process.returncode != 0:
            return f"exit status {process.returncode}: {last_lines(output)}"
        return None

    def serve(self, command: str) -> str | None:
        """Starts a server in place of the current one, and waits until it is ready."""
        problem = self.stop()
        if problem:
            return problem
        self.port = free_port()
        log = open(self.folder / "server.log", "w+")
        self.process = subprocess.Popen(
            ["bash", "-c", f"exec env {self._here(command)} --port {self.port}"], cwd=self.work, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        lines: list[str] = []
        reader = threading.Thread(target=lambda: lines.append(self.process.stdout.readline()), daemon=True)
        reader.start()
        reader.join(READY_SECONDS)
        if lines and lines[0].startswith("listening on "):
            return None
        self.process.kill()
        status = self.process.wait()
        self.process = None
        log.seek(0)
        return f"the server did not start (exit status {status}): {last_lines(log.read())}"

    def stop(self) -> str | None:
        """Stops the current server, if there is one, as a person would."""
        if self.process is None:
            return None
        process, self.process = self.process, None
        process.terminate()
        try:
            status = process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return "the server did not stop within 40 s of SIGTERM"
        finally:
            process.stdout.close()
        return None if status == 0 else f"the server ended with exit status {status}"

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def last_lines(text: str, count: int = 3) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return " / ".join(lines[-count:])[:400] or "no output"
