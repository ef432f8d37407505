#!/bin/sh
# Builds the OpenTelemetry Collector of the tests from Go modules into build/otelcol (two to three minutes, once), and
# writes its path. What was built from this manifest is not built again; without Go or a network it says so.
# --find: writes the path where it has been built, else fails.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
builder=v0.164.0
target=$(cd "$here/../../.." && pwd)/build/otelcol
hash=$( (echo "$builder"; cat "$here/manifest.yaml") | sha256sum | cut -c1-16)
program=$target/$hash/routewatch-otelcol

say() { printf '%s\n' "$*" >&2; }

if [ ! -x "$program" ]; then
  [ "${1:-}" != --find ] || exit 1
  if ! command -v go >/dev/null 2>&1; then
    say "otelcol: no go here (1.25 or newer; Debian's own is older): https://go.dev/dl"
    exit 1
  fi
  say "Building the OpenTelemetry Collector of the tests (once, two to three minutes) ..."
  work=$target/work.$$
  mkdir -p "$work"
  trap 'rm -rf "$work"' EXIT
  cp "$here/manifest.yaml" "$work/"
  if ! (cd "$work" && GOBIN="$work" timeout 1500 go install "go.opentelemetry.io/collector/cmd/builder@$builder" &&
      timeout 1500 ./builder --config manifest.yaml) </dev/null >"$target/build.log" 2>&1; then
    say "otelcol: it could not be built ($(tail -n1 "$target/build.log" | cut -c1-200)); the whole is in build/otelcol/build.log."
    say "otelcol: with a network to a Go module proxy run: sh infra/dev/otelcol/build.sh"
    exit 1
  fi
  mkdir -p "$target/$hash"
  mv "$work/dist/routewatch-otelcol" "$program"
fi
echo "$program"
