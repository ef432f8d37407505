// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A filter that does nothing: what the kernel itself takes to run one. The benchmark measures against it. */
#include "kernel.h"

SEC("tc")
int empty(struct __sk_buff *skb)
{
	return TCX_NEXT;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
