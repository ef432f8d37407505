/** What people use for such files, each with the command that runs it here and the one that brings it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './cpu.ts';
import type { BenchFiles } from './generate/files.ts';

export interface Peer {
  readonly name: string;
  /** What it does of what RouteWatch does. */
  readonly does: string;
  /** CPU time of RouteWatch over the peer's that is asked for at most (absent: shown only), and what is aimed for. */
  readonly target?: number;
  readonly aim?: number;
  readonly command: (files: BenchFiles) => Command;
  /** Routes that an output speaks of. */
  readonly count: (output: string) => number;
  readonly version: () => string;
}

export interface MissingPeer {
  readonly name: string;
  /** The command that brings it. */
  readonly bring: string;
}

const crate = join(import.meta.dirname, 'bgpkit');
const built = join(import.meta.dirname, '../../build/bench/bgpkit');
const bgpkitProgram = (profile: string): string => join(built, profile, 'routewatch-bench-bgpkit');
const cargoBuild = (profile: string): string[] => ['build', '--profile', profile, '--locked', '--manifest-path', join(crate, 'Cargo.toml'), '--target-dir', built];

const TSHARK_FIELDS = [
  'frame.time_epoch', 'ip.src', 'ip.dst', 'bgp.update.path_attribute.origin', 'bgp.update.path_attribute.as_path_segment.as4',
  'bgp.update.path_attribute.next_hop', 'bgp.update.path_attribute.communities', 'bgp.nlri_prefix', 'bgp.prefix_length',
  'bgp.mp_reach_nlri_ipv6_prefix',
];

const bgpdump: Peer = {
  name: 'bgpdump -m',
  does: 'MRT to one line of text a route; no RIB',
  target: 1 / 6,
  aim: 1 / 8,
  command: ({ mrt }) => ({ file: 'bgpdump', args: ['-m', mrt] }),
  count: (output) => output.split('\n').filter((line) => /^BGP4MP\|\d+\|A\|/.test(line)).length,
  version: () => firstLine('dpkg-query', ['-W', '-f', '${Version}', 'bgpdump']),
};

const tshark: Peer = {
  name: 'tshark -T fields',
  does: 'capture to 10 fields of text a packet, TCP reassembled; no RIB',
  target: 1 / 12,
  command: ({ pcap }) => ({ file: 'tshark', args: ['-n', '-r', pcap, '-Y', 'bgp.type == 2', '-T', 'fields', ...TSHARK_FIELDS.flatMap((field) => ['-e', field])] }),
  // The last four fields are lists: prefixes of IPv4, lengths of both families, prefixes of IPv6.
  count: (output) => output.split('\n').reduce((sum, line) => sum + (line === '' ? 0 : listed(line.split('\t')[7]) + listed(line.split('\t')[9])), 0),
  version: () => firstLine('tshark', ['--version']),
};

/** The crate's program in one of the profiles of its Cargo.toml. */
function bgpkit(profile: string, name: string, version: string): Peer & { readonly profile: string } {
  return {
    profile, name, version: () => `0.23.0, ${version}`,
    does: 'Rust crate: MRT to elements (structures with owned attributes), counted; no RIB, no rows',
    command: ({ mrt }) => ({ file: bgpkitProgram(profile), args: [mrt] }),
    count: (output) => Number(/^(\d+) announced/.exec(output)?.[1]),
  };
}

const crates = [
  { ...bgpkit('release', 'bgpkit-parser', 'as cargo builds a release'), target: 1 },
  bgpkit('tuned', 'bgpkit-parser, tuned', 'fat LTO, one codegen unit, no unwinding'),
];

/** Peers that Debian packages bring. */
export const packagedPeers: readonly Peer[] = [bgpdump, tshark];

/** The peers that can run here; those that cannot, with what brings them. Builds the Rust one with cargo where there is one. */
export function findPeers(told: (what: string) => void): { peers: Peer[]; missing: MissingPeer[] } {
  const peers: Peer[] = [];
  const missing: MissingPeer[] = [];
  for (const peer of packagedPeers) {
    const [program] = peer.name.split(' ') as [string];
    if (isInstalled(program)) peers.push(peer);
    else missing.push({ name: peer.name, bring: `apt-get install ${program}` });
  }
  for (const peer of crates) {
    const trouble = buildBgpkit(peer.profile, told);
    if (trouble === undefined) peers.push(peer);
    else missing.push({ name: peer.name, bring: trouble });
  }
  return { peers, missing };
}

/** Undefined when the program is there; else what is missing. */
function buildBgpkit(profile: string, told: (what: string) => void): string | undefined {
  const isBuilt = existsSync(bgpkitProgram(profile));
  if (!isInstalled('cargo')) return isBuilt ? undefined : 'cargo missing: install Rust (https://rustup.rs), then make bench';
  if (!isBuilt) told(`building bgpkit-parser, profile ${profile} (once, some minutes)`);
  const { status } = spawnSync('cargo', cargoBuild(profile), { stdio: 'ignore', timeout: 900_000 });
  return status === 0 ? undefined : `its build failed: cargo ${cargoBuild(profile).join(' ')}`;
}

export function isInstalled(command: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', command], { stdio: 'ignore' }).status === 0;
}

function listed(field: string | undefined): number {
  return field === undefined || field === '' ? 0 : field.split(',').length;
}

function firstLine(command: string, args: readonly string[]): string {
  return spawnSync(command, args, { encoding: 'utf8' }).stdout.split('\n')[0]?.trim() ?? 'unknown';
}
