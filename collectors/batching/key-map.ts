/** The map (tap, encapsulation, instance) → domain, network instance, link: what a classifier's key stands for. */
import { z } from 'zod';
import type { LinkKey } from '../../decoders-wasm/contract/link-classifier.ts';
import type { BatchKey } from '../../stream/contract/frame-batch.ts';

const rule = z.strictObject({
  tap: z.string().optional().describe('tap by name; * stands for anything'),
  vlans: z.array(z.number().int().min(0).max(4095)).optional().describe('VLAN ids, outermost first; [] for untagged'),
  networkInstance: z.string().optional().describe('as it is called without a rule: default, gre:42, vxlan:5001, ...'),
  to: z.strictObject({
    domain: z.string().min(1).optional().describe('routing universe'),
    networkInstance: z.string().min(1).optional().describe('network instance'),
    link: z.string().min(1).optional().describe('link; two taps of one link get the same name'),
  }),
});

/** The rules in order: the first that fits counts; what it does not say keeps its default. */
export const keyMapSchema = z.array(rule);

export type KeyMap = z.infer<typeof keyMapSchema>;

/**
 * The batch key of a classifier's key. Without a rule: one domain, a link for each (tap, tags), and for what is inside
 * a tunnel a network instance named after it.
 */
export function batchKey(key: LinkKey, tap: { readonly name: string; readonly domain: string }, map: KeyMap): BatchKey {
  const instance = instanceName(key);
  const pppoe = key.pppoeSession === undefined ? [] : [`pppoe${key.pppoeSession}`];
  const { to } = map.find((one) => fits(one, key, tap.name, instance)) ?? { to: {} };
  const domain = to.domain ?? tap.domain;
  const networkInstance = to.networkInstance ?? instance;
  const link = to.link ?? [tap.name, ...key.vlans.map(String), ...pppoe].join('.');
  if (key.addresses === undefined) return { key: `igp/${domain}/${networkInstance}/${key.protocol}`, domain, networkInstance, link };
  const scope = key.linkLocal ? `/${link}` : '';
  return { key: `tcp/${domain}/${networkInstance}${scope}/${key.addresses.join('|')}`, domain, networkInstance, link, addresses: key.addresses };
}

function instanceName(key: LinkKey): string {
  if (key.tunnels.length === 0) return 'default';
  return key.tunnels.map(({ kind, id, endpoints }) => (endpoints === undefined ? `${kind}:${id}` : `${kind}:${endpoints.join('-')}`)).join('/');
}

function fits(one: KeyMap[number], key: LinkKey, tap: string, instance: string): boolean {
  if (one.tap !== undefined && !matches(one.tap, tap)) return false;
  if (one.vlans !== undefined && one.vlans.join() !== key.vlans.join()) return false;
  return one.networkInstance === undefined || matches(one.networkInstance, instance);
}

function matches(pattern: string, text: string): boolean {
  const [first, ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  const last = rest.pop()!;
  if (!text.startsWith(first!) || !text.endsWith(last) || text.length < first!.length + last.length) return false;
  let at = first!.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > text.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}
