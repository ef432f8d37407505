/** What one part of the configuration file says for another. */
import { expect, it } from 'vitest';
import { alertsOf, upConfig } from './config.ts';

it('links of alerts begin with the page\'s address, unless they have one of their own', () => {
  const url = 'https://routewatch.example';
  expect(alertsOf(upConfig.parse({})).url).toBeUndefined();
  expect(alertsOf(upConfig.parse({ web: { url } })).url).toBe(url);
  expect(alertsOf(upConfig.parse({ web: { url }, alerts: { url: 'https://noc.example' } })).url).toBe('https://noc.example');
});

it.each([[{ host: 'localhost' }, 'web.host'], [{ url: 'ftp://x' }, 'web.url'], [{ limits: { reads: 1 } }, 'web.limits'], [{ tls: true }, 'web']])('mistakes of the part `web` are told with their place: %j', (web, place) => {
  const { error } = upConfig.safeParse({ web });
  expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([place]);
});
