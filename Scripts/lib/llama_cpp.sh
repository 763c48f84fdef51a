# llama.cpp, built from the source package of llama-cpp-python. Sourced by the scripts one folder up.
# shellcheck shell=bash

# The newest llama-cpp-python when this was written: its source package carries the llama.cpp it was made for.
llama_version=0.3.36
llama_checksum=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e

# ensure_llama_cpp WORK VENV: leaves its programs in WORK/llama/bin. VENV has cmake and ninja.
ensure_llama_cpp() {
    local work=$1 venv=$2 source=$1/llama_cpp_python-$llama_version program
    local programs=(llama-server llama-bench llama-batched-bench llama-quantize)
    for program in "${programs[@]}"; do
        [[ -x $work/llama/bin/$program ]] || break
        [[ $program != "${programs[-1]}" ]] || return 0
    done
    heading "Building llama.cpp as llama-cpp-python $llama_version carries it (about 20 minutes)"
    mkdir -p "$work"
    "$venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary llama-cpp-python \
        --dest "$work" "llama-cpp-python==$llama_version"
    sha256sum --quiet --check <<<"$llama_checksum  $source.tar.gz"
    tar -xzf "$source.tar.gz" -C "$work"
    PATH=$venv/bin:$PATH cmake -G Ninja -S "$source/vendor/llama.cpp" -B "$work/llama" -DCMAKE_BUILD_TYPE=Release \
        -DGGML_NATIVE=ON -DBUILD_SHARED_LIBS=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF \
        -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_UI=OFF >"$work/cmake.log"
    PATH=$venv/bin:$PATH ninja -C "$work/llama" "${programs[@]}" >"$work/ninja.log" \
        || die 1 "llama.cpp did not build; see $work/ninja.log"
}
