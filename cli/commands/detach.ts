/** `routewatch detach`: takes the filter away from this host's interfaces, whoever left it there. */
import type { Command } from 'commander';
import { readdirSync } from 'node:fs';
import { detachAll } from '../../collectors/loader/index.ts';

/** Where `collect` pins what is to outlive it. */
const PIN = '/sys/fs/bpf/routewatch';
const NAMED = '/run/netns';

export function detach(program: Command): void {
  program.command('detach')
    .description('take the filter away from all interfaces of this host, where a collector left it (root)')
    .option('--pin <dir>', 'where the collector pins its filter', PIN)
    .option('--json', 'as JSON')
    .addHelpText('after', `
A collector that does not pin leaves nothing. One that does leaves its filter in place when it stops, so that the next
start misses nothing; this ends that. A collector that is running lets go of its taps and says so.

Examples:
  routewatch detach
  routewatch detach --pin /sys/fs/bpf/other`)
    .action(({ pin, json }: { pin: string; json?: boolean }) => {
      const interfaces = [...new Set(detachAll(pin, ['', ...namedNamespaces()]))];
      if (json === true) process.stdout.write(`${JSON.stringify({ interfaces })}\n`);
      else process.stdout.write(interfaces.length === 0 ? 'no filter was attached\n' : `detached from ${interfaces.join(', ')}\n`);
    });
}

/** The namespaces that `ip netns` knows. */
function namedNamespaces(): string[] {
  try {
    return readdirSync(NAMED);
  } catch {
    return [];
  }
}
