import { describe, expect, it } from 'vitest';
import type { LinkKey } from '../../decoders-wasm/contract/link-classifier.ts';
import { batchKey, keyMapSchema } from './key-map.ts';

const tap = { name: 'edge1', domain: 'default' };
const isis: LinkKey = { index: 0, tap: 0, protocol: 'isis', vlans: [], tunnels: [], linkLocal: false };
const bgp: LinkKey = { ...isis, protocol: 'bgp', addresses: ['10.0.0.1', '10.0.0.2'] };

describe('without a rule', () => {
  it('is one domain, and a link for each tap and its tags', () => {
    expect(batchKey(isis, tap, [])).toEqual({ key: 'igp/default/default/isis', domain: 'default', networkInstance: 'default', link: 'edge1' });
    expect(batchKey({ ...isis, vlans: [100, 20] }, tap, []).link).toBe('edge1.100.20');
    expect(batchKey({ ...isis, pppoeSession: 7 }, tap, []).link).toBe('edge1.pppoe7');
  });

  it('gives each tunnel a network instance of its own', () => {
    const inGre = batchKey({ ...bgp, tunnels: [{ kind: 'vxlan', id: 5001 }, { kind: 'gre', id: 42 }] }, tap, []);
    expect(inGre.networkInstance).toBe('vxlan:5001/gre:42');
    expect(inGre.key).toBe('tcp/default/vxlan:5001/gre:42/10.0.0.1|10.0.0.2');
    expect(batchKey({ ...bgp, tunnels: [{ kind: 'ipip', id: 0, endpoints: ['192.0.2.1', '192.0.2.2'] }] }, tap, []).networkInstance).toBe('ipip:192.0.2.1-192.0.2.2');
  });

  it('names the link in the key of a link-local session only', () => {
    expect(batchKey(bgp, tap, []).key).toBe('tcp/default/default/10.0.0.1|10.0.0.2');
    expect(batchKey({ ...bgp, addresses: ['fe80::1', 'fe80::2'], linkLocal: true }, tap, []).key).toBe('tcp/default/default/edge1/fe80::1|fe80::2');
  });
});

describe('with rules', () => {
  const map = keyMapSchema.parse([
    { tap: 'edge*', vlans: [10], to: { domain: 'customers', link: 'uplink-a' } },
    { tap: 'edge1', networkInstance: 'gre:*', to: { networkInstance: 'wan' } },
  ]);

  it('the first that fits counts, and keeps what it does not say', () => {
    expect(batchKey({ ...isis, vlans: [10] }, tap, map)).toEqual({ key: 'igp/customers/default/isis', domain: 'customers', networkInstance: 'default', link: 'uplink-a' });
    expect(batchKey({ ...isis, vlans: [11] }, tap, map).domain).toBe('default');
    expect(batchKey({ ...isis, tunnels: [{ kind: 'gre', id: 42 }] }, tap, map).key).toBe('igp/default/wan/isis');
  });

  it('gives two taps of one link the same link', () => {
    const one = keyMapSchema.parse([{ tap: '*', to: { link: 'a-b' } }]);
    expect(batchKey(isis, tap, one)).toEqual(batchKey(isis, { name: 'edge2', domain: 'default' }, one));
  });

  it('refuses a rule with an unknown word', () => {
    expect(() => keyMapSchema.parse([{ vlan: [10], to: {} }])).toThrow(/vlan/);
  });
});
