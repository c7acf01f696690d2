// usage: load PORT PATH CONNECTIONS REQUESTS WISH
//
// Keeps CONNECTIONS busy until REQUESTS answers have been read whole. Prints how many bytes of bodies came, how
// many seconds it took, and within how many microseconds half of the answers and 99 % of them were whole. Exits
// with 1 at the first answer that is not a 200 or does not end as it should.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 8192, INPUT = 1 << 18 };

enum state { IN_HEAD, IN_BODY, IN_SIZE, IN_CHUNK, AFTER_CHUNK, IN_END };

struct connection {
  int fd;
  enum state state;
  char head[HEAD];
  size_t have;
  long left;
  double begun;
};

static char request[4096];
static size_t request_length;
static long to_start, to_finish;
static unsigned long long received;
static double *waits;
static long whole;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static int compare(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

static void fail(const char *what) {
  fprintf(stderr, "load: %s\n", what);
  exit(1);
}

static void start(struct connection *c) {
  if (to_start-- <= 0) {
    close(c->fd);
    c->fd = -1;
    return;
  }
  c->state = IN_HEAD;
  c->have = 0;
  c->begun = now();
  if (send(c->fd, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length) fail("a request was not taken");
}

static void finish(struct connection *c) {
  to_finish--;
  waits[whole++] = now() - c->begun;
  start(c);
}

static void end_head(struct connection *c) {
  c->head[c->have] = 0;
  if (strncmp(c->head, "HTTP/1.1 200 ", 13)) fail(c->head);
  char *length = strcasestr(c->head, "\ncontent-length:");
  c->have = 0;
  c->left = length ? atol(length + 16) : 0;
  c->state = length ? IN_BODY : IN_SIZE;
  if (length && !c->left) finish(c);
}

// Collects bytes up to and with a line's (or head's) end; returns how many it took, -1 when the line is not whole.
static long collect(struct connection *c, const char *data, size_t count, const char *end) {
  size_t length = strlen(end);
  for (size_t i = 0; i < count; i++) {
    if (c->have == HEAD - 1) fail("a line is too long");
    c->head[c->have++] = data[i];
    if (c->have >= length && !memcmp(c->head + c->have - length, end, length)) return i + 1;
  }
  return -1;
}

static void eat(struct connection *c, const char *data, size_t count) {
  while (count && c->fd >= 0) {
    long taken = 0;
    switch (c->state) {
    case IN_HEAD:
      if ((taken = collect(c, data, count, "\r\n\r\n")) < 0) return;
      end_head(c);
      break;
    case IN_SIZE:
      if ((taken = collect(c, data, count, "\r\n")) < 0) return;
      c->left = strtol(c->head, NULL, 16);
      c->have = 0;
      c->state = c->left ? IN_CHUNK : IN_END;
      break;
    case AFTER_CHUNK:
    case IN_END:
      if ((taken = collect(c, data, count, "\r\n")) < 0) return;
      c->have = 0;
      if (c->state == IN_END) finish(c);
      else c->state = IN_SIZE;
      break;
    case IN_BODY:
    case IN_CHUNK:
      taken = c->left < (long)count ? c->left : (long)count;
      received += taken;
      c->left -= taken;
      if (c->left) return;
      if (c->state == IN_BODY) finish(c);
      else c->state = AFTER_CHUNK;
      break;
    }
    data += taken;
    count -= taken;
  }
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  int connections = atoi(argv[3]);
  to_start = to_finish = atol(argv[4]);
  waits = calloc(to_start, sizeof *waits);
  const char *stream = strstr(argv[5], "bench:events") ? "true" : "false";
  char body[2048];
  int length = snprintf(body, sizeof body,
                        "{\"model\":\"m\",\"stream\":%s,\"max_tokens\":64,\"messages\":"
                        "[{\"role\":\"user\",\"content\":\"%s %0900d\"}]}",
                        stream, argv[5], 0);
  request_length = snprintf(request, sizeof request,
                            "POST %s HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
                            "anthropic-version: 2023-06-01\r\nAccept: */*\r\nUser-Agent: bench/1\r\n"
                            "Content-Length: %d\r\n\r\n%s",
                            argv[2], length, body);
  int loop = epoll_create1(0);
  struct sockaddr_in address = {AF_INET, htons(atoi(argv[1])), {htonl(INADDR_LOOPBACK)}, {0}};
  double begin = now();
  for (int i = 0; i < connections; i++) {
    struct connection *c = calloc(1, sizeof *c);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(c->fd, (void *)&address, sizeof address)) fail("no connection");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    epoll_ctl(loop, EPOLL_CTL_ADD, c->fd, &(struct epoll_event){EPOLLIN, {.ptr = c}});
    start(c);
    // Thousands at once would fill the upstream's backlog, and be refused there.
    if (i >= 1000 && i % 50 == 49) usleep(20000);
  }
  static char input[INPUT];
  while (to_finish > 0) {
    struct epoll_event ready[64];
    int count = epoll_wait(loop, ready, 64, 30000);
    if (!count) fail("nothing came for 30 s");
    for (int i = 0; i < count; i++) {
      struct connection *c = ready[i].data.ptr;
      if (c->fd < 0) continue;
      ssize_t n = recv(c->fd, input, sizeof input, MSG_DONTWAIT);
      if (n < 0 && errno == EAGAIN) continue;
      if (n <= 0) fail("the connection was closed");
      eat(c, input, n);
    }
  }
  double end = now();
  qsort(waits, whole, sizeof *waits, compare);
  printf("%llu %.6f %.1f %.1f\n", received, end - begin, waits[whole / 2] * 1e6, waits[whole * 99 / 100] * 1e6);
}
