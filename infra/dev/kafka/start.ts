/** `make kafka`: a broker for a person, until Ctrl-C: `node infra/dev/kafka/start.ts [--port N] [--directory DIR]`. */
import { parseArgs } from 'node:util';
import { KafkaBroker } from './broker.ts';

const { values } = parseArgs({ options: { port: { type: 'string' }, directory: { type: 'string' } } });
const asked = new Promise((resolve) => { for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve); });
const broker = await KafkaBroker.start({
  ...values.port === undefined ? {} : { port: Number(values.port) }, ...values.directory === undefined ? {} : { directory: values.directory },
});
console.log(`Kafka ${broker.address} (process ${broker.pid}, ${values.directory === undefined ? 'its data goes with it' : `data in ${broker.directory}`}). Ctrl-C ends it.`);
await asked;
await broker.stop();
