/** One module instance behind the ABI: copies chunks in and rows out, synchronously, in the thread that it is in. */
import { countRows } from '../contract/row-reader.ts';
import { type DecoderExports, PROCESS_DONE, PROCESS_FRAMING, PROCESS_FULL, abiVersion } from '../contract/abi.ts';
import { adviseHugePages } from './huge-pages.ts';
