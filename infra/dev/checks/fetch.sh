#!/bin/sh
# Brings what the checks of compose, Kubernetes, SBOM and Grafana's files need into build/checks: Go programs on compose-go and on
# Grafana's plugin SDK, Kustomize where kubectl has none, and pinned Python packages. What is there is not fetched again; what cannot be had is said, with what to do.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../..
target=$root/build/checks
mkdir -p "$target"

say() { printf '%s\n' "$*" >&2; }

# Newer than all that follows, and not empty.
current() { made=$1; shift; for source; do [ "$made" -nt "$source" ] || return 1; done; }

compose() {
  current "$target/compose-check" "$here/compose/main.go" "$here/compose/go.sum" && return
  command -v go >/dev/null 2>&1 || { say "not here: go (compose files checked). To have it: Go 1.24 or newer from https://go.dev/dl/, then sh infra/dev/checks/fetch.sh"; return; }
  (cd "$here/compose" && GOTOOLCHAIN=local GOFLAGS=-mod=readonly timeout 300 go build -o "$target/compose-check" . </dev/null >"$target/compose.log" 2>&1) ||
    say "not here: compose-check (compose files checked): $(tail -n 1 "$target/compose.log"). Go 1.24 or newer and a network to its module proxy are needed; then sh infra/dev/checks/fetch.sh"
}

# The first build reads 80 modules and takes minutes.
grafana() {
  current "$target/grafana-check" "$here/grafana/main.go" "$here/grafana/go.sum" && return
  command -v go >/dev/null 2>&1 || { say "not here: go (Grafana's queries by its own driver). To have it: Go 1.26.5 or newer from https://go.dev/dl/, then sh infra/dev/checks/fetch.sh"; return; }
  (cd "$here/grafana" && GOTOOLCHAIN=local GOFLAGS=-mod=readonly timeout 900 go build -o "$target/grafana-check" . </dev/null >"$target/grafana.log" 2>&1) ||
    say "not here: grafana-check (Grafana's queries by its own driver): $(tail -n 1 "$target/grafana.log"). Go 1.26.5 or newer and a network to its module proxy are needed; then sh infra/dev/checks/fetch.sh"
}

kustomize() {
  kubectl version --client 2>/dev/null | grep -q 'Kustomize Version: v5' && return
  [ -x "$target/kustomize" ] && return
  command -v go >/dev/null 2>&1 || { say "not here: kubectl (Kubernetes files built). To have it: kubectl 1.27 or newer, or Go 1.24 or newer and then sh infra/dev/checks/fetch.sh"; return; }
  GOBIN=$target GOTOOLCHAIN=local timeout 600 go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.1 </dev/null >"$target/kustomize.log" 2>&1 ||
    say "not here: kustomize (Kubernetes files built): $(tail -n 1 "$target/kustomize.log"). Then: sh infra/dev/checks/fetch.sh"
}

python() {
  current "$target/python/done" "$here/requirements.txt" && return
  rm -rf "$target/python"
  if python3 -m venv "$target/python" >"$target/python.log" 2>&1 &&
    timeout 300 "$target/python/bin/pip" install -q --no-input --disable-pip-version-check -r "$here/requirements.txt" </dev/null >>"$target/python.log" 2>&1; then
    touch "$target/python/done"
  else
    say "not here: kubernetes-validate, KEDA's models and CycloneDX' schemas (Kubernetes and SBOM files checked): $(tail -n 1 "$target/python.log")." \
      "To have them: sudo apt-get install python3-venv, then sh infra/dev/checks/fetch.sh"
  fi
}

compose
grafana
kustomize
python
