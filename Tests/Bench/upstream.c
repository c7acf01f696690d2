// usage: upstream            prints its port; answers as the word in the request's body says
//
// It speaks Chat Completions.
//
//   bench:plain:BYTES         an answer of about that size
//   bench:events:COUNT:MS     a stream of that many events, MS milliseconds apart, or as fast as it is read
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { PORTION = 200, INPUT = 1 << 16 };

static const char event[] =
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":"
    "[{\"index\":0,\"delta\":{\"content\":\" word\"},\"finish_reason\":null}]}\n\n";
static const char stream_head[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
// How such a stream ends.
static const char last_events[] =
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":"
    "[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
static char chunk[512], portion[PORTION * 512];
static size_t chunk_length;

struct connection {
  int fd, timer;
  char input[INPUT];
  size_t have;
  long left;  // events of the running stream still to come; -1 when none runs
  char *output;
  size_t length, sent;
  struct connection *next;
};

static int loop;
static struct connection *gone;  // closed, but events of this turn may still name them

static void drop(struct connection *c) {
  if (c->timer >= 0) close(c->timer);
  close(c->fd);
  c->fd = c->timer = -1;
  c->next = gone;
  gone = c;
}

static void bury(void) {
  for (struct connection *c; (c = gone);) {
    gone = c->next;
    free(c->output);
    free(c);
  }
}

static void put(struct connection *c, const char *data, size_t length) {
  c->output = realloc(c->output, c->length + length);
  memcpy(c->output + c->length, data, length);
  c->length += length;
}

// Returns 0 when the connection is gone.
static int flush(struct connection *c) {
  while (c->sent < c->length) {
    ssize_t n = send(c->fd, c->output + c->sent, c->length - c->sent, MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN;
    c->sent += n;
  }
  c->sent = c->length = 0;
  return 1;
}

static void watch(struct connection *c) {
  struct epoll_event e = {EPOLLIN | EPOLLRDHUP, {.ptr = c}};
  if (c->length || (c->left > 0 && c->timer < 0)) e.events |= EPOLLOUT;
  epoll_ctl(loop, EPOLL_CTL_MOD, c->fd, &e);
}

static void put_events(struct connection *c, long count) {
  if (count > c->left) count = c->left;
  put(c, portion, chunk_length * count);
  c->left -= count;
  if (c->left) return;
  char end[512];
  put(c, end, snprintf(end, sizeof end, "%zx\r\n%s\r\n0\r\n\r\n", sizeof last_events - 1, last_events));
  c->left = -1;
  if (c->timer >= 0) close(c->timer);
  c->timer = -1;
}

static void start(struct connection *c, const char *wish) {
  long count = 0, milliseconds = 0;
  if (sscanf(wish, "bench:events:%ld:%ld", &count, &milliseconds) == 2) {
    put(c, stream_head, sizeof stream_head - 1);
    c->left = count;
    if (!milliseconds) return;
    c->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct timespec step = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    timerfd_settime(c->timer, 0, &(struct itimerspec){step, step}, NULL);
    epoll_ctl(loop, EPOLL_CTL_ADD, c->timer, &(struct epoll_event){EPOLLIN, {.u64 = (uintptr_t)c | 1}});
    return;
  }
  if (sscanf(wish, "bench:plain:%ld", &count) != 1 || count > INPUT) exit(3);
  static char body[INPUT + 512], head[128];
  int length = snprintf(
      body, sizeof body,
      "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":"
      "{\"role\":\"assistant\",\"content\":\"%0*d\"},\"finish_reason\":\"stop\"}],"
      "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}",
      (int)count, 0);
  put(c, head,
      snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
               length));
  put(c, body, length);
}

// Starts the answer of each complete request; one that is too long for the buffer ends the connection.
static int read_requests(struct connection *c) {
  ssize_t n = recv(c->fd, c->input + c->have, sizeof c->input - 1 - c->have, 0);
  if (n <= 0) return n < 0 && errno == EAGAIN;
  c->have += n;
  c->input[c->have] = 0;
  char *end = strstr(c->input, "\r\n\r\n");
  if (!end) return 1;
  char *field = strcasestr(c->input, "content-length:");
  size_t whole = end + 4 - c->input + (field && field < end ? atol(field + 15) : 0);
  if (c->have < whole) return 1;
  char *wish = strstr(end, "bench:");
  if (!wish) return 0;
  start(c, wish);
  memmove(c->input, c->input + whole, c->have - whole);
  c->have -= whole;
  return 1;
}

static void turn(struct connection *c, uint32_t events) {
  if (c->fd < 0) return;
  int alive = !(events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP));
  if (alive && events & EPOLLIN) alive = read_requests(c);
  if (alive && c->left > 0 && c->timer < 0 && !c->length) put_events(c, PORTION);
  if (alive) alive = flush(c);
  if (alive) watch(c);
  else drop(c);
}

static void tick(struct connection *c) {
  uint64_t times;
  if (c->timer < 0 || read(c->timer, &times, sizeof times) != sizeof times) return;
  put_events(c, times);
  if (flush(c)) watch(c);
}

int main(void) {
  chunk_length = snprintf(chunk, sizeof chunk, "%zx\r\n%s\r\n", sizeof event - 1, event);
  for (int i = 0; i < PORTION; i++) memcpy(portion + i * chunk_length, chunk, chunk_length);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {0}};
  socklen_t size = sizeof address;
  if (bind(listener, (void *)&address, size) || listen(listener, 4096)) return 1;
  getsockname(listener, (void *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  loop = epoll_create1(0);
  epoll_ctl(loop, EPOLL_CTL_ADD, listener, &(struct epoll_event){EPOLLIN, {.u64 = 0}});
  for (;;) {
    struct epoll_event ready[64];
    int count = epoll_wait(loop, ready, 64, -1);
    for (int i = 0; i < count; i++) {
      uintptr_t data = ready[i].data.u64;
      if (data & 1) {
        tick((struct connection *)(data & ~1ul));
        continue;
      }
      if (data) {
        turn((struct connection *)data, ready[i].events);
        continue;
      }
      int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
      if (fd < 0) continue;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
      struct connection *c = calloc(1, sizeof *c);
      c->fd = fd;
      c->timer = c->left = -1;
      epoll_ctl(loop, EPOLL_CTL_ADD, fd, &(struct epoll_event){EPOLLIN | EPOLLRDHUP, {.ptr = c}});
    }
    bury();
  }
}
