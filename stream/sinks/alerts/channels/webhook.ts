/** Alerts as plain JSON by POST, signed as the Standard Webhooks have it where a key is configured. */
import { createHash, createHmac } from 'node:crypto';
import type { AlertChannel, AlertNotice } from '../../../contract/alert.ts';
import { readSecret } from '../../../contract/secret.ts';
import type { WebhookConfig } from './config.ts';
import { post } from './post.ts';
import { rfc3339 } from './times.ts';

/** `{"version":1,"notices":[...]}`: each notice as in `stream/contract/alert.ts`, its times as RFC 3339 with ns. */
export function webhookBody(notices: readonly AlertNotice[]): string {
  return JSON.stringify({
    version: 1,
    notices: notices.map((notice) => ({ ...notice, since: rfc3339(notice.since, 9), changed: rfc3339(notice.changed, 9) })),
  });
}

/** The same for the same notices, whenever they are sent. */
function idOf(notices: readonly AlertNotice[]): string {
  if (notices.length === 1) return notices[0]!.id;
  return createHash('sha256').update(notices.map(({ id }) => id).join()).digest('hex').slice(0, 32);
}

/** Signature of `id.timestamp.body` by HMAC-SHA256 in base64; a key with the prefix `whsec_` is base64, another its own bytes. */
export function webhookSignature(key: string, id: string, timestamp: string, body: string): string {
  const bytes = key.startsWith('whsec_') ? Buffer.from(key.slice(6), 'base64') : Buffer.from(key, 'utf8');
  return `v1,${createHmac('sha256', bytes).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

export function createWebhook(config: WebhookConfig): AlertChannel {
  const { name, url, bearer, signature, caFile, timeoutMs } = config;
  return {
    name,
    async send(notices, signal) {
      const body = webhookBody(notices);
      const id = idOf(notices);
      const timestamp = String(Math.floor(Date.now() / 1000));
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        ...(signature === undefined ? {} : { 'webhook-signature': webhookSignature(readSecret(`channel ${name}, signature`, signature), id, timestamp, body) }),
        ...(bearer === undefined ? {} : { authorization: `Bearer ${readSecret(`channel ${name}, bearer`, bearer)}` }),
      };
      await post({ url, body, headers, caFile, timeoutMs, signal });
    },
    close: () => Promise.resolve(),
  };
}
