# The Swift toolchain.
# shellcheck shell=bash

# Ends the script where there is none.
require_swift() {
    command -v swift >/dev/null \
        || die 69 "No 'swift' on the PATH. Jostle needs Swift 6.2 or newer: https://www.swift.org/install/linux/debian/12/"
}
