/** One tcpdump per link, on the link's bridge. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcesses } from './command.ts';
import { SWITCH, type Network } from './network.ts';

/** All captures of one run; files are `<link>.pcap` in `folder`. */
export class Taps {
  readonly #network: Network;
  readonly #folder: string;
  readonly #logFolder: string;
  readonly #pids: number[] = [];

  constructor(network: Network, folder: string, logFolder: string) {
    this.#network = network;
    this.#folder = folder;
    this.#logFolder = logFolder;
  }

  /** Starts capturing a link and returns the file's name once tcpdump listens. */
  async start(link: string, precision: 'nano' | 'micro'): Promise<string> {
    const file = `${link}.pcap`;
    const log = join(this.#logFolder, `tcpdump.${link}.log`);
    const output = openSync(log, 'w');
    const child = spawn(
      'ip',
      [
        'netns',
        'exec',
        this.#network.namespace(SWITCH),
        'tcpdump',
        '-n',
        '-U',
        '-Z',
        'root',
        '-B',
        '8192',
        '-s',
        '65535',
        '-i',
        link,
        '-w',
        join(this.#folder, file),
        `--time-stamp-precision=${precision}`,
      ],
      { stdio: ['ignore', output, output] },
    );
    closeSync(output);
    child.on('error', () => undefined);
    if (child.pid !== undefined) this.#pids.push(child.pid);
    for (let tries = 0; tries < 100; tries++) {
      await sleep(50);
      if (readFileSync(log, 'utf8').includes('listening')) return file;
    }
    throw new Error(`tap ${link} did not start: ${readFileSync(log, 'utf8').trim()}`);
  }

  /** Ends all captures, letting tcpdump write what it holds; safe to call twice. */
  stop(): void {
    endProcesses(this.#pids.splice(0), 'SIGINT', 4);
  }
}
