/** What the bench times of RouteWatch: `node infra/bench/decode.ts FILE`: capture, classifier, decoder, RIB diff, rows; counts as JSON. */
import { tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { decodeCaptures } from '../lab/decode.ts';

/** Rows by table of a capture, each row in memory as RowBinary as it goes to the log, then let go. */
export async function countRows(file: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  await decodeCaptures([file], { lendRows: true }, (stretch) => {
    for (const block of stretch.blocks) {
      const { name } = tableOf(block.table);
      counts[name] = (counts[name] ?? 0) + block.rows;
    }
  });
  return counts;
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await countRows(process.argv[2]!))}\n`);
