/** Alerts as SNMP notifications: informs (acknowledged) or traps, v2c or v3. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import snmp, { type Session, type User, type Varbind } from 'net-snmp';
import type { AlertChannel, AlertNotice } from '../../../contract/alert.ts';
import { readSecret } from '../../../contract/secret.ts';
import type { SnmpConfig } from './config.ts';
import { reasonOf } from './post.ts';
import { ownNotification, ownObjects } from './snmp-mib.ts';
import { type Notification, standardNotification } from './snmp-standard.ts';

/** What a notice is told as; undefined where `standardOnly` leaves it out. */
export function notificationOf(notice: AlertNotice, enterprise: string | undefined): Notification | undefined {
  const standard = standardNotification(notice);
  if (enterprise === undefined) return standard;
  return standard === undefined ? ownNotification(notice, enterprise) : { oid: standard.oid, objects: [...standard.objects, ...ownObjects(notice, enterprise)] };
}

export function createSnmp(config: SnmpConfig): AlertChannel {
  const { name, host, port, enterprise, timeoutMs } = config;
  return {
    name,
    async send(notices, signal) {
      const wanted = notices.map((notice) => notificationOf(notice, enterprise)).filter((one) => one !== undefined);
      if (wanted.length === 0) return;
      const timed = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const stopped = Promise.withResolvers<never>();
      stopped.promise.catch(() => undefined);
      timed.addEventListener('abort', () => { stopped.reject(timed.reason as Error); }, { once: true });
      try {
        signal.throwIfAborted();
        await Promise.race([notifyAll(config, wanted, timed), stopped.promise]);
      } catch (error) {
        const why = signal.aborted ? 'broken off' : timed.aborted ? `no acknowledgement within ${timeoutMs} ms` : reasonOf(error);
        throw new Error(`snmp ${host}:${port}: ${why}`, { cause: error });
      }
    },
    close: () => Promise.resolve(),
  };
}

/** A session for each sending: after an abort nothing is left but its socket, which is closed. */
async function notifyAll(config: SnmpConfig, notifications: readonly Notification[], signal: AbortSignal): Promise<void> {
  const { address, family } = isIP(config.host) === 0 ? await lookup(config.host) : { address: config.host, family: isIP(config.host) };
  signal.throwIfAborted();
  const session = openSession(config, address, family === 6 ? 'udp6' : 'udp4');
  session.on('error', () => undefined);
  // Closed once: a socket that is closed already throws, and the signal's time ends later than all that went well.
  let isOpen = true;
  const close = (): void => {
    if (isOpen) session.close();
    isOpen = false;
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    for (const { oid, objects } of notifications) await notify(session, config, oid, objects);
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

function notify(session: Session, { notification }: SnmpConfig, oid: string, objects: readonly Varbind[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null): void => { if (error === null) resolve(); else reject(error); };
    const upTime = Math.floor(process.uptime() * 100);
    if (notification === 'trap') session.trap(oid, [...objects], { upTime }, done);
    else session.inform(oid, [...objects], { upTime }, done);
  });
}

function openSession(config: SnmpConfig, address: string, transport: 'udp4' | 'udp6'): Session {
  const { port, version, community, engineId, timeoutMs, notification } = config;
  // An inform is sent again every second until the whole time is over.
  const options = { port, trapPort: port, transport, timeout: 1000, retries: Math.floor(timeoutMs / 1000) };
  if (version === '2c') {
    return snmp.createSession(address, community === undefined ? 'public' : readSecret(`channel ${config.name}, community`, community), { ...options, version: snmp.Version2c });
  }
  const session = snmp.createV3Session(address, userOf(config), { ...options, version: snmp.Version3, ...(engineId === undefined ? {} : { engineID: engineId }) });
  if (notification === 'trap') tellEngineTime(session);
  return session;
}

function userOf({ name, user }: SnmpConfig): User {
  const { auth, authPassword, priv, privPassword } = user!;
  return {
    name: user!.name,
    level: priv !== undefined ? snmp.SecurityLevel.authPriv : auth !== undefined ? snmp.SecurityLevel.authNoPriv : snmp.SecurityLevel.noAuthNoPriv,
    ...(auth === undefined ? {} : { authProtocol: snmp.AuthProtocols[auth], authKey: readSecret(`channel ${name}, user.authPassword`, authPassword!) }),
    ...(priv === undefined ? {} : { privProtocol: snmp.PrivProtocols[priv], privKey: readSecret(`channel ${name}, user.privPassword`, privPassword!) }),
  };
}

/** Seconds since 1970 at which the count of our engine's starts begins: it must fit 31 bits, and grow with each start. */
const FIRST_BOOT_S = 1_704_067_200;
const bootedAt = Date.now() - performance.now();

/**
 * The sender of a trap is its authoritative engine (RFC 3414, section 2.3), and net-snmp puts 0 for its boots and time: a
 * receiver would refuse all that comes 150 s after the first. Ours are the time of the start and the seconds since then.
 */
function tellEngineTime(session: Session): void {
  const send = session.send.bind(session);
  session.send = (request, noWait) => {
    const parameters = request.message.msgSecurityParameters;
    if (parameters !== undefined) {
      parameters.msgAuthoritativeEngineBoots = Math.floor(bootedAt / 1000) - FIRST_BOOT_S;
      parameters.msgAuthoritativeEngineTime = Math.floor(performance.now() / 1000);
    }
    return send(request, noWait);
  };
}
