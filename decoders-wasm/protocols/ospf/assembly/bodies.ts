/** Whether the body of an LSA can be read, by its type. What is not interpreted is kept raw and always passes. */
import { ExternalLsa } from './external-lsa.ts';
import {
  LSA_EXTERNAL, LSA_NETWORK, LSA_NSSA_EXTERNAL, LSA_ROUTER, LSA_SUMMARY_NETWORK, LSA_SUMMARY_ROUTER, MAX_AGE,
} from './iana.ts';
import { Lsa, LSA_HEADER_BYTES } from './lsa.ts';
import { NetworkLsa } from './network-lsa.ts';
import { RouterLsa } from './router-lsa.ts';
import { SummaryLsa } from './summary-lsa.ts';

/** True when the body of the LSA at `at` has the shape of its type; a flush may come as bare header. */
export function checkBody(at: usize): bool {
  const type = Lsa.type(at);
  if (Lsa.age(at) >= MAX_AGE && Lsa.length(at) == LSA_HEADER_BYTES) return true;
  if (type == LSA_ROUTER) return RouterLsa.check(at);
  if (type == LSA_NETWORK) return NetworkLsa.check(at);
  if (type == LSA_SUMMARY_NETWORK || type == LSA_SUMMARY_ROUTER) return SummaryLsa.check(at);
  if (type == LSA_EXTERNAL || type == LSA_NSSA_EXTERNAL) return ExternalLsa.check(at);
  return true;
}
