// What the Glibc module lacks of Linux's scheduler.
#pragma once

#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/// The kernel's struct sched_attr, which glibc has from 2.41 on.
struct shim_sched_attr {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

/// Asks for so long a time slice for the calling thread, in nanoseconds. Linux gives 0.1 to 100 ms from 6.12 on; before
/// it takes the call and does nothing.
static inline int shim_set_time_slice(uint64_t nanoseconds) {
    struct shim_sched_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return -1;
    attributes.runtime = nanoseconds;
    return (int)syscall(SYS_sched_setattr, 0, &attributes, 0);
}
