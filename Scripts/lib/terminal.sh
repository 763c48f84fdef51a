# Headings, notes and complaints on standard error. Sourced by the scripts one folder up.
# shellcheck shell=bash

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
    bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
    bold='' green='' red='' plain=''
fi

heading() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain" >&2; }
note() { printf '%s\n' "$*" >&2; }
success() { printf '%s%s%s\n' "$green" "$*" "$plain" >&2; }
complain() { printf '%s%s%s\n' "$red" "$*" "$plain" >&2; }

# Ends the script: die STATUS MESSAGE…
die() {
    local status=$1
    shift
    complain "$*"
    exit "$status"
}
