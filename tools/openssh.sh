#!/bin/sh
# OpenSSH's ssh-keygen, by which approvals are signed, or one line that says how to get it. Installed by itself for root on Debian.
command -v ssh-keygen >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing OpenSSH's client"
    apt-get update -qq && apt-get install -y -qq openssh-client >/dev/null && exit 0
fi
echo "ssh-keygen is needed: 'sudo apt-get install openssh-client' on Debian; macOS has it" >&2
exit 3
