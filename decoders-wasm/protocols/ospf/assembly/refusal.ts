/** C1: what is visible in a hello that makes a router refuse it (RFC 2328 8.2, 10.5). */
import { Frame } from '../../../base/assembly/frame.ts';
import { ADJACENCY_INIT } from '../../../base/assembly/generated/constants.ts';
import { Interface } from './entries.ts';
import {
  ERROR_AREA, ERROR_AUTH_TYPE, ERROR_CRYPTO_SEQUENCE, ERROR_DEAD_INTERVAL, ERROR_DUPLICATE_ROUTER_ID,
  ERROR_HELLO_INTERVAL, ERROR_NET_MASK, ERROR_OPTION, reportError,
} from './errors.ts';
import { AUTHENTICATION_CRYPTOGRAPHIC, OPTION_E, OPTION_N } from './iana.ts';
import { findView } from './links.ts';

/** Whether `router` must refuse the last hello of `sender`; the cause is reported and kept in the view. */
export function refuses(router: Interface, sender: Interface): bool {
  if (router.area != sender.area) {
    // RFC 2328 8.2 (1): only a router of the same subnet would have taken it.
    if (!sameSubnet(router, sender)) return true;
    if (router.id != sender.id) report(ERROR_AREA, router, sender, sender.area, router.area);
    return true;
  }
  if (router.id == sender.id) {
    if (router.address != sender.address && sameSubnet(router, sender)) {
      report(ERROR_DUPLICATE_ROUTER_ID, router, sender, sender.address, router.address);
    }
    return true;
  }
  const cause = visibleCause(router, sender);
  if (cause == 0) return false;
  const view = findView(router, sender);
  const expected = cause == ERROR_CRYPTO_SEQUENCE && view !== null ? view.cryptoSequence : valueOf(cause, router);
  report(cause, router, sender, valueOf(cause, sender), expected);
  if (view !== null) view.refusal = cause;
  return true;
}

function visibleCause(router: Interface, sender: Interface): u8 {
  if (router.authentication != sender.authentication) return ERROR_AUTH_TYPE;
  if (router.interval != sender.interval) return ERROR_HELLO_INTERVAL;
  if (router.dead != sender.dead) return ERROR_DEAD_INTERVAL;
  // The mask is not looked at on point-to-point and virtual links (RFC 2328 10.5).
  if (router.mask != sender.mask && (router.broadcast | sender.broadcast) != 0) return ERROR_NET_MASK;
  if (((router.options ^ sender.options) & (OPTION_E | OPTION_N)) != 0) return ERROR_OPTION;
  if (sender.authentication == AUTHENTICATION_CRYPTOGRAPHIC && !Frame.isCounted()) {
    const view = findView(router, sender);
    // RFC 2328 D.5.2 (2): lower than the last accepted of a neighbour that is not down.
    if (view !== null && view.state >= ADJACENCY_INIT && sender.cryptoSequence < view.cryptoSequence) return ERROR_CRYPTO_SEQUENCE;
  }
  return 0;
}

function valueOf(cause: u8, side: Interface): u32 {
  if (cause == ERROR_AUTH_TYPE) return side.authentication as u32;
  if (cause == ERROR_HELLO_INTERVAL) return side.interval;
  if (cause == ERROR_DEAD_INTERVAL) return side.dead;
  if (cause == ERROR_NET_MASK) return side.mask;
  if (cause == ERROR_OPTION) return side.options as u32;
  return side.cryptoSequence;
}

function sameSubnet(a: Interface, b: Interface): bool {
  const mask = a.mask & b.mask;
  return (a.address & mask) == (b.address & mask);
}

function report(error: u8, router: Interface, sender: Interface, found: u32, expected: u32): void {
  reportError(error, router.link.context, sender.id, router.id, found, expected);
}
