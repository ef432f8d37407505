import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestStore, type TestStore } from '../../stream/store/testing.ts';
import { scratch } from '../testing.ts';
import { serverClient } from './client.ts';
import { clickhouseOf, readConfig } from './config.ts';

const place = scratch();
let test: TestStore;
beforeAll(async () => { test = await openTestStore(); });
afterAll(async () => {
  await test.close();
  place.remove();
});

it('a changed password of ClickHouse is taken without a restart, and stands in no message', async () => {
  const passwordFile = place.path('password');
  writeFileSync(passwordFile, `${test.store.writerToken}\n`);
  const config = place.path('routewatch.json');
  writeFileSync(config, JSON.stringify({ clickhouse: { url: test.store.url, username: 'writer', passwordFile } }));
  const client = serverClient(clickhouseOf(undefined, readConfig(config)), { request_timeout: 10_000 });
  try {
    await client.command({ query: 'CREATE DATABASE rotated' });
    writeFileSync(passwordFile, 'hunter2-of-yesterday\n');
    const refused = await client.command({ query: 'CREATE DATABASE never' }).then(() => 'taken', (error: Error) => `${error.message} ${error.stack}`);
    expect(refused).toMatch(/[Aa]uthentication/);
    expect(refused).not.toContain('hunter2');
    writeFileSync(passwordFile, `${test.store.writerToken}\n`);
    await client.command({ query: 'DROP DATABASE rotated' });
  } finally {
    await client.close();
  }
});
