"""The checkpoints that examples name: files, and stores as other programs lay them out."""
import hashlib
import json
import pathlib

#: Folders in ~/models.
HOME_MODELS = ("mixtral", "mixtral-tiny", "qwen3-moe")
GGUF = "Tests/TransformerTests/Fixtures/gguf/llama.gguf"


def add_models(root: pathlib.Path, folder: pathlib.Path, work: pathlib.Path) -> dict[str, str]:
    """Adds them to a session's folder and its working directory; returns the variables that name the stores."""
    for name in HOME_MODELS:
        (folder / "models" / name).symlink_to(root / "Models" / "story-moe")
    for place in (folder / "models", work):
        (place / "model.gguf").symlink_to(root / GGUF)
    cached = folder / "hub/models--Qwen--Qwen3-0.6B"
    for name in ("refs", "snapshots"):
        (cached / name).mkdir(parents=True)
    (cached / "refs/main").write_text("c0ffee")
    (cached / "snapshots/c0ffee").symlink_to(root / "Models" / "story-base")
    pulled = folder / "ollama"
    manifests = pulled / "manifests/registry.ollama.ai/library/qwen3"
    for path in (manifests, pulled / "blobs"):
        path.mkdir(parents=True)
    data = (root / GGUF).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    (pulled / f"blobs/sha256-{digest}").write_bytes(data)
    layer = {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{digest}", "size": len(data)}
    (manifests / "0.6b").write_text(json.dumps({"schemaVersion": 2, "layers": [layer]}))
    return {"HF_HUB_CACHE": str(folder / "hub"), "OLLAMA_MODELS": str(pulled)}
