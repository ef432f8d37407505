#!/usr/bin/env python3
"""Switch between access interfaces and an 802.1Q trunk, for kernels without the 8021q module.

vlan_relay.py TRUNK ACCESS:VLAN ...   (run inside a network namespace, as root)
Node has no raw sockets, so this one piece of the labs is Python. Frames read from an access
interface get a tag (0x8100, priority 0) and go to the trunk; tagged frames from the trunk lose
the tag and go to the access interface of their VLAN.
"""
import select
import socket
import struct
import sys

ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_AUXDATA = 8
PACKET_IGNORE_OUTGOING = 23
TP_STATUS_VLAN_VALID = 1 << 4
DOT1Q = 0x8100


def open_port(name):
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    port.bind((name, ETH_P_ALL))
    port.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    port.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    return port


def receive(port):
    """The frame as on the wire: the kernel keeps a tag outside the data, so it is put back."""
    frame, ancillary, _flags, _address = port.recvmsg(65535, 512)
    for level, kind, data in ancillary:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _len, _snap, _mac, _net, tci, tpid = struct.unpack('IIIHHHH', data[:20])
            if status & TP_STATUS_VLAN_VALID:
                frame = frame[:12] + struct.pack('!HH', tpid or DOT1Q, tci) + frame[12:]
    return frame


def main():
    trunk = open_port(sys.argv[1])
    access = {}
    for argument in sys.argv[2:]:
        name, vlan = argument.rsplit(':', 1)
        access[int(vlan)] = open_port(name)
    vlan_of = {port: vlan for vlan, port in access.items()}
    while True:
        for port in select.select([trunk, *access.values()], [], [])[0]:
            try:
                frame = receive(port)
                if port is not trunk:
                    trunk.send(frame[:12] + struct.pack('!HH', DOT1Q, vlan_of[port]) + frame[12:])
                elif len(frame) >= 18 and frame[12:14] == b'\x81\x00':
                    target = access.get(struct.unpack('!H', frame[14:16])[0] & 0xfff)
                    if target:
                        target.send(frame[:12] + frame[16:])
            except OSError as error:
                print(f'relay: {error}', flush=True)


if __name__ == '__main__':
    main()
