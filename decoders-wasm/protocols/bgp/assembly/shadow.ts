/** The shadow of a session: what each end believes of it (rules B1-B5, B7, B8), and which UPDATEs count. */
import { Contexts, Frame } from '../../../base/assembly/frame.ts';
import {
  MARK_REASON_END_OF_RIB_SWEEP, MARK_REASON_FAMILY_NOT_RENEGOTIATED, MARK_REASON_FORWARDING_STATE_LOST,
  MARK_REASON_GRACEFUL_RESTART, MARK_REASON_SESSION_DOWN, MARK_REASON_STREAM_GAP, SESSION_CONNECT, SESSION_ESTABLISHED,
  SESSION_IDLE, SESSION_OPENCONFIRM, SESSION_OPENSENT, SESSION_REASON_CHANGED_WHILE_BLIND, SESSION_REASON_CONNECTION_COLLISION,
  SESSION_REASON_CONNECTION_OPENED, SESSION_REASON_FIRST_SEEN, SESSION_REASON_KEEPALIVE_RECEIVED, SESSION_REASON_NEW_CONNECTION,
  SESSION_REASON_NOTIFICATION_RECEIVED, SESSION_REASON_NOTIFICATION_SENT, SESSION_REASON_OPEN_RECEIVED, SESSION_REASON_OPEN_SENT,
  SESSION_REASON_TCP_FIN, SESSION_REASON_TCP_RST, SESSION_UNKNOWN,
} from '../../../base/assembly/generated/constants.ts';
import { Attributes } from './attributes.ts';
import { Capabilities } from './capabilities.ts';
import { Deadlines } from './deadlines.ts';
import {
  CEASE_COLLISION, CEASE_HARD_RESET, ERROR_CEASE, MESSAGE_KEEPALIVE, MESSAGE_NOTIFICATION, MESSAGE_OPEN, MESSAGE_ROUTE_REFRESH,
  MESSAGE_UPDATE, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN,
} from './iana.ts';
import { Inference } from './inference.ts';
import { Notification } from './notification.ts';
import { Open } from './open.ts';
import { Rib } from './rib.ts';
import { Rows } from './rows.ts';
import { Segment, SEGMENT_OK } from './segment.ts';
import {
  ACK_KNOWN, CLOSED, COLLIDES, Connection, Direction, HANDSHAKE_DONE, HAS_AS4, HAS_GRACEFUL_RESTART, HAS_NOTIFICATION_BIT, HIDDEN, KEEPALIVE_SEEN, LEFT,
  NEXT_KNOWN, OPEN_SEEN, RIB_COMPLETE, RIB_OPEN, RIB_STALE, SEEN, Session, Sessions, SLOTS, SUSPECT, SYN_SEEN, SYNCED,
} from './state.ts';
import { Stream } from './stream.ts';
import { FAMILY_OTHER, Update } from './update.ts';

const SECOND: i64 = 1_000_000_000;
const NONE: Connection = changetype<Connection>(0);

@unmanaged
export class Shadow {
  static handle: u32 = 0;
  /** SYNs that nobody answered, and connections closed before both OPENs. */
  static refusedConnects: u64 = 0;
  static refusedSessions: u64 = 0;
  static updates: u64 = 0;

  /** Handles the frame under the decoder. */
  static onFrame(): void {
    Rows.frame();
    const problem = Segment.parse();
    if (problem != SEGMENT_OK) {
      Rows.quarantine('bgp.tcp-header', 0);
      return;
    }
    const shadow = Contexts.shadow(Frame.context());
    let handle = Sessions.find(shadow);
    if (handle == 0) {
      // A lone RST or bare ACK proves no session.
      if ((Segment.flags & TCP_RST) != 0 || (Segment.declared == 0 && (Segment.flags & TCP_SYN) == 0)) return;
      handle = Sessions.create(shadow, Segment.low, Segment.high);
      if (handle == 0) {
        Shadow.refusedSessions += 1;
        return;
      }
    }
    const session = Sessions.at(handle);
    Shadow.handle = handle;
    session.context = Frame.context();
    session.addTap(Frame.tap() as u16);
    if (Deadlines.mayBeSuspended) Deadlines.resume(session);
    Stream.session = session;
    Stream.which = Segment.direction;
    const connection = (Segment.flags & TCP_SYN) != 0 ? Shadow.onSyn(session) : Shadow.find(session);
    if (changetype<usize>(connection) == 0) return;
    Stream.connection = connection;
    Shadow.onSegment(session, connection);
  }

  /** The connection of the segment's ports; one that was joined midway is made for data. */
  private static find(session: Session): Connection {
    const known = Shadow.lookUp(session);
    if (changetype<usize>(known) != 0) return known;
    if (Segment.declared == 0 || (Segment.flags & (TCP_RST | TCP_FIN)) != 0) return NONE;
    // Beside a live connection that was seen from its start, an unknown one proves nothing.
    for (let i: u32 = 0; i < SLOTS; i++) {
      const other = session.connection(i);
      if (changetype<usize>(other) == 0) continue;
      if (other.direction(0).state == SESSION_ESTABLISHED && other.direction(1).state == SESSION_ESTABLISHED) return NONE;
    }
    const connection = Sessions.addConnection(session);
    if (changetype<usize>(connection) == 0) return NONE;
    connection.lowPort = Segment.lowPort;
    connection.highPort = Segment.highPort;
    connection.midway = 1;
    return connection;
  }

  private static lookUp(session: Session): Connection {
    let found = NONE;
    for (let i: u32 = 0; i < SLOTS; i++) {
      const connection = session.connection(i);
      if (changetype<usize>(connection) == 0 || connection.lowPort != Segment.lowPort || connection.highPort != Segment.highPort) continue;
      if (changetype<usize>(found) == 0 || connection.serial > found.serial) found = connection;
    }
    return found;
  }

  /** SYN or SYN-ACK: the connection they belong to, made when it is new (rule B1: 4-tuple and initial sequence numbers). */
  private static onSyn(session: Session): Connection {
    let connection = Shadow.lookUp(session);
    const answer = (Segment.flags & TCP_ACK) != 0;
    if (changetype<usize>(connection) != 0) {
      const mine = connection.direction(Segment.direction);
      if ((mine.flags & SYN_SEEN) != 0 && mine.isn == Segment.sequence) return connection;
      const live = mine.state > SESSION_IDLE || connection.direction(1 - Segment.direction).state > SESSION_IDLE;
      // RFC 5961 section 4: a SYN inside a live connection is only challenged.
      if (live) return NONE;
      const first = (mine.flags & (SYN_SEEN | NEXT_KNOWN)) == 0;
      if (!(answer && first)) {
        Shadow.retire(connection);
        connection = NONE;
      }
    }
    if (changetype<usize>(connection) == 0) {
      connection = Sessions.addConnection(session);
      if (changetype<usize>(connection) == 0) return NONE;
      connection.lowPort = Segment.lowPort;
      connection.highPort = Segment.highPort;
    }
    const mine = connection.direction(Segment.direction);
    mine.flags |= SYN_SEEN | NEXT_KNOWN | SYNCED;
    mine.isn = Segment.sequence;
    mine.nextSequence = Segment.sequence + 1;
    mine.scale = Segment.scale < 0 ? 255 : Segment.scale as u8;
    mine.synTime = Frame.time();
    // A SYN proves that its end is not in a session on this connection yet.
    if (session.state0 == SESSION_UNKNOWN && session.state1 == SESSION_UNKNOWN) {
      session.state0 = SESSION_IDLE;
      session.state1 = SESSION_IDLE;
    }
    return connection;
  }

  /** A closed connection whose ports are used again. */
  private static retire(connection: Connection): void {
    connection.lowPort = 0;
    connection.highPort = 0;
    Sessions.empty(connection);
  }

  private static onSegment(session: Session, connection: Connection): void {
    const which = Segment.direction;
    const mine = connection.direction(which);
    const other = connection.direction(1 - which);
    mine.flags = (mine.flags | SEEN) & ~HIDDEN;
    if ((Segment.flags & TCP_RST) != 0) {
      if (Stream.inWindow(mine, other, Segment.sequence) || Shadow.answersSyn(mine, other)) {
        Shadow.closed(session, connection, which, SESSION_REASON_TCP_RST);
      }
      return;
    }
    if ((Segment.flags & TCP_ACK) != 0) Stream.acknowledge(mine, other);
    if ((Segment.flags & TCP_SYN) != 0) return;
    Shadow.onHandshake(session, connection, which);
    Stream.take(mine, other);
    if ((Segment.flags & TCP_FIN) != 0 && Stream.inWindow(mine, other, Segment.sequence + Segment.declared)) {
      Shadow.closed(session, connection, which, SESSION_REASON_TCP_FIN);
    }
  }

  /** RST with ACK that refuses a SYN. */
  private static answersSyn(mine: Direction, other: Direction): bool {
    return (mine.flags & NEXT_KNOWN) == 0 && (other.flags & SYN_SEEN) != 0 && Segment.acknowledgement == other.isn + 1;
  }

  /** The ACK that completes the handshake proves that the SYN was its end's own: it leaves an older session (rule B3). */
  private static onHandshake(session: Session, connection: Connection, which: u32): void {
    const mine = connection.direction(which);
    const other = connection.direction(1 - which);
    if ((mine.flags & HANDSHAKE_DONE) != 0 || (mine.flags & other.flags & SYN_SEEN) == 0) return;
    if (mine.synTime > other.synTime || Segment.acknowledgement != other.nextSequence) return;
    mine.flags |= HANDSHAKE_DONE;
    if (mine.state < SESSION_CONNECT) mine.state = SESSION_CONNECT;
    if (session.state(which) != SESSION_ESTABLISHED || (mine.flags & COLLIDES) != 0) return;
    Shadow.leaveOlder(session, connection, which, false, mine.synTime);
  }

  /** `end` is established on an older connection and leaves it for this one. */
  private static leaveOlder(session: Session, connection: Connection, end: u32, graceful: bool, time: i64): void {
    for (let i: u32 = 0; i < SLOTS; i++) {
      const old = session.connection(i);
      if (changetype<usize>(old) == 0 || old == connection || old.direction(end).state != SESSION_ESTABLISHED) continue;
      Rows.clearNotification();
      Shadow.leave(session, old, end, SESSION_REASON_NEW_CONNECTION, graceful, time);
    }
  }

  /** FIN or RST sent by `which`: both ends leave; the other end may keep stale routes (RFC 4724 section 4.2). */
  private static closed(session: Session, connection: Connection, which: u32, reason: u8): void {
    const mine = connection.direction(which);
    const other = connection.direction(1 - which);
    if (((mine.flags | other.flags) & CLOSED) == 0 && !Capabilities.negotiated(connection)
      && mine.state < SESSION_ESTABLISHED && other.state < SESSION_ESTABLISHED) {
      session.refusedConnects += 1;
      Shadow.refusedConnects += 1;
    }
    mine.flags |= CLOSED;
    Rows.clearNotification();
    Shadow.leave(session, connection, which, reason, false, 0);
    Shadow.leave(session, connection, 1 - which, reason, true, 0);
  }

  /** One whole message of the present direction. */
  static onMessage(at: usize, length: u32): void {
    const session = Stream.session;
    const connection = Stream.connection;
    const which = Stream.which;
    const mine = connection.direction(which);
    if ((mine.flags & CLOSED) != 0) return;
    const type = load<u8>(at, 18);
    if (type == MESSAGE_UPDATE) Shadow.onUpdate(session, connection, which, at, length);
    else if (type == MESSAGE_KEEPALIVE) Shadow.onKeepalive(session, connection, which);
    else if (type == MESSAGE_OPEN) Shadow.onOpen(session, connection, which, at, length);
    else if (type == MESSAGE_NOTIFICATION) Shadow.onNotification(session, connection, which, at, length);
    else if (type == MESSAGE_ROUTE_REFRESH) Shadow.onRouteRefresh(session, connection, which);
    else Rows.protocolError(session, which, 'bgp.unknown_message_type');
  }

  private static onOpen(session: Session, connection: Connection, which: u32, at: usize, length: u32): void {
    const mine = connection.direction(which);
    const other = connection.direction(1 - which);
    if (!Open.parse(at, length)) {
      Rows.quarantine('bgp.open', Open.errorAt);
      return;
    }
    if ((mine.flags & OPEN_SEEN) != 0 || mine.state >= SESSION_OPENCONFIRM) {
      Rows.protocolError(session, which, 'bgp.unexpected_open');
      return;
    }
    Open.store(mine);
    mine.flags |= OPEN_SEEN;
    mine.openTime = Frame.time();
    mine.state = SESSION_OPENSENT;
    Rows.identity(mine, Open.hostname, Open.hostnameLength);
    if ((other.flags & OPEN_SEEN) == 0) return;
    // Attempts without a second OPEN are a counter (rule B2); now it is one, told from its beginning.
    const first = mine.openTime < other.openTime ? which : 1 - which;
    Shadow.lift(session, connection, first);
    Shadow.lift(session, connection, 1 - first);
  }

  private static onKeepalive(session: Session, connection: Connection, which: u32): void {
    const mine = connection.direction(which);
    mine.flags |= KEEPALIVE_SEEN;
    if (!Capabilities.negotiated(connection)) {
      Shadow.joinMidway(session, connection);
      return;
    }
    if (mine.state == SESSION_OPENSENT) {
      // It accepts the new connection: an older session is over for it, too.
      if (session.state(which) == SESSION_ESTABLISHED) Shadow.leaveOlder(session, connection, which, true, 0);
      mine.state = SESSION_OPENCONFIRM;
      Shadow.lift(session, connection, which);
    }
    Shadow.establish(session, connection, 1 - which);
    Shadow.establish(session, connection, which);
  }

  /** `end` has sent its KEEPALIVE and has the other's: established (rule B2). */
  private static establish(session: Session, connection: Connection, end: u32): void {
    const mine = connection.direction(end);
    const other = connection.direction(1 - end);
    if (mine.state != SESSION_OPENCONFIRM || (other.flags & KEEPALIVE_SEEN) == 0) return;
    mine.state = SESSION_ESTABLISHED;
    Shadow.markCollisions(session, connection, end);
    Shadow.lift(session, connection, end);
    Shadow.startHold(other);
    for (let family: u32 = 0; family < 2; family++) Shadow.openRib(session, connection, end, family);
    Deadlines.changed();
  }

  /** What `end` has opened beside this connection, on which it is established now: a SYN from before ends no session. */
  private static markCollisions(session: Session, connection: Connection, end: u32): void {
    for (let i: u32 = 0; i < SLOTS; i++) {
      const other = session.connection(i);
      if (changetype<usize>(other) == 0 || other == connection) continue;
      const mine = other.direction(end);
      if ((mine.flags & SYN_SEEN) != 0) mine.flags |= COLLIDES;
    }
  }

  private static startHold(direction: Direction): void {
    direction.lastAcknowledged = Frame.boot();
    direction.lastOffset = Frame.batchOffset;
    direction.lastIndex = Frame.index;
    direction.lastTap = Frame.tap();
  }

  /** The table of what `end` receives begins: stale routes are kept only as the sender's new OPEN says (RFC 4724 section 4.2). */
  private static openRib(session: Session, connection: Connection, end: u32, family: u32): void {
    const sender = connection.direction(1 - end);
    const rib = session.rib(1 - end, family);
    if ((rib.flags & RIB_STALE) != 0) {
      const bit: u8 = family == 0 ? 1 : 2;
      const listed = Capabilities.family(connection, family) && (sender.grFamilies & bit) != 0;
      if (!listed) Rib.sweep(Shadow.handle, session, 1 - end, family, MARK_REASON_FAMILY_NOT_RENEGOTIATED);
      else if ((sender.grForwarding & bit) == 0) Rib.sweep(Shadow.handle, session, 1 - end, family, MARK_REASON_FORWARDING_STATE_LOST);
      rib.deadline = 0;
    }
    if (Capabilities.family(connection, family)) rib.flags |= RIB_OPEN;
    if ((sender.flags & SUSPECT) == 0) rib.flags |= RIB_COMPLETE;
  }

  /** Rule B7: a message other than OPEN where the OPENs were not seen proves that the session is established. */
  private static joinMidway(session: Session, connection: Connection): void {
    if (Shadow.isOutlived(session, connection)) return;
    for (let end: u32 = 0; end < 2; end++) {
      const mine = connection.direction(end);
      if (mine.state == SESSION_ESTABLISHED || (mine.flags & (CLOSED | LEFT)) != 0) continue;
      if (connection.midway == 0 && (mine.flags & SUSPECT) == 0 && (connection.direction(1 - end).flags & SUSPECT) == 0
        && (mine.flags & OPEN_SEEN) == 0 && (connection.direction(1 - end).flags & OPEN_SEEN) == 0) return;
      Shadow.leaveOlder(session, connection, end, false, 0);
      mine.state = SESSION_ESTABLISHED;
      const before = session.state(end);
      if (before == SESSION_ESTABLISHED) continue;
      Rows.clearNotification();
      session.setState(end, SESSION_ESTABLISHED);
      Rows.session(session, connection, end, before, SESSION_ESTABLISHED,
        before == SESSION_UNKNOWN ? SESSION_REASON_FIRST_SEEN : SESSION_REASON_CHANGED_WHILE_BLIND, 0);
      for (let family: u32 = 0; family < 2; family++) {
        const rib = session.rib(1 - end, family);
        rib.flags = (rib.flags | RIB_OPEN) & ~RIB_COMPLETE;
      }
    }
  }

  /** Whether a younger connection carries the session (rule B4). */
  private static isOutlived(session: Session, connection: Connection): bool {
    for (let i: u32 = 0; i < SLOTS; i++) {
      const other = session.connection(i);
      if (changetype<usize>(other) == 0 || other.serial <= connection.serial) continue;
      if (other.direction(0).state == SESSION_ESTABLISHED || other.direction(1).state == SESSION_ESTABLISHED) return true;
    }
    return false;
  }

  /** Raises an end's view to its state on this connection, one row a step, each at its own time. */
  private static lift(session: Session, connection: Connection, end: u32): void {
    const mine = connection.direction(end);
    Rows.clearNotification();
    let view = session.state(end);
    if (view < SESSION_CONNECT && mine.state >= SESSION_CONNECT && (mine.flags & HANDSHAKE_DONE) != 0) {
      Rows.session(session, connection, end, view, SESSION_CONNECT, SESSION_REASON_CONNECTION_OPENED, mine.synTime);
      view = SESSION_CONNECT;
    }
    if (view < SESSION_OPENSENT && mine.state >= SESSION_OPENSENT) {
      Rows.session(session, connection, end, view, SESSION_OPENSENT, SESSION_REASON_OPEN_SENT, mine.openTime);
      view = SESSION_OPENSENT;
    }
    if (view < SESSION_OPENCONFIRM && mine.state >= SESSION_OPENCONFIRM) {
      Rows.session(session, connection, end, view, SESSION_OPENCONFIRM, SESSION_REASON_OPEN_RECEIVED, 0);
      view = SESSION_OPENCONFIRM;
    }
    if (view < SESSION_ESTABLISHED && mine.state >= SESSION_ESTABLISHED) {
      Rows.session(session, connection, end, view, SESSION_ESTABLISHED, SESSION_REASON_KEEPALIVE_RECEIVED, 0);
      view = SESSION_ESTABLISHED;
    }
    session.setState(end, view);
  }

  /** `end` gives this connection up. Its view falls to the best of its other connections; its table goes, or goes stale. */
  static leave(session: Session, connection: Connection, end: u32, reason: u8, graceful: bool, time: i64): void {
    const mine = connection.direction(end);
    const before = mine.state;
    mine.state = SESSION_IDLE;
    if (before <= SESSION_IDLE) return;
    if (before == SESSION_ESTABLISHED) {
      mine.flags |= LEFT;
      Rows.session(session, connection, end, SESSION_ESTABLISHED, SESSION_IDLE, reason, time);
      session.setState(end, SESSION_IDLE);
      for (let family: u32 = 0; family < 2; family++) Shadow.closeRib(session, connection, end, family, graceful);
      Shadow.liftOthers(session, connection, end);
      Deadlines.changed();
      return;
    }
    if (!Capabilities.negotiated(connection)) return;
    const best = Shadow.best(session, end);
    const view = session.state(end);
    if (view <= best || view > before) return;
    Rows.session(session, connection, end, view, SESSION_IDLE, reason, time);
    session.setState(end, SESSION_IDLE);
    Shadow.liftOthers(session, connection, end);
  }

  private static best(session: Session, end: u32): u8 {
    let best: u8 = SESSION_IDLE;
    for (let i: u32 = 0; i < SLOTS; i++) {
      const other = session.connection(i);
      if (changetype<usize>(other) == 0) continue;
      const state = other.direction(end).state;
      if (state == SESSION_ESTABLISHED || Capabilities.negotiated(other)) best = max<u8>(best, state);
    }
    return best;
  }

  private static liftOthers(session: Session, connection: Connection, end: u32): void {
    for (let i: u32 = 0; i < SLOTS; i++) {
      const other = session.connection(i);
      if (changetype<usize>(other) == 0 || other == connection || !Capabilities.negotiated(other)) continue;
      Shadow.lift(session, other, end);
    }
  }

  /** Rule B5: what `end` received is flushed, or marked stale where graceful restart holds. */
  private static closeRib(session: Session, connection: Connection, end: u32, family: u32, graceful: bool): void {
    const rib = session.rib(1 - end, family);
    if ((rib.flags & RIB_OPEN) == 0 && rib.count == 0) return;
    const sender = connection.direction(1 - end);
    const receiver = connection.direction(end);
    const bit: u8 = family == 0 ? 1 : 2;
    rib.flags &= ~(RIB_OPEN | RIB_COMPLETE);
    // RFC 4724 section 4.2: the receiver has the capability, the sender listed the family.
    if (graceful && (receiver.capabilities & HAS_GRACEFUL_RESTART) != 0 && (sender.grFamilies & bit) != 0) {
      Rib.markStale(Shadow.handle, session, 1 - end, family, MARK_REASON_GRACEFUL_RESTART);
      rib.longLived = (sender.llgrFamilies & receiver.llgrFamilies & bit) == 0 ? 0
        : family == 0 ? sender.llgrTime4 : sender.llgrTime6;
      Deadlines.setRestart(rib, (sender.restartTime as i64) * SECOND);
      return;
    }
    Rib.flush(Shadow.handle, session, 1 - end, family, MARK_REASON_SESSION_DOWN);
  }

  private static onNotification(session: Session, connection: Connection, which: u32, at: usize, length: u32): void {
    const mine = connection.direction(which);
    const other = connection.direction(1 - which);
    Notification.parse(at, length);
    const collision = Notification.code == ERROR_CEASE && Notification.subcode == CEASE_COLLISION
      && mine.state < SESSION_ESTABLISHED;
    // RFC 8538 section 2: with the N bit from both, only a hard reset ends what graceful restart keeps.
    const kept = (mine.capabilities & other.capabilities & HAS_NOTIFICATION_BIT) != 0
      && !(Notification.code == ERROR_CEASE && Notification.subcode == CEASE_HARD_RESET);
    const live = mine.state > SESSION_IDLE || other.state > SESSION_IDLE;
    if (live && !Capabilities.negotiated(connection)) {
      session.refusedConnects += 1;
      Shadow.refusedConnects += 1;
    }
    Shadow.tellNotification();
    Shadow.leave(session, connection, which, collision ? SESSION_REASON_CONNECTION_COLLISION : SESSION_REASON_NOTIFICATION_SENT, kept, 0);
    Shadow.tellNotification();
    Shadow.leave(session, connection, 1 - which,
      collision ? SESSION_REASON_CONNECTION_COLLISION : SESSION_REASON_NOTIFICATION_RECEIVED, kept, 0);
    Rows.clearNotification();
    mine.flags |= CLOSED;
  }

  /** The next rows are due to the NOTIFICATION at hand. */
  private static tellNotification(): void {
    Rows.code = Notification.code;
    Rows.subcode = Notification.subcode;
    Rows.textAt = Notification.textAt;
    Rows.textLength = Notification.textLength;
  }

  /** RFC 2918, RFC 7313: without both of BoRR and EoRR nothing is removed (rule B6). */
  private static onRouteRefresh(session: Session, connection: Connection, which: u32): void {
    if (!Capabilities.negotiated(connection)) Shadow.joinMidway(session, connection);
  }

  private static onUpdate(session: Session, connection: Connection, which: u32, at: usize, length: u32): void {
    const mine = connection.direction(which);
    const other = connection.direction(1 - which);
    Shadow.updates += 1;
    const negotiated = Capabilities.negotiated(connection);
    if (!negotiated) Shadow.joinMidway(session, connection);
    // An UPDATE stands for the KEEPALIVE that a gap has hidden.
    else if (other.state == SESSION_OPENCONFIRM) Shadow.onKeepalive(session, connection, which);
    // A receiver that has left this connection takes no more of it (rules B3, B4).
    if (other.state != SESSION_ESTABLISHED) return;
    if (negotiated) Shadow.useNegotiated(mine, other);
    else Shadow.useInferred(session, mine, which, at, length);
    if (!Update.parse(at, length)) {
      Rows.quarantine(Update.fatalText(), (Update.fatalAt - at) as u32);
      return;
    }
    for (let i: u32 = 0; i < Attributes.errorCount; i++) Rows.protocolError(session, which, Attributes.errorText(i));
    const family = Update.endOfRib();
    if (family >= 0) {
      if (family < (FAMILY_OTHER as i32)) Rib.sweep(Shadow.handle, session, which, family as u32, MARK_REASON_END_OF_RIB_SWEEP);
      return;
    }
    Rib.apply(Shadow.handle, session, which);
  }

  static useNegotiated(sender: Direction, receiver: Direction): void {
    Attributes.fourBytes = (sender.capabilities & receiver.capabilities & HAS_AS4) != 0;
    Attributes.kind = sender.asNumber == receiver.asNumber ? 2 : 1;
    Update.addPath4 = Capabilities.addPath(sender, receiver, 0);
    Update.addPath6 = Capabilities.addPath(sender, receiver, 1);
  }

  private static useInferred(session: Session, sender: Direction, which: u32, at: usize, length: u32): void {
    Inference.learn(sender, at, length);
    for (let family: u32 = 0; family < 2; family++) {
      if ((Inference.overturned & (1 << family)) == 0 || session.rib(which, family).count == 0) continue;
      Rib.flush(Shadow.handle, session, which, family, MARK_REASON_STREAM_GAP);
    }
    Attributes.fourBytes = sender.inferredAs4 != 1;
    Attributes.kind = 0;
    Update.addPath4 = sender.inferredAddPath4 == 2;
    Update.addPath6 = sender.inferredAddPath6 == 2;
  }
}
