// What Swift cannot import from the C library as it stands: functions behind _GNU_SOURCE (which cannot be defined here
// without contradicting Swift's own view of the C library) and types with unions.
#ifndef CLAUDE_PROXY_PLATFORM_H
#define CLAUDE_PROXY_PLATFORM_H

#include <stddef.h>
#include <stdint.h>
#include <malloc.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>
#include <link.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>

extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int __xpg_strerror_r(int, char *, size_t);
extern int pthread_setname_np(pthread_t, const char *);
extern int pthread_timedjoin_np(pthread_t, void **, const struct timespec *);

// An epoll event whose data is always a number: the same layout without the union.
struct cp_event {
  uint32_t readiness;
  uint64_t token;
} __EPOLL_PACKED;
_Static_assert(sizeof(struct cp_event) == sizeof(struct epoll_event), "layout of epoll_event");

static inline int cp_epoll_add(int epoll, int descriptor, uint32_t interest, uint64_t token) {
  struct epoll_event event = {.events = interest, .data = {.u64 = token}};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

static inline int cp_epoll_change(int epoll, int descriptor, uint32_t interest, uint64_t token) {
  struct epoll_event event = {.events = interest, .data = {.u64 = token}};
  return epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event);
}

static inline int cp_epoll_remove(int epoll, int descriptor) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

static inline int cp_epoll_wait(int epoll, struct cp_event *events, int room, int milliseconds) {
  return epoll_wait(epoll, (struct epoll_event *)events, room, milliseconds);
}

static inline int cp_accept(int listener, struct sockaddr *address, socklen_t *length) {
  return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static inline int cp_stream_socket(int family) {
  return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static inline int cp_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

static inline int cp_signalfd(const sigset_t *signals) { return signalfd(-1, signals, SFD_NONBLOCK | SFD_CLOEXEC); }

static inline int cp_join_within(pthread_t thread, long milliseconds) {
  struct timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_sec += milliseconds / 1000;
  end.tv_nsec += milliseconds % 1000 * 1000000;
  end.tv_sec += end.tv_nsec / 1000000000;
  end.tv_nsec %= 1000000000;
  return pthread_timedjoin_np(thread, NULL, &end);
}

// The beginning of what <link.h> calls dl_phdr_info.
struct cp_image {
  ElfW(Addr) base;
  const char *name;
  const ElfW(Phdr) *segments;
  ElfW(Half) count;
};

extern int dl_iterate_phdr(int (*visit)(struct cp_image *image, size_t size, void *context), void *context);

// What is never written can be read from its file again. The kernel's own image has none; it is named, the program is not.
static inline int cp_unload_image(struct cp_image *image, size_t size, void *context) {
  const uintptr_t page = *(const uintptr_t *)context;
  if (image->name[0] != '/' && image->name[0] != 0) return 0;
  for (int index = 0; index < image->count; index++) {
    const ElfW(Phdr) *segment = &image->segments[index];
    if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
    uintptr_t start = image->base + segment->p_vaddr;
    uintptr_t end = (start + segment->p_memsz) & ~(page - 1);
    start = (start + page - 1) & ~(page - 1);
    if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

static inline void cp_unload_code(void) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  dl_iterate_phdr(cp_unload_image, &page);
}

static inline int cp_describe_error(int code, char *text, size_t room) { return __xpg_strerror_r(code, text, room); }

#endif
