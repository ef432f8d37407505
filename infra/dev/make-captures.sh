#!/bin/sh
# Makes the shipped captures again with real daemons (root, a few minutes): `make captures [LAB="isis-ring demo"]`.
set -eu
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- isis-ring vlan-twins demo
for lab in "$@"; do
  [ -f "infra/lab/$lab.ts" ] || { echo "captures: there is no infra/lab/$lab.ts; captures without one were copied and cannot be made again" >&2; exit 1; }
  new="build/lab/$lab"
  rm -rf "$new"
  mkdir -p build/lab
  echo "== $lab" >&2
  node "infra/lab/$lab.ts" --out "$new"
  rm -rf "infra/lab/captures/$lab"
  mv "$new" "infra/lab/captures/$lab"
done
echo "Made: $*. Run make test: the tests take their times from the captures' own events and logs." >&2
