/** Reads for the API: `{"what":"sessions"}` and `{"what":"rib"}` (counts of each direction and family). */
import { Json } from '../../../base/assembly/json.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Rows } from './rows.ts';
import { Session, Sessions } from './state.ts';

const QUERY_UNKNOWN: i32 = 1;

@unmanaged
export class Query {
  /** Answers the request of `length` bytes at `at`; 0, or QUERY_UNKNOWN. */
  static answer(at: usize, length: u32): i32 {
    const sessions = Query.asks(at, length, '"sessions"');
    if (!sessions && !Query.asks(at, length, '"rib"')) return QUERY_UNKNOWN;
    Json.begin();
    Json.openArray();
    for (let handle: u32 = 1; handle <= Sessions.table.highest; handle++) {
      if (!Sessions.table.isLive(handle)) continue;
      if (sessions) Query.session(Sessions.at(handle));
      else Query.rib(Sessions.at(handle));
    }
    Json.closeArray();
    return 0;
  }

  /** Whether the request contains a static ASCII word. */
  private static asks(at: usize, length: u32, word: string): bool {
    const size = word.length as u32;
    for (let i: u32 = 0; i + size <= length; i++) {
      let k: u32 = 0;
      while (k < size && load<u8>(at + i + k) == (load<u16>(changetype<usize>(word) + (k << 1)) as u8)) k++;
      if (k == size) return true;
    }
    return false;
  }

  private static address(name: string, at: usize): void {
    Json.key(name);
    Text.begin();
    Rows.address(at);
    Json.scratch();
  }

  private static session(session: Session): void {
    Json.open();
    Query.address('low', session.low());
    Query.address('high', session.high());
    Json.key('states');
    Json.openArray();
    Json.number(session.state0);
    Json.number(session.state1);
    Json.closeArray();
    Json.key('refused-connects');
    Json.number(session.refusedConnects);
    Json.key('other-families');
    Json.number(session.otherFamilies);
    Json.close();
  }

  private static rib(session: Session): void {
    for (let direction: u32 = 0; direction < 2; direction++) {
      for (let family: u32 = 0; family < 2; family++) {
        const rib = session.rib(direction, family);
        Json.open();
        Query.address('sender', session.address(direction));
        Query.address('receiver', session.address(1 - direction));
        Json.key('afi-safi');
        Json.word(family == 0 ? 'ipv4-unicast' : 'ipv6-unicast');
        Json.key('routes');
        Json.number(rib.count);
        Json.key('stale');
        Json.number(rib.stale);
        Json.close();
      }
    }
  }
}
