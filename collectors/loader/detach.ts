/** Ends what a loader left behind. */
import { detachClsact } from './attach.ts';
import { capabilityAdvice, missingCapabilities } from './capabilities.ts';
import { listLinks } from './netlink.ts';
import { Namespace } from './namespaces.ts';
import { removePins } from './pins.ts';
import { tapName } from './taps.ts';

/** Takes our filter away from everywhere it can be: pins, and clsact filters in the given namespaces. Gives the interfaces. */
export function detachAll(pin: string, namespaces: readonly string[]): string[] {
  const missing = missingCapabilities({ namespaces: namespaces.some((name) => name !== ''), promiscuous: false });
  if (missing.length > 0) throw new Error(capabilityAdvice(missing));
  const names = removePins(pin);
  for (const name of namespaces) {
    const namespace = new Namespace(name);
    namespace.inside(() => {
      for (const link of listLinks()) {
        const found = ([1, 2] as const).filter((direction) => detachClsact(link.index, direction));
        if (found.length > 0) names.push(tapName(name, link));
      }
    });
    namespace.close();
  }
  return names;
}
