#!/bin/sh
# The OpenMP library that LightGBM loads, or one line that says how to get it. Installed by itself where the user is root on Debian.
"$1" -c 'import lightgbm' 2>/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing libgomp"
    apt-get update -qq && apt-get install -y -qq libgomp1 >/dev/null && "$1" -c 'import lightgbm' && exit 0
fi
echo "OpenMP is needed: 'sudo apt-get install libgomp1' on Debian, 'brew install libomp' on macOS" >&2
exit 3
