# Virtual environments that are made once and made anew when their requirements change.
# shellcheck shell=bash

# ensure_venv FOLDER REQUIREMENTS: leaves FOLDER/bin/python with REQUIREMENTS installed.
ensure_venv() {
    local folder=$1 requirements=$2 stamp wanted
    stamp=$folder/.requirements-sha256
    wanted=$(sha256sum <"$requirements")
    if [[ -x $folder/bin/python && $(cat "$stamp" 2>/dev/null) == "$wanted" ]]; then
        return
    fi
    note "Making ${folder#"$PWD"/} from ${requirements#"$PWD"/} …"
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" >&2
    printf '%s\n' "$wanted" >"$stamp"
}
