/** Reads the frame under the decoder into the static place of its packet type; touches no state. */
import { DatabaseDescription } from './database-description.ts';
import { Hello } from './hello.ts';
import {
  PACKET_DATABASE_DESCRIPTION, PACKET_HELLO, PACKET_LINK_STATE_REQUEST, PACKET_LINK_STATE_UPDATE,
} from './iana.ts';
import { LinkStateAcknowledgment } from './link-state-acknowledgment.ts';
import { LinkStateRequest } from './link-state-request.ts';
import { LinkStateUpdate } from './link-state-update.ts';
import { Packet, PACKET_OK } from './packet.ts';

/** PACKET_OK, or the PDU-level error at `Packet.errorOffset`. */
export function parsePacket(): i32 {
  const error = Packet.read();
  if (error != PACKET_OK) return error;
  if (Packet.type == PACKET_HELLO) return Hello.read();
  if (Packet.type == PACKET_DATABASE_DESCRIPTION) return DatabaseDescription.read();
  if (Packet.type == PACKET_LINK_STATE_REQUEST) return LinkStateRequest.read();
  if (Packet.type == PACKET_LINK_STATE_UPDATE) return LinkStateUpdate.read();
  return LinkStateAcknowledgment.read();
}
