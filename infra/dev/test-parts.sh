#!/bin/sh
# The programs that tests run beside the project: as root on Debian installs what is missing, else names it with the command.
set -eu

# One line each: a program, the Debian package that brings it, what is not tested without it.
parts='
tshark                tshark          decoding compared with tshark
tcpdump               tcpdump         captures from standard input, the labs
chromium              chromium        the page in a real browser
/usr/lib/frr/bgpd     frr             the labs with FRR
bird                  bird2           the labs with BIRD
ip                    iproute2        the labs (network namespaces)
nft                   nftables        the labs (one-way loss)
ethtool               ethtool         the labs (offloads off)
python3               python3-minimal the labs (VLAN relay)
strace                strace          the store killed between two system calls
clang                 clang           the kernel program of the live collector
/usr/include/bpf/bpf_helpers.h libbpf-dev the kernel program of the live collector
/usr/include/linux/bpf.h linux-libc-dev the kernel program of the live collector
bgpdump               bgpdump         routes compared with bgpdump, make bench
curl                  curl            the store seen by another client
java                  openjdk-17-jre-headless everything on a real Kafka
mvn                   maven           everything on a real Kafka
openssl               openssl         Kafka with TLS
snmptrapd             snmptrapd       alerts as SNMP notifications
prometheus-alertmanager prometheus-alertmanager alerts to Alertmanager
rsyslogd              rsyslog         alerts to syslog
setpriv               util-linux      everything on a real Kafka
systemd-analyze       systemd         the systemd units checked
/usr/share/python-wheels python3-venv Kubernetes and SBOM files checked
'

# Routing daemons live where only root's PATH looks.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# Writes the lines of all parts that are not installed.
missing() {
  printf '%s\n' "$parts" | while read -r program package purpose; do
    [ -z "$program" ] || command -v "$program" >/dev/null 2>&1 || [ -e "$program" ] || printf '%s %s %s\n' "$program" "$package" "$purpose"
  done
}

packages() { missing | cut -d' ' -f2 | sort -u | paste -sd' ' -; }

# Installs packages without starting their services (routing daemons must not run on somebody's machine).
install() {
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod +x $policy
  fi
  export DEBIAN_FRONTEND=noninteractive
  echo "Installing what the tests use: $*" >&2
  timeout 300 apt-get update -qq </dev/null >/dev/null || echo "apt-get update did not succeed; trying with the lists that are here." >&2
  # shellcheck disable=SC2068
  timeout 1200 apt-get install -y -qq --no-install-recommends $@ </dev/null >/dev/null ||
    echo "apt-get install did not succeed: the tests that need these parts will say that they did not run." >&2
}

wanted=$(packages)
if [ -n "$wanted" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then install $wanted; fi

missing | while read -r program package purpose; do
  echo "not here: $program ($purpose). To have it: sudo apt-get install --no-install-recommends $package" >&2
done

# A Kafka broker is in no distribution: its jars come from Maven Central, once.
sh "$(dirname "$0")/kafka/fetch.sh" || echo "not here: Kafka (everything on a real Kafka)." >&2

# The OpenTelemetry Collector neither: it is built of Go modules, once.
sh "$(dirname "$0")/otelcol/build.sh" >/dev/null || echo "not here: the OpenTelemetry Collector (alerts to a real one)." >&2

# Checkers of deployment files come as a Go module and from PyPI, once.
sh "$(dirname "$0")/checks/fetch.sh"
