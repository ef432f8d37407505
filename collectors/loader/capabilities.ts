/** What the loader may do, and what to say where it may not. */
import { readFileSync } from 'node:fs';

// linux/capability.h
const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_NET_RAW: 13, CAP_SYS_ADMIN: 21, CAP_PERFMON: 38, CAP_BPF: 39 } as const;
export type Capability = keyof typeof CAPABILITIES;

/** Why each is needed. */
const REASONS: Record<Capability, string> = {
  CAP_BPF: 'to load the filter and make its maps',
  CAP_NET_ADMIN: 'to attach the filter to interfaces',
  CAP_PERFMON: 'to let the filter compute with packet pointers',
  CAP_SYS_ADMIN: 'to enter other network namespaces',
  CAP_NET_RAW: 'to make interfaces promiscuous',
};

/** What the configuration asks for beyond the filter itself. */
export interface Wishes { namespaces: boolean; promiscuous: boolean }

/** The effective capabilities of this process that are missing for these wishes. */
export function missingCapabilities(wishes: Wishes, effective = effectiveCapabilities()): Capability[] {
  const has = (name: Capability): boolean => (effective >> BigInt(CAPABILITIES[name]) & 1n) === 1n;
  // Before Linux 5.8, and still, CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON too.
  const all = has('CAP_SYS_ADMIN');
  const wanted: Capability[] = [
    ...(all ? [] : (['CAP_BPF', 'CAP_PERFMON'] as const)), 'CAP_NET_ADMIN',
    ...(wishes.namespaces ? (['CAP_SYS_ADMIN'] as const) : []), ...(wishes.promiscuous ? (['CAP_NET_RAW'] as const) : []),
  ];
  return wanted.filter((name) => !has(name));
}

/** One message for all that are missing, with what to do. */
export function capabilityAdvice(missing: readonly Capability[]): string {
  const list = missing.map((name) => `  ${name}: ${REASONS[name]}`).join('\n');
  return `The loader lacks ${missing.length === 1 ? 'a capability' : 'capabilities'}:\n${list}\n`
    + 'Run it as root (sudo), or in a systemd unit with AmbientCapabilities=, or in a container with these added '
    + `(Kubernetes: securityContext.capabilities.add: [${missing.map((name) => name.slice(4)).join(', ')}]).`;
}

/** Bits of this process's effective set. */
function effectiveCapabilities(): bigint {
  const line = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return line === undefined ? 0n : BigInt(`0x${line}`);
}
