/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* The kernel's own headers, in one place. */
#ifndef ROUTEWATCH_KERNEL_H
#define ROUTEWATCH_KERNEL_H

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#ifndef TCX_NEXT
#define TCX_NEXT -1 /* also TC_ACT_UNSPEC: "not mine, go on" */
#endif

/* Keeps the compiler from forgetting a bound that the verifier needs to see. */
#define KEEP_BOUND(value) asm volatile("" : "+r"(value))

#endif
