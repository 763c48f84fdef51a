"""The two engines without HTTP: `jostle bench` against llama-bench and llama-batched-bench, in turn."""
import json
import re
import statistics
import subprocess

PROMPT, STEPS, PREFILL = 64, 32, 512


def jostle(binary, checkpoint, threads, batches, numerics="invariant", dtype="auto"):
    """Tokens a second: decode by batch size, and prefill of one prompt of PREFILL tokens."""
    def bench(batches, prompt, steps):
        output = subprocess.run(
            [binary, "bench", "--checkpoint", checkpoint, "--threads", str(threads), "--isolation", "dropless",
             "--numerics", numerics, "--dtype", dtype, "--batches", ",".join(map(str, batches)), "--prompt-tokens",
             str(prompt), "--steps", str(steps), "--rounds", "1", "--json"],
            check=True, capture_output=True, text=True).stdout
        return json.loads(output)["batches"]

    figures = {f"decode {row['batch']}": row["decodeTokensPerSecond"] for row in bench(batches, PROMPT, STEPS)}
    figures[f"prefill {PREFILL}"] = bench([1], PREFILL, 1)[0]["prefillTokensPerSecond"]
    return figures


def llama_cpp(folder, checkpoint, threads, batches):
    """The same of llama.cpp's own benchmarks."""
    output = subprocess.run(
        [folder / "llama-batched-bench", "--model", checkpoint, "--threads", str(threads), "--ctx-size", "16384",
         "--batch-size", "2048", "--ubatch-size", "512", "-npp", str(PROMPT), "-ntg", str(STEPS),
         "-npl", ",".join(map(str, batches))], check=True, capture_output=True, text=True).stdout
    figures = {}
    for line in output.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) > 7 and re.fullmatch(r"\d+", cells[0]):
            figures[f"decode {cells[2]}"] = float(cells[7])
    output = subprocess.run(
        [folder / "llama-bench", "--model", checkpoint, "--threads", str(threads), "-p", str(PREFILL), "-n", "0", "-r", "1",
         "-o", "json"], check=True, capture_output=True, text=True).stdout
    figures[f"prefill {PREFILL}"] = json.loads(output)[0]["avg_ts"]
    return figures


def median_by_key(rounds):
    return {key: statistics.median(round[key] for round in rounds) for key in rounds[0]}
