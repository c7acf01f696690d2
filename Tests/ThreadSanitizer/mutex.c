// Tells ThreadSanitizer of the two paths of Synchronization.Mutex it cannot see: under contention the lock is taken and
// given up inside the Swift runtime, which is not instrumented, and every such pair would be reported as a race.
//
// Linked into the program under test, these definitions go before the runtime's and call them.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

extern void __tsan_acquire(void *);
extern void __tsan_release(void *);

#define SWIFT_METHOD __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

// Synchronization._MutexHandle._lockSlow(UInt32) and _unlockSlow().
SWIFT_METHOD void lock_slow(uint32_t thread, SELF) __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
SWIFT_METHOD void unlock_slow(SELF) __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");

typedef SWIFT_METHOD void lock_method(uint32_t thread, SELF);
typedef SWIFT_METHOD void unlock_method(SELF);

static lock_method *runtime_lock;
static unlock_method *runtime_unlock;

// Before any thread exists, so that no lock is needed to find the locks.
__attribute__((constructor)) static void find_runtime(void) {
  runtime_lock = (lock_method *)dlsym(RTLD_NEXT, "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
  runtime_unlock = (unlock_method *)dlsym(RTLD_NEXT, "$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
}

SWIFT_METHOD void lock_slow(uint32_t thread, SELF) {
  runtime_lock(thread, self);
  __tsan_acquire(self);
}

SWIFT_METHOD void unlock_slow(SELF) {
  __tsan_release(self);
  runtime_unlock(self);
}
