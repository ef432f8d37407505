/** The loader: keeps the filter at the interfaces that the configuration names, while they come and go. */
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attach, type Attachment, type Direction, TcxAttachment } from './attach.ts';
import { Budget } from './budget.ts';
import { capabilityAdvice, missingCapabilities } from './capabilities.ts';
import { bootNs } from './clock.ts';
import { type LoaderConfig, ruleKnobs, ruleLists, ruleMatches, type TapRule } from './config.ts';
import { readLost } from './counters.ts';
import { libbpf } from './libbpf.ts';
import type { SentTap } from './messages.ts';
import { type Link, LinkWatch, listLinks } from './netlink.ts';
import { Namespace } from './namespaces.ts';
import { BpfLoader, DEFAULT_SIZES, type Instance, type MapSizes, type SharedMap } from './object.ts';
import { type PinnedLink, Pins, removePins } from './pins.ts';
import { makePromiscuous } from './promiscuous.ts';
import { carrierOf, isOf, linkTypeOf, type OpenTap, tapName, updateCarrier } from './taps.ts';
import * as state from '../generated/bpf-state.ts';

export type { LoaderConfig, TapRule } from './config.ts';
export type { SentTap } from './messages.ts';
export { detachAll } from './detach.ts';

const DIRECTIONS = { ingress: 1, egress: 2 } as const;
const SCAN_MS = 1000;
const DEFAULT_CPU_PERCENT = 50;

/** What happens, for people: `taps` when the list of taps has changed. */
export interface LoaderListener {
  taps(): void;
  warn(message: string): void;
}

export class Loader {
  readonly #config: LoaderConfig;
  readonly #listener: LoaderListener;
  readonly #sizes: MapSizes;
  readonly #open = new Map<string, OpenTap>();
  readonly #closed: SentTap[] = [];
  readonly #namespaces = new Map<string, { namespace: Namespace; watch: LinkWatch }>();
  readonly #freeSlots: number[];
  readonly #warned = new Set<string>();
  readonly #refused = new Set<string>();
  readonly #budget: Budget;
  #bpf: BpfLoader | undefined;
  #pins: Pins | undefined;
  #kept: PinnedLink[] = [];
  #nextTap = 0;
  #epoch = 0n;
  #running = false;

  constructor(config: LoaderConfig, listener: LoaderListener) {
    this.#config = config;
    this.#listener = listener;
    this.#budget = new Budget(config.cpuPercent ?? DEFAULT_CPU_PERCENT);
    const slots = 2 * (config.mostTaps ?? DEFAULT_SIZES.slots / 2);
    this.#sizes = { ringBytes: config.ringBytes ?? DEFAULT_SIZES.ringBytes, hellos: config.hellos ?? DEFAULT_SIZES.hellos, slots };
    this.#freeSlots = Array.from({ length: slots }, (_, index) => slots - 1 - index);
  }

  /** One start of the maps: wall clock ns of the first loader that used them. */
  get epoch(): bigint {
    return this.#epoch;
  }

  get ringBytes(): number {
    return this.#sizes.ringBytes;
  }

  mapFd(name: SharedMap): number {
    return this.#bpf!.mapFd(name);
  }

  /** All taps of the epoch that this loader knows of, closed ones too. */
  taps(): SentTap[] {
    return [...this.#closed, ...[...this.#open.values()].map(({ tap }) => tap)];
  }

  /** Loads, attaches, and keeps watching. Throws where nothing can work, with what to do. */
  start(): void {
    try {
      this.#start();
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  #start(): void {
    const { taps, pin, object } = this.#config;
    const missing = missingCapabilities({
      namespaces: taps.some(({ namespace }) => namespace !== undefined), promiscuous: taps.some(({ promiscuous }) => promiscuous === true),
    });
    if (missing.length > 0) throw new Error(capabilityAdvice(missing));
    this.#epoch = BigInt(Date.now()) * 1_000_000n;
    this.#pins = pin === undefined ? undefined : new Pins(pin, this.#sizes, this.#epoch);
    this.#bpf = new BpfLoader({
      sizes: this.#sizes, ...(object === undefined ? {} : { path: object }), ...(this.#pins?.kept === undefined ? {} : { kept: this.#pins.kept }),
    });
    if (this.#pins !== undefined) this.#goOn(this.#pins, this.#bpf);
    taps.forEach((rule, list) => {
      for (const [filter, values] of ruleLists(rule)) for (const value of values) this.#bpf!.allow(list, filter, value);
    });
    this.#running = true;
    this.scan();
    this.#warnUnmatched();
    this.#pins?.dropOthers();
    void this.#watch();
  }

  /** Looks at the interfaces once more; the watch does so by itself. */
  scan(): void {
    let changed = false;
    for (const name of new Set(this.#config.taps.map(({ namespace }) => namespace ?? ''))) changed = this.#scanNamespace(name) || changed;
    // What an earlier loader left at interfaces that are no longer wanted.
    for (const link of this.#kept.splice(0)) changed = this.#dropKept(link) || changed;
    if (changed) this.#listener.taps();
  }

  /** The ring may still hold frames of it: it is told as a tap that was closed. */
  #dropKept(link: PinnedLink): boolean {
    this.#pins?.unpinLink(link);
    const lost = readLost(this.mapFd('counters'), [link.slot]);
    this.#freeSlots.push(link.slot);
    const known = this.taps().find(({ id }) => id === link.tapId);
    if (known !== undefined) return false;
    const now = bootNs();
    this.#closed.push({
      id: link.tapId, name: link.name, openedNs: link.openedNs, closedNs: now, closedBy: 'the interface went while no loader ran, or is no longer wanted',
      carrier: { isUp: false, changes: 0, atNs: now }, slots: [], lost,
    });
    return true;
  }

  /** Lets go of everything. Pinned filters stay unless `detach` is set; others end. */
  stop(detach = false): void {
    this.#running = false;
    for (const [key, open] of this.#open) this.#closeTap(key, open, 'the collector stopped', detach || this.#pins === undefined);
    for (const { namespace, watch } of this.#namespaces.values()) {
      watch.close();
      namespace.close();
    }
    this.#namespaces.clear();
    this.#bpf?.close();
    this.#pins?.close();
    if (detach && this.#config.pin !== undefined) removePins(this.#config.pin);
  }

  /** Rules that take no interface now: a misspelt name, or one that is still to come. */
  #warnUnmatched(): void {
    for (const rule of this.#config.taps) {
      const known = this.#namespaces.get(rule.namespace ?? '')?.namespace;
      if (known === undefined) continue;
      const links = known.inside(listLinks);
      if (links.some((link) => ruleMatches(rule, link))) continue;
      const there = links.map(({ name }) => name).join(', ');
      this.#warnOnce(`rule ${rule.match}`, `no interface matches ${rule.match} (there are ${there}); one that does is tapped as soon as it is there`);
    }
  }

  async #watch(): Promise<void> {
    while (this.#running) {
      await sleep(SCAN_MS, undefined, { ref: false });
      if (!this.#running) return;
      this.#tryScan();
      this.#keepBudget();
    }
  }

  /** Detaches the filter that costs most when all together take more than they may. */
  #keepBudget(): void {
    const load = this.#budget.read(bootNs(), this.mapFd('counters'), [...this.#open.values()].map(({ tap }) => tap));
    const [key, open] = [...this.#open].find(([, { tap }]) => tap.id === load?.tap) ?? [];
    if (load === undefined || key === undefined || open === undefined) return;
    const share = `${(load.share * 100).toFixed(1)} % of a CPU`;
    this.#closeTap(key, open, `its filter took ${share}`, true);
    this.#refused.add(key);
    this.#listener.warn(`${open.tap.name} is no longer tapped: its filter took ${share}, and all together more than cpuPercent (${this.#config.cpuPercent ?? DEFAULT_CPU_PERCENT}). `
      + 'Filter by VLAN, tap fewer interfaces or raise loader.cpuPercent, then start the collector again');
    this.#listener.taps();
  }

  #tryScan(): void {
    try {
      this.scan();
    } catch (error) {
      this.#warnOnce('scan', `the interfaces cannot be listed: ${(error as Error).message}`);
    }
  }

  /** Goes on where an earlier loader with the same maps had come. */
  #goOn(pins: Pins, bpf: BpfLoader): void {
    this.#epoch = pins.epoch;
    pins.pinMaps(bpf.seed, (name) => bpf.mapFd(name));
    this.#kept = pins.links();
    for (const { tapId, slot } of this.#kept) {
      this.#nextTap = Math.max(this.#nextTap, tapId + 1);
      const free = this.#freeSlots.indexOf(slot);
      if (free >= 0) this.#freeSlots.splice(free, 1);
    }
  }

  #scanNamespace(name: string): boolean {
    const namespace = this.#namespace(name);
    const links = namespace?.inside(listLinks) ?? [];
    let changed = false;
    for (const [key, open] of this.#open) {
      if (open.namespace.name !== name) continue;
      const link = links.find(({ index }) => index === open.index);
      if (link === undefined || tapName(name, link) !== open.tap.name) this.#closeTap(key, open, 'the interface is gone', true);
      else if (open.pinned.some((pin) => !this.#pins!.hasLink(pin))) {
        this.#closeTap(key, open, 'detached by hand', true);
        this.#refused.add(key);
      } else {
        changed = updateCarrier(open.tap, link) || changed;
        continue;
      }
      changed = true;
    }
    if (namespace === undefined) return changed;
    for (const link of links) {
      const list = this.#config.taps.findIndex((rule) => (rule.namespace ?? '') === name && ruleMatches(rule, link));
      const key = `${namespace.inode}/${link.index}/${link.name}`;
      if (list >= 0 && !this.#open.has(key) && !this.#refused.has(key)) changed = this.#tryOpen(key, namespace, link, list) || changed;
    }
    return changed;
  }

  /** The namespace of that name, opened anew where another has taken its place; undefined where there is none. */
  #namespace(name: string): Namespace | undefined {
    const known = this.#namespaces.get(name);
    if (known !== undefined && (name === '' || known.namespace.isStillThere())) return known.namespace;
    if (known !== undefined) {
      for (const [key, open] of this.#open) if (open.namespace === known.namespace) this.#closeTap(key, open, 'the network namespace is gone', true);
      known.watch.close();
      known.namespace.close();
      this.#namespaces.delete(name);
    }
    try {
      const namespace = new Namespace(name);
      const watch = namespace.inside(() => new LinkWatch(() => { if (this.#running) this.#tryScan(); }));
      this.#namespaces.set(name, { namespace, watch });
      this.#warned.delete(`namespace ${name}`);
      return namespace;
    } catch (error) {
      this.#warnOnce(`namespace ${name}`, `network namespace ${name}: ${(error as Error).message}; it is looked for every second`);
      return undefined;
    }
  }

  #tryOpen(key: string, namespace: Namespace, link: Link, list: number): boolean {
    const open: OpenTap = {
      tap: { id: 0, name: tapName(namespace.name, link), openedNs: bootNs(), carrier: carrierOf(link), slots: [] },
      namespace, index: link.index, pinned: [], release: [],
    };
    try {
      this.#openTap(open, link, this.#config.taps[list]!, list);
      this.#open.set(key, open);
      return true;
    } catch (error) {
      for (const release of open.release) release();
      this.#freeSlots.push(...open.tap.slots);
      this.#warnOnce(key, `${open.tap.name} is not tapped: ${(error as Error).message}`);
      this.#refused.add(key);
      return false;
    }
  }

  #openTap(open: OpenTap, link: Link, rule: TapRule, list: number): void {
    const linkType = linkTypeOf(link.hardwareType);
    const kept = this.#kept.filter((pin) => isOf(pin, open));
    if (kept.length === 0 && this.#nextTap > 0xfffe) throw new Error('all tap numbers are used up: start the collector again');
    open.tap.id = kept[0]?.tapId ?? this.#nextTap++;
    if (kept[0] !== undefined) open.tap.openedNs = kept[0].openedNs;
    if (rule.promiscuous === true) open.release.push(open.namespace.inside(() => makePromiscuous(link.index, link.name)));
    for (const name of rule.directions ?? ['ingress', 'egress']) {
      const direction = DIRECTIONS[name];
      const pin = kept.find((other) => other.direction === direction);
      const slot = pin?.slot ?? this.#takeSlot();
      open.tap.slots.push(slot);
      const instance = this.#bpf!.instance({
        ...ruleKnobs(rule, list), tapId: open.tap.id, direction, linkType, slot,
        helloShipNs: BigInt(Math.round((this.#config.helloShipSeconds ?? 60) * 1e9)),
      });
      this.#attach(open, direction, slot, instance, pin);
    }
  }

  #attach(open: OpenTap, direction: Direction, slot: number, instance: Instance, pin: PinnedLink | undefined): void {
    try {
      if (pin !== undefined) {
        const link = new TcxAttachment(this.#pins!.openLink(pin));
        link.replace(instance.programFd);
        link.detach();
        this.#kept.splice(this.#kept.indexOf(pin), 1);
        open.pinned.push(pin);
        return;
      }
      const attachment = this.#takeOver(open, direction, instance) ?? open.namespace.inside(() => attach(open.index, direction, instance.programFd, this.#config.attach ?? 'auto'));
      if (this.#pins === undefined || attachment.linkFd === undefined) {
          open.release.push(() => { open.namespace.inside(() => { attachment.detach(); }); });
        return;
      }
      const { tap: { id, openedNs, name }, index, namespace: { inode } } = open;
      const link = { tapId: id, slot, direction, index, openedNs, namespaceInode: inode, name };
      this.#pins.pinLink(link, attachment.linkFd);
      open.pinned.push(link);
      // The pin holds it now.
      closeSync(attachment.linkFd);
    } finally {
      // The kernel keeps the program for as long as it is attached.
      instance.close();
    }
  }

  /** The link of a start with other maps, with this program in it. */
  #takeOver(open: OpenTap, direction: Direction, instance: Instance): Attachment | undefined {
    const old = this.#pins?.otherLinks().find(({ link }) => link.direction === direction && isOf(link, open));
    if (old === undefined) return undefined;
    const link = new TcxAttachment(this.#pins!.openLink(old.link, old.path));
    link.replace(instance.programFd);
    return link;
  }

  #closeTap(key: string, open: OpenTap, why: string, detach: boolean): void {
    this.#open.delete(key);
    if (detach) {
      for (const pin of open.pinned) this.#pins?.unpinLink(pin);
      for (const release of open.release) {
        try {
          release();
        } catch (error) {
          this.#warnOnce(`release ${key}`, `${open.tap.name}: ${(error as Error).message}`);
        }
      }
      open.tap.closedNs = bootNs();
      open.tap.closedBy = why;
      open.tap.lost = readLost(this.mapFd('counters'), open.tap.slots);
      this.#freeSlots.push(...open.tap.slots.splice(0));
    }
    this.#closed.push(open.tap);
  }

  /** A slot whose counters stand at 0. */
  #takeSlot(): number {
    const slot = this.#freeSlots.pop();
    if (slot === undefined) throw new Error(`more interfaces than mostTaps (${this.#sizes.slots / 2}) allows; raise it in the configuration`);
    const key = Buffer.alloc(4);
    key.writeUInt32LE(slot);
    libbpf().update(this.#bpf!.mapFd('counters'), key, Buffer.alloc(state.COUNTERS * 8 * (libbpf().possibleCpus() as number)), 0);
    return slot;
  }

  #warnOnce(what: string, message: string): void {
    if (this.#warned.has(what)) return;
    this.#warned.add(what);
    this.#listener.warn(message);
  }
}
