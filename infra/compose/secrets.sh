#!/bin/sh
# Makes the passwords that compose.yaml names, where they are not there yet: infra/compose/secrets/, out of /dev/urandom.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets
for name in clickhouse grafana; do
  [ -e "secrets/$name" ] && continue
  # Compose hands the files over with the owner and mode that they have here, and the programs are other users inside.
  (umask 022; od -An -N24 -tx1 /dev/urandom | tr -d ' \n' > "secrets/$name")
  echo "made infra/compose/secrets/$name" >&2
done
