/** The health server: who may ask what, what it answers, and text that Prometheus reads. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Health, parseHealthAddress, prometheusText, startHealth } from './health.ts';

let health: Health | undefined;
afterEach(() => health?.stop());

const ask = async (path: string, init: RequestInit = {}): Promise<[number, string]> => {
  const answer = await fetch(`${health!.url}${path}`, init);
  return [answer.status, await answer.text()];
};

describe('health', () => {
  it('lives from the start, and is ready when its part says so', async () => {
    health = await startHealth('0');
    expect(health.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await ask('/livez')).toEqual([200, 'ok\n']);
    expect(await ask('/readyz')).toEqual([503, 'not ready: it starts\n']);
    let why: string | undefined = 'it waits';
    health.tell({ notReady: () => why, metrics: () => [{ name: 'routewatch_x_total', help: 'X', type: 'counter', samples: [{ labels: {}, value: 3 }] }] });
    expect(await ask('/readyz')).toEqual([503, 'not ready: it waits\n']);
    why = undefined;
    expect(await ask('/readyz?verbose')).toEqual([200, 'ok\n']);
    expect((await ask('/metrics'))[1]).toMatch(/^# HELP process_cpu_seconds_total .+[^]*\n# HELP routewatch_x_total X\n# TYPE routewatch_x_total counter\nroutewatch_x_total 3\n$/);
  });

  it('answers nothing else, and changes nothing', async () => {
    health = await startHealth('127.0.0.1:0');
    expect(await ask('/')).toEqual([404, '/livez, /readyz or /metrics\n']);
    expect(await ask('/constructor')).toMatchObject([404, expect.anything()]);
    expect(await ask('/readyz', { method: 'POST', body: 'x' })).toEqual([405, 'GET only\n']);
    expect(await ask('/livez', { method: 'HEAD' })).toEqual([200, '']);
  });

  it('says what an address should be', () => {
    expect(['9464', '0.0.0.0:9464', '[::]:9464', 'localhost:80'].map(parseHealthAddress)).toEqual([
      { host: '127.0.0.1', port: 9464 }, { host: '0.0.0.0', port: 9464 }, { host: '::', port: 9464 }, { host: 'localhost', port: 80 },
    ]);
    for (const bad of ['', 'x', '70000', 'http://a:1', 'a:b', '::1:80']) expect(() => parseHealthAddress(bad), bad).toThrow(`--health ${bad} is no PORT and no HOST:PORT`);
  });

  it('writes names that somebody else chose so that they stay within their label', () => {
    const text = prometheusText([{ name: 'm', help: 'M', type: 'gauge', samples: [{ labels: { tap: 'a"b\\c\nd' }, value: 0.5 }] }]);
    expect(text).toBe('# HELP m M\n# TYPE m gauge\nm{tap="a\\"b\\\\c\\nd"} 0.5\n');
  });
});
