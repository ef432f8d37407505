/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* The maps; the loader shares them among all program instances. */
#ifndef ROUTEWATCH_MAPS_H
#define ROUTEWATCH_MAPS_H

#include "kernel.h"
#include "config.h"

/* Frame records, in the order of their arrival. Size by configuration. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

/* Where a record is built: key CPU. Per-CPU maps stop at 32 KB a value. The loader sets the number of CPUs. */
struct scratch {
	struct rw_frame frame;
	__u8 bytes[RW_MOST_CAPTURED];
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

/* Key: an instance's slot. The loader sets the number of slots. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 512);
	__type(key, __u32);
	__type(value, struct rw_counters);
} counters SEC(".maps");

/* Hellos by sender. Size by configuration. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct rw_hello_key);
	__type(value, struct rw_hello);
} hellos SEC(".maps");

/* VLANs, GRE keys and VNIs that pass where rw_config.filters asks for them. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct rw_allowed);
	__type(value, __u8);
} allowed SEC(".maps");

/* Fragmented datagrams of BGP: only their first fragment names the ports. */
struct datagram {
	__u8 addresses[32]; /* source, destination */
	__u32 id;
	__u32 unused;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct datagram);
	__type(value, __u64); /* boot clock of the first fragment */
} datagrams SEC(".maps");

/* Key 0: boot clock of the reader's last wake-up. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} wake SEC(".maps");

static __always_inline void add(__u32 what, __u64 value)
{
	__u32 slot = rw_config.slot;
	struct rw_counters *counted = bpf_map_lookup_elem(&counters, &slot);

	KEEP_BOUND(what);
	if (counted && what < RW_COUNTERS)
		counted->count[what] += value;
}

static __always_inline void count(__u32 what)
{
	add(what, 1);
}

/* This CPU's scratch; a program does not move to another CPU while it runs. */
static __always_inline struct scratch *own_scratch(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&scratch, &cpu);
}

#endif
