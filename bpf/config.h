/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* The knobs: the loader writes them before it loads an instance; the verifier then drops what they switch off. */
#ifndef ROUTEWATCH_CONFIG_H
#define ROUTEWATCH_CONFIG_H

#include "kernel.h"
#include "frame.h"
#include "state.h"

volatile const struct rw_config rw_config SEC(".rodata.config") = {
	.hello_ship_ns = 60000000000ULL,
	.wake_interval_ns = 2000000ULL,
	.link_type = 1,
	.encapsulations = RW_ENCAPSULATION_VLAN | RW_ENCAPSULATION_QINQ | RW_ENCAPSULATION_MPLS,
	.protocols = 1 << RW_PROTOCOL_ISIS | 1 << RW_PROTOCOL_OSPFV2 | 1 << RW_PROTOCOL_OSPFV3 | 1 << RW_PROTOCOL_BGP,
	.direction = RW_DIRECTION_INGRESS,
};

static __always_inline int follows(__u32 encapsulation)
{
	return (rw_config.encapsulations & encapsulation) != 0;
}

#endif
