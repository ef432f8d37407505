/** The configuration of the test broker: one node, no replication, quick to start and to come back. */
import { join } from 'node:path';
import type { Certificates } from './certificates.ts';

export interface PropertyOptions {
  readonly directory: string;
  /** Without encryption, controller, SASL_SSL, client certificates. */
  readonly ports: readonly number[];
  readonly certificates: Certificates | undefined;
  readonly acls: boolean;
}

/** `server.properties`. */
export function brokerProperties({ directory, ports, certificates, acls }: PropertyOptions): string {
  const [plain, controller, sasl, mtls] = ports.map((port) => `127.0.0.1:${port}`);
  const listeners = [`PLAINTEXT://${plain}`, ...certificates === undefined ? [] : [`SASL://${sasl}`, `MTLS://${mtls}`]];
  const settings: Readonly<Record<string, string | number | boolean>> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${controller}`,
    'controller.listener.names': 'CONTROLLER',
    'listeners': [...listeners, `CONTROLLER://${controller}`].join(','),
    'advertised.listeners': listeners.join(','),
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_SSL,MTLS:SSL',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(directory, 'data'),
    'auto.create.topics.enable': false,
    'group.initial.rebalance.delay.ms': 0,
    // After kill -9 the broker's own former registration is in its way until this has passed.
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    ...Object.fromEntries(['offsets.topic', 'transaction.state.log', 'share.coordinator.state.topic'].flatMap((topic) => [
      [`${topic}.replication.factor`, 1], [`${topic}.num.partitions`, 4], [`${topic}.min.isr`, 1],
    ])),
    ...certificates === undefined ? {} : secureSettings(certificates),
    ...acls ? {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer', 'super.users': 'User:ANONYMOUS;User:admin',
      'allow.everyone.if.no.acl.found': false,
    } : {},
  };
  return Object.entries(settings).map(([key, value]) => `${key}=${value}\n`).join('');
}

function secureSettings({ ca, server }: Certificates): Readonly<Record<string, string>> {
  return {
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.sasl.scram-sha-512.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'ssl.keystore.type': 'PEM', 'ssl.keystore.location': server,
    'ssl.truststore.type': 'PEM', 'ssl.truststore.location': ca,
    'listener.name.mtls.ssl.client.auth': 'required',
    'listener.name.mtls.ssl.principal.mapping.rules': 'RULE:^CN=([^,]+).*$/$1/,DEFAULT',
  };
}

/** `log4j2.properties`: all to standard output. */
export const logProperties = `appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c: %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`;
