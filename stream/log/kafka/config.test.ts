import { describe, expect, it } from 'vitest';
import { kafkaConfig, parseKafkaAddress } from './config.ts';

describe('an address', () => {
  it('names brokers, and perhaps a prefix', () => {
    expect(parseKafkaAddress('kafka://127.0.0.1:9092')).toEqual({ brokers: ['127.0.0.1:9092'], prefix: '' });
    expect(parseKafkaAddress('kafka://kafka1:9092,[::1]:9093/site-a.')).toEqual({ brokers: ['kafka1:9092', '[::1]:9093'], prefix: 'site-a.' });
  });

  it.each([
    ['kafka1:9092', /is no kafka:\/\/HOST:PORT/],
    ['kafka://kafka1', /is no HOST:PORT/],
    ['kafka://kafka1:9092/a/b', /other characters/],
    ['kafka://work:secret@kafka1:9092', /^a user name or password has no place in the address/],
  ])('%s is refused', (text, message) => {
    expect(() => parseKafkaAddress(text)).toThrow(message);
  });

  it('is refused without its password in the message', () => {
    expect(() => parseKafkaAddress('kafka://work:secret@kafka1:9092')).not.toThrow(/secret/);
  });
});

describe('settings', () => {
  const brokers = ['kafka1:9092'];
  it.each([
    [{ brokers: [] }, /brokers/],
    [{ brokers, sasl: { username: 'work', password: 'secret' } }, /password/],
    [{ brokers, sasl: { username: 'work', mechanism: 'plain' } }, /it needs tls/],
    [{ brokers, tls: { cert: 'a.pem' } }, /belong together|Invalid input/],
    [{ brokers, prefix: 'a b' }, /other characters/],
  ])('%j are refused', (settings, message) => {
    const { error } = kafkaConfig.safeParse(settings);
    expect(JSON.stringify(error?.issues)).toMatch(message);
  });
});
