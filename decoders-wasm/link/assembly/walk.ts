/** The walk through the layers of one packet, in as many steps as it has headers, bounded. */
import { PROTOCOL_BGP, PROTOCOL_ISIS, PROTOCOL_OSPFV2, PROTOCOL_OSPFV3 } from '../../base/assembly/generated/frame.ts';
import { ethernet, jumboLlc, llc, osi, osiPadded, ppp, pppoe, vlan } from './ethernet.ts';
import { ip, ipPayload, ipv4, ipv6 } from './ip.ts';
import * as layer from './layers.ts';
import { firstLayer } from './link-types.ts';
import { mpls } from './mpls.ts';
import { Packet, c } from './packet.ts';
import { MOST_OFFSET, Records } from './records.ts';
import { erspan, erspanIII, gre, nsh, udp } from './tunnels.ts';

/** Headers one inside the other that are followed at most. */
const MOST_STEPS: u32 = 32;

/** Classifies the packet that `Packet.begin` was given, writes its record if it is ours, gives its outcome from 0. */
export function walk(linkType: u32): i32 {
  let next = firstLayer(linkType);
  for (let i: u32 = 0; next < layer.END; i++) {
    if (c.error != 0) break;
    next = i == MOST_STEPS ? layer.TOO_DEEP : step(next);
  }
  if (c.error != 0) next = layer.MALFORMED;
  if (next == layer.MALFORMED && Packet.captured < Packet.original) next = layer.TRUNCATED;
  if (next <= layer.BGP) next = keep(next);
  return next - layer.END;
}

function step(next: i32): i32 {
  switch (next) {
    case layer.LAYER_ETHERNET: return ethernet();
    case layer.LAYER_VLAN: return vlan();
    case layer.LAYER_LLC: return llc();
    case layer.LAYER_JUMBO_LLC: return jumboLlc();
    case layer.LAYER_PPPOE: return pppoe();
    case layer.LAYER_PPP: return ppp();
    case layer.LAYER_OSI: return osi();
    case layer.LAYER_OSI_PADDED: return osiPadded();
    case layer.LAYER_IP: return ip();
    case layer.LAYER_IPV4: return ipv4();
    case layer.LAYER_IPV6: return ipv6();
    case layer.LAYER_IP_PAYLOAD: return ipPayload();
    case layer.LAYER_MPLS: return mpls();
    case layer.LAYER_GRE: return gre();
    case layer.LAYER_UDP: return udp();
    case layer.LAYER_NSH: return nsh();
    case layer.LAYER_ERSPAN: return erspan();
    case layer.LAYER_ERSPAN_III: return erspanIII();
  }
  return layer.MALFORMED;
}

/** Writes the record; the result is the outcome that came of it. */
function keep(found: i32): i32 {
  if (Packet.offset() > MOST_OFFSET) return layer.TOO_DEEP;
  return Records.write(protocolOf(found)) ? found : layer.KEY_REFUSED;
}

function protocolOf(found: i32): u8 {
  switch (found) {
    case layer.ISIS: return PROTOCOL_ISIS;
    case layer.OSPFV2: return PROTOCOL_OSPFV2;
    case layer.OSPFV3: return PROTOCOL_OSPFV3;
  }
  return PROTOCOL_BGP;
}
