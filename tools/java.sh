#!/bin/sh
# Java 17 or later, or one line that says how to get it. Installed by itself where the user is root on Debian.
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
version() { "$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p'; }
[ "$(version)" -ge 17 ] 2>/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing Java 17"
    apt-get update -qq && apt-get install -y -qq openjdk-17-jre-headless >/dev/null && exit 0
fi
echo "Java 17 is needed: 'sudo apt-get install openjdk-17-jre-headless' on Debian, 'brew install openjdk@17' on macOS" >&2
exit 3
