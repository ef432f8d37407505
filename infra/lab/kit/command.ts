/** Runs outside programs, bounded in time, and says which are missing and how to get them. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Each program the labs need and the Debian package that brings it. */
const TOOLS: Record<string, string> = {
  ip: 'iproute2',
  ethtool: 'ethtool',
  tcpdump: 'tcpdump',
  nft: 'nftables',
  vtysh: 'frr',
  '/usr/lib/frr/zebra': 'frr',
  '/usr/lib/frr/isisd': 'frr',
  '/usr/lib/frr/ospfd': 'frr',
  '/usr/lib/frr/bgpd': 'frr',
  bird: 'bird2',
  birdc: 'bird2',
  python3: 'python3-minimal',
};

const SEARCH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** True if `tool` (a name, or an absolute path) is installed. */
export function isInstalled(tool: string): boolean {
  return tool.startsWith('/')
    ? existsSync(tool)
    : SEARCH.some((folder) => existsSync(`${folder}/${tool}`));
}

/** The reason why a lab cannot run on this machine (with the command that helps), or undefined. */
export function whyNotRunnable(): string | undefined {
  if (process.platform !== 'linux') return 'labs need Linux network namespaces';
  if (process.getuid?.() !== 0) return 'labs need root (network namespaces): run it with sudo';
  const missing = Object.keys(TOOLS).filter((tool) => !isInstalled(tool));
  if (missing.length === 0) return undefined;
  const packages = [...new Set(missing.map((tool) => TOOLS[tool]))].join(' ');
  return `not installed: ${missing.join(', ')}. Try: apt-get install --no-install-recommends ${packages}`;
}

/** How `run` behaves: seconds until it is killed, and whether a failure throws. */
export interface RunOptions {
  timeout?: number;
  check?: boolean;
}

/** Runs a program to its end and returns its standard output; throws on failure unless told not to. */
export function run(argv: string[], { timeout = 20, check = true }: RunOptions = {}): string {
  const [program, ...args] = argv;
  if (program === undefined) throw new Error('run: no program given');
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: timeout * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 64 << 20,
    env: { ...process.env, TZ: 'UTC', PATH: SEARCH.join(':') },
  });
  if (check && (result.error !== undefined || result.status !== 0)) {
    const said =
      `${result.error?.message ?? ''} ${result.stderr ?? ''} ${result.stdout ?? ''}`.trim();
    throw new Error(`${argv.join(' ')} ended with ${result.status ?? result.signal}: ${said}`);
  }
  return result.stdout ?? '';
}

/** Waits without the event loop, for clean-up on the way out. */
export function pause(seconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
}

/** True while process `pid` exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = run(['cat', `/proc/${pid}/stat`], { check: false });
  return stat !== '' && stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
}

/** Sends a signal, ignoring a process that is gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Signals processes, waits up to `seconds` for their end, then kills what is left. */
export function endProcesses(pids: number[], first: NodeJS.Signals, seconds: number): void {
  for (const pid of pids) signal(pid, first);
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline && pids.some(isAlive)) pause(0.05);
  for (const pid of pids.filter(isAlive)) signal(pid, 'SIGKILL');
}

/** Processes in whose command line `path` stands: those of a run, by the run's own folder. */
export function processesNaming(path: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => commandLine(pid).includes(path))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
