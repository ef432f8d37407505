#!/bin/sh
# Brings the jars of a Kafka broker from Maven Central into build/kafka (46 files, 43 MB) and compares them with SHA256SUMS.
# What is there and right is not fetched again; without a network it says so.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=$here/../../../build/kafka
libs=$target/libs
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.8.1

say() { printf '%s\n' "$*" >&2; }

is_whole() { [ -d "$libs" ] && (cd "$libs" && sha256sum --quiet --strict -c "$here/SHA256SUMS") >/dev/null 2>&1; }

if is_whole; then exit 0; fi
if ! command -v java >/dev/null 2>&1 || ! command -v mvn >/dev/null 2>&1; then
  say "kafka: no java or no mvn here. On Debian: sudo apt-get install --no-install-recommends openjdk-17-jre-headless maven"
  exit 1
fi
say "Fetching the jars of Kafka from Maven Central (43 MB) ..."
mkdir -p "$target"
rm -rf "$target/new"
# A repository of its own: a failed look-up that somebody's ~/.m2 remembers would be believed.
if ! timeout 600 mvn -B -q -U -f "$here/pom.xml" -Dmaven.repo.local="$target/repository" \
    "$plugin:copy-dependencies" -DincludeScope=runtime -DoutputDirectory="$target/new" </dev/null >"$target/fetch.log" 2>&1; then
  say "kafka: the jars could not be fetched ($(grep -m1 ERROR "$target/fetch.log" | cut -c1-200))."
  say "kafka: with a network to Maven Central run: sh infra/dev/kafka/fetch.sh"
  exit 1
fi
if ! (cd "$target/new" && sha256sum --quiet --strict -c "$here/SHA256SUMS") >&2; then
  say "kafka: what came is not what SHA256SUMS says; it was not used (it is in build/kafka/new)."
  exit 1
fi
rm -rf "$libs" "$target/repository"
mv "$target/new" "$libs"
