/** The one scale of severities, and what each kind of receiver calls its steps. */
import { SeverityNumber } from '@opentelemetry/api';
import type { Severity } from '../../contract/alert.ts';

/** A severity in the words and numbers of those who are told. */
export interface SeverityWords {
  /** Value of the label `severity` at Alertmanager and in Prometheus rules. */
  readonly prometheus: string;
  /** SeverityNumber and SeverityText of OpenTelemetry's log data model. */
  readonly openTelemetry: { readonly number: SeverityNumber; readonly text: string };
  /** Severity of RFC 5424, section 6.2.1. */
  readonly syslog: number;
}

/** All severities, the gravest first, each with its words. */
export const severities: Readonly<Record<Severity, SeverityWords>> = {
  critical: { prometheus: 'critical', openTelemetry: { number: SeverityNumber.FATAL, text: 'FATAL' }, syslog: 2 },
  error: { prometheus: 'error', openTelemetry: { number: SeverityNumber.ERROR, text: 'ERROR' }, syslog: 3 },
  warning: { prometheus: 'warning', openTelemetry: { number: SeverityNumber.WARN, text: 'WARN' }, syslog: 4 },
  info: { prometheus: 'info', openTelemetry: { number: SeverityNumber.INFO, text: 'INFO' }, syslog: 6 },
};
